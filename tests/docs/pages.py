"""The documentation as data: pages, their fenced blocks, their links, their inline code.

A comment right above a block tells the tests what it is: `<!-- file: PATH -->` (the reader writes it to PATH),
`<!-- refused -->` (an example of what is wrong), `<!-- fragment -->` (part of something), `<!-- not run -->`,
`<!-- service: PATH -->` (of a service that is made up: tests of its page build it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *DOCS.rglob("*.md"),
        *ROOT.glob("*.md"),
        *(ROOT / n / "README.md" for n in ("benchmarks", "examples", "requirements")),
    ]
)
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- *(?P<name>[a-z ]+?)(?:: *(?P<value>[^>]*?))? *-->\n$")


@dataclass(frozen=True)
class Block:
    """A fenced block. `start` and `end` are where its text stands in the page."""

    page: Path
    language: str
    text: str
    line: int
    start: int
    end: int
    mark: str = ""
    value: str = ""

    @property
    def place(self) -> str:
        return f"{name_of(self.page)}:{self.line}"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        before = text[: fence.start()]
        mark = _MARK.search(before.splitlines(keepends=True)[-1]) if before else None
        indent = fence["indent"]
        inner = "".join(line.removeprefix(indent) for line in fence["text"].splitlines(keepends=True))
        found.append(
            Block(
                page,
                fence["language"],
                inner,
                before.count("\n") + 1,
                fence.start("text"),
                fence.end("text"),
                mark["name"] if mark else "",
                (mark["value"] or "") if mark else "",
            )
        )
    return found


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def spans(page: Path) -> list[str]:
    """Inline code of a page."""
    return re.findall(r"(?<!`)`([^`]+)`(?!`)", prose(page))


def links(page: Path) -> list[str]:
    """The targets of its links, code left out."""
    text = re.sub(r"(?<!`)`[^`]+`(?!`)", "", prose(page))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """The anchors of its headings, as GitHub makes them."""
    return {anchor_of(heading) for heading in re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE)}


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
