"""The HTTP library comes without its command line, and stays whole for everybody else."""

from __future__ import annotations

import subprocess
import sys


def _says(program: str) -> list[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_the_client_does_not_pull_in_a_command_line() -> None:
    program = "import inferctl.client.http_transport, sys; print(*(n in sys.modules for n in ('httpx', 'httpx._main', 'rich', 'pygments')))"
    assert _says(program) == ["True", "False", "False", "False"]


def test_who_imported_the_library_first_keeps_it_as_it_was() -> None:
    program = "import httpx; before = httpx.main; import inferctl.client.http_transport; print(httpx.main is before)"
    assert _says(program) == ["True"]


def test_the_command_line_can_still_be_imported_later() -> None:
    program = "import inferctl.client.http_transport; import httpx._main; print(httpx._main.__name__)"
    assert _says(program) == ["httpx._main"]
