"""The view as GitHub-flavoured Markdown: a pull-request comment or a CI step summary.

A comment may have 65,536 characters. What does not fit is left out whole, and the end says how much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inferctl.report.escape import clean, cut
from inferctl.report.field_change import leaf
from inferctl.report.references import used_by
from inferctl.report.sentences import (
    cluster_words,
    counted,
    is_plain_create,
    is_shown,
    kind_words,
    names,
    on_one_line,
    outcome_lists,
    outcome_summary,
    plan_summary,
    secret_words,
    standing_symbol,
)
from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.shape.run import ChangeView, OutcomeView, PlanView, StepView, StopView

LIMIT = 65_000
PLAN_MARKER = "<!-- inferctl:plan -->"
OUTCOME_MARKER = "<!-- inferctl:apply -->"

_FOOT = 400  # kept free for the note about what was left out
# Each part may fill the page up to here, so that the next one finds room.
_STOPS_TO = 14_000
_WARNINGS_TO = 22_000
_TABLE_TO = 48_000
_LINES = 80  # of one diff
_RANK = {"blocked": 0, "unknown": 1, "held": 2, "ready": 3}
_SYNTAX = re.compile(r"[&<>|`*_\[\]#~\\$^]")
# What GitHub turns into links even as an entity: an empty character breaks the word.
_LINKS = re.compile(r"@|://|(?i:www)(?=\.)|&#35;(?=\d)|(?i:\bGH)-(?=\d)")
_BREAK = "&#8203;"


def plan_markdown(view: PlanView) -> str:
    """Summary, stops, a table of steps (blocked first), a folded diff for each. Ends in a newline."""
    page = _Page(f"{PLAN_MARKER}\n## inferctl plan\n\n**{_prose(plan_summary(view))}**\n\n")
    page.add(f"Cluster: {_prose(cluster_words(view['cluster']))}\n\n")
    _stops(page, view["stops"])
    if not view["complete"] and not view["stops"]:
        page.add("**Incomplete: not everything could be read.**\n\n")
    _remarks(page, "Warning", [*view["unfinished"], *view["warnings"]])
    steps = sorted((c for c in view["changes"] if is_shown(c)), key=lambda c: (_RANK[c["standing"]], c["id"]))
    if steps:
        rows = page.table("| | Endpoint | Kind | Why |", [_row(change) for change in steps])
        page.left_out("step", len(steps) - rows)
        details = [text for text in map(_details, steps) if text]
        page.left_out("diff", len(details) - page.all_that_fit(details))
    _remarks(page, "Note", view["notes"])
    return page.text()


def outcome_markdown(view: OutcomeView) -> str:
    """Heading with the summary, then one table: what failed first, what was done last. Ends in a newline."""
    page = _Page(f"{OUTCOME_MARKER}\n## inferctl apply\n\n**{_prose(outcome_summary(view))}**\n\n")
    page.add(f"Cluster: {_prose(cluster_words(view['cluster']))}\n\n")
    _stops(page, view["stops"])
    _remarks(page, "Warning", view["warnings"])
    rows = [_outcome_row(step) for _, steps in outcome_lists(view) for step in steps]
    if rows:
        page.left_out("step", len(rows) - page.table("| Result | | Endpoint | Detail |", rows, most=LIMIT))
    return page.text()


class _Page:
    """Text under the limit: a part fits as a whole or is left out."""

    def __init__(self, head: str) -> None:
        self._parts = [head]
        self._size = len(head)
        self._foot: list[str] = []

    def add(self, part: str, most: int = LIMIT - _FOOT) -> bool:
        if self._size + len(part) > most:
            return False
        self._parts.append(part)
        self._size += len(part)
        return True

    def all_that_fit(self, parts: Sequence[str], most: int = LIMIT - _FOOT) -> int:
        """How many of the parts were added; one that is too long does not keep out the next."""
        return sum(self.add(part, most) for part in parts)

    def table(self, head: str, rows: Sequence[str], most: int = _TABLE_TO) -> int:
        rule = "|" + " --- |" * (head.count("|") - 1)
        self.add(f"{head}\n{rule}\n")
        added = self.all_that_fit(rows, min(most, LIMIT - _FOOT))
        self.add("\n", LIMIT)
        return added

    def left_out(self, noun: str, number: int) -> None:
        if number:
            self._foot.append(f"{counted(number, noun)} left out: too long for one comment.")

    def text(self) -> str:
        foot = f"_{' '.join(self._foot)} The JSON report has all of them._\n" if self._foot else ""
        return "".join(self._parts).rstrip("\n") + "\n" + (f"\n{foot}" if foot else "")


def _row(change: ChangeView) -> str:
    if is_plain_create(change):
        place = _place(change)
        said = f"create{', at ' if place else ''}{place}"
    else:
        why = [*(block["text"] for block in change["blocks"]), *change["reasons"], *change["warnings"]]
        standing = "" if change["standing"] == "ready" else f" ({change['standing']})"
        said = f"{change['action']}{standing}{': ' if why else ''}{_prose('; '.join(why), 300)}"
    kind = _prose(kind_words(change["task_type"], change["service"]))
    return f"| {_symbols(change)} | {_code(change['id'])} | {kind} | {said} |\n"


def _outcome_row(step: StepView) -> str:
    parts = [on_one_line(step["detail"])] if step["detail"] else []
    if step["result"] in ("held", "blocked", "not started"):
        for block in step["blocks"]:
            if block["text"] not in step["detail"]:
                parts.append(block["text"])
            if block["fix"] and block["fix"] not in step["detail"]:
                parts.append(f"fix: {block['fix']}")
    if step["leaves"]:
        parts.append(f"differs: {names(step['leaves'], 10)}")
    mark = step["result"] if step["result"] == "done" else f"**{step['result']}**"
    return f"| {mark} | {_code(step['symbol'])} | {_code(step['id'])} | {_prose('; '.join(parts), 500)} |\n"


def _symbols(change: ChangeView) -> str:
    return _code(f"{standing_symbol(change)} {change['symbol']}".strip()).replace(" ", "&nbsp;")


def _place(change: ChangeView) -> str:
    source = change["source"]
    return _code(source["file"] + (f":{source['line']}" if source["line"] else "")) if source else ""


def _details(change: ChangeView) -> str:
    if is_plain_create(change):
        return ""  # its row says it all
    lines = _diff(change)
    remarks = _used_by(change)
    secrets = secret_words(change)
    if secrets:
        remarks.append(f"- secrets: {_prose(secrets, 500)}")
    if change["substeps"] and change["standing"] in ("ready", "held"):
        remarks.append(f"- steps: {_prose('; '.join(change['substeps']), 500)}")
    for block in change["blocks"]:
        remarks.append(f"- **{change['standing']}**: {_prose(block['text'], 500)}")
        if block["fix"]:
            remarks.append(f"  - fix: {_code(block['fix'], 500)}")
    remarks += [f"- warning: {_prose(warning, 500)}" for warning in change["warnings"]]
    place = _place(change)
    if place:
        remarks.append(f"- at {place}")
    body = ""
    if lines:
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", "\n".join(lines))), default=0))
        body += "\n".join((f"{fence}diff", *lines, fence)) + "\n\n"
    if remarks:
        body += "\n".join(remarks) + "\n\n"
    if not body:
        return ""
    return f"<details><summary>{_symbols(change)} {_code(change['id'])}</summary>\n\n{body}</details>\n\n"


def _diff(change: ChangeView) -> list[str]:
    lines = []
    for field in change["fields"]:
        one = leaf(field, PLAIN, 300, change["reasons"])
        note = f"  ({cut(one.note, 300)})" if one.note else ""
        if one.symbol == "~" and one.before is None:
            lines.append(f"! {one.path}{': ' + one.after if one.after else ''}{note}")
            continue
        if one.before is not None:
            lines.append(f"- {one.path}: {one.before}{'' if one.after is not None else note}")
        if one.after is not None:
            lines.append(f"+ {one.path}: {one.after}{note}")
    if len(lines) > _LINES:
        lines[_LINES:] = [f"! {len(lines) - _LINES} more lines: see the JSON report"]
    return lines


def _used_by(change: ChangeView) -> list[str]:
    ours = ("used by", "references")  # labels whose value is our own sentence, not somebody's name
    return [f"- {label}: {value if label in ours else _code(value, 1_000)}" for label, value in used_by(change)]


def _stops(page: _Page, stops: Sequence[StopView]) -> None:
    if not stops:
        return
    page.add("> [!CAUTION]\n> **Stopped: nothing will be done.**\n")
    lines = []
    for stop in stops:
        fix = f" Fix: {_code(stop['fix'], 300)}" if stop["fix"] else ""
        lines.append(f"> - {_prose(stop['guard'])}: {_prose(stop['text'], 500)}{fix}\n")
    page.left_out("stop", len(lines) - page.all_that_fit(lines, _STOPS_TO))
    page.add("\n", LIMIT)


def _remarks(page: _Page, word: str, texts: Sequence[str]) -> None:
    lines = [f"- {word}: {_prose(text, 500)}\n" for text in texts]
    if lines:
        added = page.all_that_fit(lines[:20], _WARNINGS_TO if word == "Warning" else LIMIT - _FOOT)
        page.left_out(word.lower(), len(lines) - added)
        page.add("\n", LIMIT)


def _prose(text: str, limit: int = 200) -> str:
    """Foreign text between our words: no markup, no HTML, no mention, no link comes out of it."""
    shown = cut(clean(on_one_line(text)), limit)
    return _LINKS.sub(_unlink, _SYNTAX.sub(_entity, shown))


def _code(text: str, limit: int = 200) -> str:
    """Foreign text as code, by a tag and entities: works in tables, HTML blocks, with any backticks."""
    return f"<code>{_SYNTAX.sub(_entity, cut(clean(text), limit)).replace('@', '&#64;')}</code>"


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _unlink(found: re.Match[str]) -> str:
    if found[0] == "@":
        return f"@{_BREAK}"
    return f":{_BREAK}//" if found[0] == "://" else f"{found[0]}{_BREAK}"
