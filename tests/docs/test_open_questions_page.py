"""docs/reference/server/open-questions.md is made from the records, which are made from the marks."""

from __future__ import annotations

from itertools import groupby
from os.path import relpath
from typing import TYPE_CHECKING

from inferctl.model.open_questions import IN_PAGES, open_questions

from .generated import check_part
from .pages import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.model.open_questions.record import OpenQuestion

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
