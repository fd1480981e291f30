"""docs/reference/diagnostics.md and the table of codes say the same."""

from __future__ import annotations

from itertools import groupby

from inferctl.diagnostic_pages import CODES

from .generated import check_part
from .pages import DOCS, anchors

PAGE = DOCS / "reference" / "diagnostics.md"


def anchor(code: str) -> str:
    return code.replace(".", "")


def escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*")


def test_the_page_holds_the_table() -> None:
    lines = []
    for _, codes in groupby(sorted(CODES), key=lambda code: code.partition(".")[0]):
        for code in codes:
            page = CODES[code]
            lines += [f"## {code}", "", f"{escaped(page.title)}. {escaped(page.explanation)}", ""]
            if page.fix:
                lines += [f"```text\n{page.fix}\n```", ""]
    check_part(PAGE, "codes", "\n".join(lines))


def test_the_list_leads_to_each_code() -> None:
    listed = "\n".join(f"| [`{code}`](#{anchor(code)}) | {escaped(CODES[code].title)} |" for code in sorted(CODES))
    check_part(PAGE, "list", "| Code | |\n| --- | --- |\n" + listed)
    assert {anchor(code) for code in CODES} <= anchors(PAGE)
