"""The threat model: each row points to tests, and the tests are there."""

from __future__ import annotations

import re

from .pages import ROOT

ROWS = [
    line
    for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| Somebody wants", "| ---"))
]


def test_each_row_points_to_tests() -> None:
    assert len(ROWS) > 10
    for row in ROWS:
        files = re.findall(r"\[tests\]\((tests/\S+\.py)\)", row)
        assert files, row
        for file in files:
            assert "def test_" in (ROOT / file).read_text(encoding="utf-8"), file


def test_each_kind_of_attack_has_a_row() -> None:
    page = "\n".join(ROWS)
    files = [f"tests/attacks/{file.name}" for file in sorted((ROOT / "tests" / "attacks").glob("test_*.py"))]
    assert [file for file in files if file not in page] == []
