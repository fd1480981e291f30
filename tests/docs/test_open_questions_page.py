"""docs/reference/server/open-questions.md is made from the records, which are made from the marks."""

from __future__ import annotations

import re
from itertools import groupby
from os.path import relpath
from typing import TYPE_CHECKING

from inferctl.model.open_questions import IN_PAGES, open_questions

from .generated import check_part
from .pages import DOCS, ROOT, anchor_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.model.open_questions.record import OpenQuestion

INFERRED = re.compile(r"\[[^\]\n]*\bI\b[^\]\n]*\](?!\()|\| I \|")
PAGE = DOCS / "reference" / "server" / "open-questions.md"


def source(text: str) -> str:
    """A file of the repository as a link."""
    path, hash_, heading = text.partition("#")
    if not path or not (ROOT / path).is_file():
        return text
    return f"[{path.rpartition('/')[2]}]({relpath(ROOT / path, PAGE.parent)}{hash_}{heading})"


def known_from(question: OpenQuestion) -> str:
    letters = "+".join(question.evidence.split(","))
    return f"Servers: {question.versions}. [{letters}] {', '.join(map(source, question.source.split(', ')))}"


def whole(question: OpenQuestion) -> Iterator[str]:
    yield from (f"### {question.id}", "", question.statement, "", known_from(question), "")
    if question.by_hand:
        yield from (f"To settle it: {question.by_hand}", "")
        return
    if question.needs:
        yield from (f"It needs {question.needs}.", "")
    yield from ("```text", *map(str, question.steps), "```", "")
    yield from (f"- {answer}: {answer.means}" for answer in question.answers)
    yield ""


def short(question: OpenQuestion) -> Iterator[str]:
    """The answers to questions that were derived are alike: `inferctl explain` has them."""
    yield from (f"**{question.id}**: {question.statement}", "", known_from(question), "")
    yield from ("```text", *map(str, question.steps), "```", "")


def test_questions_of_no_page() -> None:
    lines: list[str] = []
    for topic, questions in open_questions().items():
        if topic != IN_PAGES:
            lines += [f"## {topic}", "", *(line for question in questions for line in whole(question))]
    check_part(PAGE, "questions", "\n".join(lines))


def test_marks_of_pages() -> None:
    lines: list[str] = []
    for service, questions in groupby(open_questions()[IN_PAGES], lambda question: question.id.partition(".")[0]):
        lines += [f"### {service}", "", *(line for question in questions for line in short(question))]
    check_part(PAGE, "marks", "\n".join(lines))


def test_what_is_only_inferred_is_a_question() -> None:
    """A heading below which something stands with the letter I alone is the source of one."""
    cited = {
        source for questions in open_questions().values() for one in questions for source in one.source.split(", ")
    }
    inferred = set()
    for page in sorted(PAGE.parent.glob("*.md")):
        heading = ""
        for line in () if page.name in ("README.md", PAGE.name) else page.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                heading = anchor_of(line.lstrip("# "))
            elif INFERRED.search(line):
                inferred.add(f"docs/reference/server/{page.name}#{heading}")
    assert len(inferred) > 20
    assert inferred - cited == set()
