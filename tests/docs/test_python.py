"""Python examples run, against an emulator, and print what the page shows below them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.running import clean_environment

from .generated import UPDATE
from .pages import PAGES, Block, blocks, name_of

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = [
    (found[number], found[number + 1] if number + 1 < len(found) else None)
    for found in map(blocks, PAGES)
    for number in range(len(found))
    if found[number].language == "python" and found[number].mark not in ("fragment", "service")
]


@pytest.mark.parametrize(("block", "after"), EXAMPLES, ids=lambda b: b.place if isinstance(b, Block) else "")
def test_example(block: Block, after: Block | None, emulator: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=tmp_path,
        env={**clean_environment(), "ELASTICSEARCH_URL": emulator},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert after is not None, f"{block.place}: what it prints is not shown"
    assert after.language == "text", f"{block.place}: what it prints is not shown"
    if UPDATE and after.text != done.stdout:
        now = blocks(block.page)  # earlier examples of the page may have moved it
        after = now[[b.text for b in now].index(block.text) + 1]
        text = after.page.read_text(encoding="utf-8")
        after.page.write_text(text[: after.start] + done.stdout + text[after.end :], encoding="utf-8", newline="\n")
        return
    assert after.text == done.stdout


def test_there_are_examples() -> None:
    assert [name_of(block.page) for block, _ in EXAMPLES].count("docs/reference/client.md") == 2
