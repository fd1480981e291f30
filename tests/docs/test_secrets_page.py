"""The page about secrets lists what cannot be recognised: what the attacks know of it, no more, no less."""

from __future__ import annotations

from tests.attacks.echoes import NOT_RECOGNISED

from .generated import check_part
from .pages import DOCS


def test_what_cannot_be_recognised() -> None:
    rows = ["| A secret that comes back … | such as |", "| --- | --- |"]
    rows += [f"| {name} | {row.such_as} |" for name, row in NOT_RECOGNISED.items()]
    check_part(DOCS / "explanation" / "secrets.md", "not recognised", "\n".join(rows))
