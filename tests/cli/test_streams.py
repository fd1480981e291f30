"""Streams and places that cannot take what is written: closed, full, a pipe, a folder that takes no file."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
import termios
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.in_process import Finished
from tests.running import Emulator, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Shell

COHERE = """\
inference_id: shop-rerank
task_type: rerank
service: cohere
service_settings: {model_id: rerank-v3.5, api_key: {env: COHERE_API_KEY}}
"""
FULL = Path("/dev/full")


@pytest.fixture
def redirected(
    emulator: Emulator, folder: Callable[[dict[str, str]], Path], tmp_path: Path
) -> Callable[[str, str], Finished]:
    """Runs a command on one new endpoint with a redirection of the shell."""
    folder({"rerank.yaml": COHERE})

    def run(arguments: str, redirection: str) -> Finished:
        done = subprocess.run(
            ["sh", "-c", f'"$0" -m inferctl {arguments} endpoints {redirection}', sys.executable],
            cwd=tmp_path,
            env={**clean_environment(), "ELASTICSEARCH_URL": emulator.url, "COHERE_API_KEY": "k"},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


def there(emulator: Emulator) -> bool:
    return any(e["inference_id"] == "shop-rerank" for e in emulator.call("GET", "/_inference/_all")["endpoints"])


def test_closed_streams_change_nothing(redirected: Callable[[str, str], Finished], emulator: Emulator) -> None:
    assert redirected("plan --detailed-exitcode", ">&-").code == 2
    applied = redirected("apply --yes", ">&- 2>&-")
    assert (applied.code, applied.out, applied.err) == (0, "", "")
    assert there(emulator)


def test_a_full_disk_is_no_defect_of_ours(redirected: Callable[[str, str], Finished], emulator: Emulator) -> None:
    planned = redirected("plan", f"> {FULL}")
    assert planned.code == 1
    assert planned.err == "error[output]: the output cannot be written: No space left on device\n"
    asked = redirected("apply", f"> {FULL}")
    assert (asked.code, there(emulator)) == (3, False)  # nobody approved it


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_what_was_approved_is_done_where_nobody_can_see_it(
    redirected: Callable[[str, str], Finished], emulator: Emulator, tmp_path: Path, output_format: str
) -> None:
    applied = redirected(f"apply --yes --format {output_format} --report text=report.txt", f"> {FULL}")
    assert applied.code == 0
    assert there(emulator)
    assert "cannot be written to stdout: No space left on device" in applied.err
    assert "Plan: 1 to create" in applied.err
    assert "Apply: 1 done. Exit code 0." in applied.err
    assert "Apply: 1 done. Exit code 0." in (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_a_reader_that_went_away_ends_no_run(redirected: Callable[[str, str], Finished], emulator: Emulator) -> None:
    applied = redirected("apply --yes", "| true")
    assert "Traceback" not in applied.err
    assert there(emulator)


def test_a_full_stderr_ends_no_run(redirected: Callable[[str, str], Finished], emulator: Emulator) -> None:
    applied = redirected("apply --yes", f"2> {FULL}")
    assert applied.code == 0
    assert "Apply: 1 done. Exit code 0." in applied.out
    assert there(emulator)


@pytest.mark.parametrize(
    ("arguments", "code"), [("plan --no-such-flag", 64), ("plan --url http://127.0.0.1:1 --emulator", 64), ("show", 1)]
)
def test_a_full_stderr_costs_no_exit_code(
    redirected: Callable[[str, str], Finished], arguments: str, code: int
) -> None:
    assert redirected(arguments, f"2> {FULL}").code == code


def test_a_report_goes_through_a_pipe(
    shell: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    folder({"rerank.yaml": COHERE})
    pipe = shell.folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    done = shell("plan", "endpoints", "--url", emulator.url, "--report", f"text={pipe}")
    reader.join(timeout=20)
    assert (done.code, read) == (0, [done.out])
    assert pipe.is_fifo()


def test_a_report_that_cannot_be_written_leaves_nothing_behind(
    shell: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"rerank.yaml": COHERE})
    done = shell("plan", files, "--url", emulator.url, "--report", f"text={files}")
    assert done.code == 1  # a job that reads the report would miss it
    assert f"error: the report {files} could not be written: Is a directory" in done.err
    assert sorted(path.name for path in files.parent.iterdir()) == ["endpoints"]


def test_the_state_of_the_emulator_stays_out_of_git(
    shell: Shell, folder: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    files = folder({"rerank.yaml": COHERE})
    assert shell("plan", "--emulator", files).code == 0
    assert (tmp_path / ".inferctl" / ".gitignore").read_text(encoding="ascii") == "*\n"


def test_a_folder_that_takes_no_state_is_a_sentence(
    shell: Shell, folder: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    files = folder({"rerank.yaml": COHERE})
    (tmp_path / ".inferctl").write_text("a file stands in the way", encoding="utf-8")
    done = shell("plan", "--emulator", files)
    assert done.code == 64
    assert (
        done.err == "error[usage]: --emulator keeps its state in .inferctl/, and this folder takes none: File exists\n"
    )


def test_a_long_change_is_laid_out_for_the_width_of_the_terminal(
    shell: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = folder({"rerank.yaml": COHERE})
    body = {"service": "cohere", "service_settings": {"model_id": "rerank-multilingual-v2.0", "api_key": "k"}}
    emulator.call("PUT", "/_inference/rerank/shop-rerank", body)
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (40, 60))
    planned = subprocess.Popen(
        [sys.executable, "-m", "inferctl", "plan", str(files), "--url", emulator.url],
        cwd=shell.folder,
        env={**clean_environment(), "TERM": "dumb"},
        stdout=follower,
        stderr=subprocess.DEVNULL,
    )
    os.close(follower)
    said = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(leader, 4096):
            said += piece
    os.close(leader)
    assert planned.wait(timeout=60) == 3
    lines = said.decode().splitlines()
    assert '        - "rerank-multilingual-v2.0"' in lines
    assert '        + "rerank-v3.5"' in lines
