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
