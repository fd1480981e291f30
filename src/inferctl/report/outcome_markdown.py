"""How a run ended, as GitHub-flavoured Markdown: a comment or a CI step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.fixes import labelled
from inferctl.report.markdown import LIMIT, Page, add_origin, add_remarks, add_stops, code, heading, prose
from inferctl.report.outcome_groups import (
    WHAT_NOW,
    begun,
    done,
    group_members,
    group_name,
    headlines,
    status_word,
    waiting,
)
from inferctl.report.sentences import outcome_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.outcome_groups import Alike
    from inferctl.report.shape.run import OutcomeView

_ANSWERS_TO = 60_000
_FOLDED = 5  # lines that a cell shows


def outcome_markdown(view: OutcomeView) -> str:
    """The count, what is down, what to type next, then one table: what failed first, what was done last.

    Ends in a newline.
    """
    page = Page(f"{heading('apply', view['scope'], view['run'])}**{prose(outcome_summary(view))}**\n\n")
    down = headlines(view)
    if down:
        lines = "".join(f"> **{prose(headline, 500)}**\n" for headline in down)
        page.add(f"> [!CAUTION]\n{lines}> {WHAT_NOW}\n\n")
    if view["next"]:
        page.add(f"Next: {code(view['next'], 500)}\n\n")
    add_origin(page, view["cluster"], view["run"], view["scope"])
    add_stops(page, view["stops"])
    add_remarks(page, "Warning", view["warnings"])
    failed, groups = begun(view), [*begun(view), *waiting(view), *done(view)]
    if groups:
        rows = page.table("| Result | | Endpoint | What, why, fix |", [_row(group) for group in groups], most=LIMIT)
        page.left_out("step", len(groups) - rows)
    answers = [text for text in map(_answer, failed) if text]
    page.left_out("answer", len(answers) - page.all_that_fit(answers, _ANSWERS_TO))
    return page.text()


def _row(group: Alike) -> str:
    first = group.steps[0]
    word = status_word(first)
    if len(group.steps) == 1:
        name = code(first["id"])
    else:
        name = f"{prose(group_name(group))}: {prose(group_members(group), 1_000)}"
    parts = [prose(group.what, 300)] if group.what else []
    if group.why:
        parts.append(f"{'why: ' if group.what else ''}{prose(group.why, 300)}")
    parts += [_fix(label, texts) for label, texts in labelled(group.fixes)]
    mark = word if word == "done" else f"**{word}**"
    return f"| {mark} | {code(first['symbol'])} | {name} | {'<br>'.join(parts)} |\n"


def _fix(label: str, texts: Sequence[str]) -> str:
    lines = "<br>".join(code(text, 300) for text in texts)
    if len(texts) <= _FOLDED:
        return f"{label}: {lines}"
    return f"<details><summary>{label}: {len(texts)} lines</summary>{lines}</details>"


def _answer(group: Alike) -> str:
    """The whole answer of the server, folded."""
    if not group.answer:
        return ""
    lines = "".join(f"- {prose(line, 500)}\n" for line in group.answer)
    rest = f" and {len(group.steps) - 1} more" if len(group.steps) > 1 else ""
    return (
        f"<details><summary>{code(group.steps[0]['id'])}{rest}: the whole answer</summary>\n\n{lines}\n</details>\n\n"
    )
