"""Comments and docstrings cite only what is in the repository: files that exist, and headings that their pages have."""

from __future__ import annotations

import re
import tokenize
from functools import cache
from typing import TYPE_CHECKING

import pytest

from .pages import DOCS, ROOT, anchor_of, prose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = {".py", ".sh", ".yaml"}
FRONT = [ROOT / name for name in ("pyproject.toml", "try", "test", "Dockerfile")]
CITATION = re.compile(
    r"(?<![\w./*-])(?P<path>(?:[\w.-]+/)*[\w-]+\.(?:md|ya?ml))(?:#(?P<anchor>[\w-]+)(?:(?: items?)? (?P<step>\d+)\b(?!\.\d))?)?"
)
# A string of a test that begins with a page and a heading.
STRING = re.compile(r"\w?[\"']+[\w-]+\.md#")
# Files of the reader, or of an example in the comment itself.
THEIRS = re.compile(r"(?:[\w.]+/)*(?:inferctl|[a-z])\.ya?ml")
NAMED = re.compile(r"\.md\b|\.ya?ml\b|inference-api|catalog-notes")
# Notes that never were in the repository.
ELSEWHERE = re.compile(r"\binference-api(?:\.md\b| \d)|\bcatalog-notes\b|(?<![/\w-])catalog\.yaml\b")


def said(file: Path) -> Iterator[tuple[int, str]]:
    """Comments and docstrings with their lines."""
    if file.suffix != ".py":
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if comment := re.search(r"(?:^|\s)#.*", line):
                yield number, comment[0]
        return
    with tokenize.open(file) as stream:
        before = tokenize.NEWLINE
        for token in tokenize.generate_tokens(stream.readline):
            starts = before in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            is_text = token.type == tokenize.STRING and (starts or STRING.match(token.string))
            if token.type == tokenize.COMMENT or is_text:
                yield token.start[0], token.string
            if token.type not in (tokenize.NL, tokenize.COMMENT):
                before = token.type


@cache
def headings(page: Path) -> dict[str, set[str]]:
    """The anchors of a page, each with the numbers of the list below its heading."""
    parts = re.split(r"^#+ +(.+?) *$", prose(page), flags=re.MULTILINE)
    return {
        anchor_of(title): set(re.findall(r"^(\d+)\. ", text, re.MULTILINE))
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def stands(page: Path | None, anchor: str | None, step: str | None) -> bool:
    """Whether the page has the heading, and the heading the step, where it has numbered ones."""
    if page is None or anchor is None:
        return page is not None
    numbers = headings(page).get(anchor)
    return numbers is not None and (step is None or not numbers or step in numbers)


def target(file: Path, path: str) -> Path | None:
    """From the root, from beside the file, or one of the pages on the server."""
    for folder in (ROOT, file.parent, DOCS / "reference" / "server"):
        if (folder / path).is_file():
            return folder / path
    return None


def wrong(file: Path) -> Iterator[str]:
    """What the file cites in vain, with places."""
    if not NAMED.search(file.read_text(encoding="utf-8")):
        return
    for line, text in said(file):
        place = f"{file}:{line}"
        for cited in CITATION.finditer(text):
            found = stands(target(file, cited["path"]), cited["anchor"], cited["step"])
            if not found and not THEIRS.fullmatch(cited["path"]):
                yield f"{place}: {cited[0]}"
        yield from (f"{place}: {cited[0]}" for cited in ELSEWHERE.finditer(text))


@pytest.mark.parametrize("room", ["src", "tests", "scripts", "benchmarks", "examples", "."])
def test_what_is_cited_exists(room: str) -> None:
    files = FRONT if room == "." else [p for p in sorted((ROOT / room).rglob("*")) if p.suffix in KINDS]
    assert [citation for file in files for citation in wrong(file)] == []


def test_citations_are_found() -> None:
    emulator = ROOT / "src" / "inferctl" / "emulator" / "update.py"
    cited = [c for _, text in said(emulator) for c in CITATION.finditer(text)]
    assert "update.md#merge" in {c[0] for c in cited}
    assert all(stands(target(emulator, c["path"]), c["anchor"], c["step"]) for c in cited)


@pytest.mark.parametrize(
    ("cited", "good"),
    [
        ("docs/reference/server/update.md", True),
        ("docs/reference/server/update.md#steps", True),
        ("docs/reference/server/update.md#steps 8", True),
        ("docs/reference/server/update.md#steps 80", False),
        ("docs/reference/server/update.md#stairs", False),
        ("nothing.md", False),
        ("tests/reference/nothing.yaml", False),
        ("docs/reference/server/emulating.md#conformance item 3", True),
        ("docs/reference/server/emulating.md#conformance item 99", False),
    ],
)
def test_faults_are_found(tmp_path: Path, cited: str, good: bool) -> None:
    file = tmp_path / "a.py"
    file.write_text(f'"""As said ({cited})."""\n', encoding="utf-8")
    assert bool(list(wrong(file))) is not good
