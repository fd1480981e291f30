"""docs/reference/exit-codes.md and exit_codes.py say the same."""

from __future__ import annotations

import re

from inferctl.exit_codes import Exit

from .pages import DOCS
from .test_commands import COMMANDS

TEXT = (DOCS / "reference" / "exit-codes.md").read_text(encoding="utf-8")


def test_table() -> None:
    rows = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", TEXT, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(code.value, code.name) for code in Exit]


def test_each_command_names_codes_that_exist() -> None:
    rows = dict(re.findall(r"^\| `([a-z ]+)` \| ([\d, ]+) \|$", TEXT, re.MULTILINE))
    assert set(rows) == set(COMMANDS)
    for codes in rows.values():
        assert {int(code) for code in codes.split(", ")} <= {code.value for code in Exit}
