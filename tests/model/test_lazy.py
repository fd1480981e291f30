"""A run imports the pages of the services in use and no other."""

from __future__ import annotations

import subprocess
import sys

from inferctl.model.services import service_names
from inferctl.nearest import nearest

PROGRAM = """
import sys
from inferctl.workspace.endpoint_file import read_file
text = b"inference_id: e\\ntask_type: rerank\\nservice: %s\\nservice_settings: {model_id: m, api_key: {env: K}}\\n"
for name in sys.argv[1:]:
    read_file("f.yaml", text % name.encode())
print(*sorted(m.rpartition(".")[2] for m in sys.modules if m.startswith("inferctl.model.services.")))
"""
PAGES = {name.replace("-", "_") for name in service_names()}


def imported(*names: str) -> set[str]:
    """The pages that a process has imported after reading one file for each name."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *names], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) & PAGES


def test_only_the_services_in_use_are_imported() -> None:
    assert imported("cohere", "jinaai") == {"cohere", "jinaai"}


def test_a_misspelled_service_imports_nothing() -> None:
    assert imported("coher") == set()
    assert nearest("coher", service_names()) == "cohere"


def test_every_name_has_its_page() -> None:
    assert imported(*service_names()) == PAGES
