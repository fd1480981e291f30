"""Every link leads somewhere, and every page that the repository speaks of is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .pages import DOCS, PAGES, ROOT, anchors, links, name_of

if TYPE_CHECKING:
    from pathlib import Path

MENTION = re.compile(r"\bdocs/[\w./-]*[\w/]")
SPEAKING = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "pyproject.toml", "try", "test", "Dockerfile")),
    *(ROOT / "src").rglob("*.py"),
    *(ROOT / "requirements").glob("*.md"),
    *(ROOT / "examples").rglob("*.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)}: {link}"


def test_mentioned_pages_exist() -> None:
    mentioned = {name for file in SPEAKING for name in MENTION.findall(file.read_text(encoding="utf-8"))}
    assert "docs/how-to/add-a-service.md" in mentioned
    assert {name for name in mentioned if not (ROOT / name).exists()} == set()


def test_every_page_is_linked() -> None:
    reached = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    assert {name_of(page) for page in DOCS.rglob("*.md") if page.resolve() not in reached} <= {"docs/README.md"}
