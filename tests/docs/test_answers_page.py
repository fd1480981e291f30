"""docs/reference/answers.md is the docstring and the table of client/answers.py."""

from __future__ import annotations

import inspect
import re

from inferctl.client import answers
from inferctl.client.answers import ABSENCES, Answer, rule
from inferctl.client.request import Operation

from .generated import check_part
from .pages import DOCS

PAGE = DOCS / "reference" / "answers.md"


def test_rules() -> None:
    rules = (inspect.getdoc(answers) or "").partition("\n\n")[2]
    named = r"docs/reference/([\w/]+\.md)(#[\w-]+)|(?<=, )(errors\.md)(#[\w-]+)"
    check_part(PAGE, "rules", re.sub(named, _link, rules))


def _link(found: re.Match[str]) -> str:
    page, part = found[1] or "server/" + found[3], found[2] or found[4]
    return f"[{page}{part}]({page}{part})"


def test_table() -> None:
    heads = ["Answer", "A write is", *(operation.value for operation in Operation)]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for answer in Answer:
        again = (rule(operation, answer).again.value for operation in Operation)
        lines.append(f"| {answer.value} | {rule(Operation.CREATE, answer).done.value} | {' | '.join(again)} |")
    check_part(PAGE, "table", "\n".join(lines))


def test_absence() -> None:
    lines = ["| What is absent | Type of the error |", "| --- | --- |"]
    lines += [f"| {absence.what} | {', '.join(f'`{kind}`' for kind in absence.types)} |" for absence in ABSENCES]
    check_part(PAGE, "absence", "\n".join(lines))
