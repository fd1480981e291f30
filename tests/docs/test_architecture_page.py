"""The page of the rooms: its picture is that of the imports, its files exist, its walks are the ones that are taken."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from tests.in_process import run_here
from tests.running import clean_environment

import inferctl

from .pages import DOCS, ROOT, spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

PAGE = DOCS / "explanation" / "architecture.md"
SCRIPT = ROOT / "scripts" / "generate-architecture"
SOURCE = ROOT / "src" / "inferctl"
STEP = re.compile(r"`(\w+)\(\)`(?: and `(\w+)\(\)`)? in `([\w/]+\.py)`")
FILE = """\
inference_id: search
task_type: rerank
service: cohere
service_settings: {model_id: MODEL, api_key: {env: COHERE_API_KEY}}
"""
Call = tuple[str, str]
"""A file of the package, and a function in it."""


def walk(name: str) -> list[Call]:
    """The functions of the numbered list below the mark, in order."""
    part = PAGE.read_text(encoding="utf-8").partition(f"<!-- walk: {name} -->")[2].partition("\n## ")[0]
    text = " ".join(part.split())
    return [(file, function) for *functions, file in STEP.findall(text) for function in functions if function]


def calls(folder: Path, *arguments: str) -> list[Call]:
    """Run the command here: the functions that were called, in order."""
    calls: list[Call] = []
    package = f"{inferctl.__path__[0]}/"

    def note(frame: FrameType, event: str, _argument: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(package):
            calls.append((file.removeprefix(package), frame.f_code.co_name))

    environment = {**clean_environment(), "COHERE_API_KEY": "k"}
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        finished = run_here(folder, environment, *arguments)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert finished.code == 0, finished.err
    return calls


def first_missing(walk: list[Call], taken: Iterator[Call]) -> Call | None:
    """The first call of the walk that does not come after the one before it."""
    return next((call for call in walk if call not in taken), None)


def test_picture_and_table_are_those_of_the_source() -> None:
    """`scripts/generate-architecture` mends it."""
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_files_exist() -> None:
    named = {span for span in spans(PAGE) if re.fullmatch(r"\w+/[\w/]+\.py", span)}
    assert len(named) > 15
    assert {name for name in named if not (SOURCE / name).is_file()} == set()


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Call]]:
    """What an apply calls, and then a plan of the same file with another model."""
    folder = tmp_path_factory.mktemp("walks")
    file = folder / "search.yaml"
    file.write_text(FILE.replace("MODEL", "rerank-v3.5"), encoding="utf-8")
    apply = calls(folder, "apply", "--emulator", "search.yaml", "--yes")
    file.write_text(FILE.replace("MODEL", "rerank-v4.0"), encoding="utf-8")
    return {"apply": apply, "plan": calls(folder, "plan", "--emulator", "--manage", "*", "search.yaml")}


@pytest.mark.parametrize(("name", "steps"), [("apply", 16), ("plan", 10)])
def test_the_walk_is_the_one_that_is_taken(name: str, steps: int, taken: dict[str, list[Call]]) -> None:
    on_the_page = walk(name)
    assert len(on_the_page) >= steps
    assert first_missing(on_the_page, iter(taken[name])) is None
