"""docs/reference/fixes.md holds the fixes that were typed, and each advice with its reason."""

from __future__ import annotations

from tests.docs.generated import check_part
from tests.docs.pages import DOCS

from .advice import REASONS
from .listing import provoked

PAGE = DOCS / "reference" / "fixes.md"


def cell(text: str) -> str:
    lines = [line.replace("|", "\\|") for line in text.split("\n")]
    return "<br>".join(f"`` {line} ``" if "`" in line else f"`{line}`" for line in lines)


def test_the_page_holds_every_fix_that_was_typed() -> None:
    rows = [f"| {complaint} | {kind} | {cell(text)} |" for complaint, kind, text in provoked() if kind != "advice"]
    check_part(PAGE, "typed", "\n".join(["| Complaint | Kind | Fix |", "| --- | --- | --- |", *rows]))


def test_the_page_says_why_the_rest_cannot_be() -> None:
    rows = [f"| {cell(text)} | {reason} |" for text, reason in sorted(REASONS.items())]
    check_part(PAGE, "advice", "\n".join(["| Advice | Why nothing can be typed |", "| --- | --- |", *rows]))
