"""A plan as GitHub-flavoured Markdown: a pull-request comment or a CI step summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inferctl.report.escape import cut
from inferctl.report.field_change import fields_of, leaf, short
from inferctl.report.markdown import LIMIT, Page, add_origin, add_remarks, add_stops, code, fix_remarks, heading, prose
from inferctl.report.plan_groups import blocks_of, named, secret_name, shown_groups, ways_of_secrets, whether_set
from inferctl.report.references import used_by
from inferctl.report.sentences import (
    counted,
    is_plain,
    kind_words,
    plan_summary,
    reasons_of,
    secret_words,
    standing_symbol,
    verdict_words,
)
from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.report.plan_groups import Detail, Group
    from inferctl.report.shape.run import ChangeView, PlanView


_LINES = 80  # of one diff
_IDS = 12_000  # characters of the ids of one group
_WAYS = 20  # of secrets
_WAYS_TO = 26_000
_RANK = {"blocked": 0, "unknown": 1, "held": 2, "ready": 3}


def plan_markdown(view: PlanView, detail: Detail = "auto") -> str:
    """Summary, stops, where secrets go, a table of steps (blocked first), a folded diff for each. Ends in a newline."""
    page = Page(f"{heading('plan', view['scope'], view['run'])}**{prose(plan_summary(view))}**\n\n")
    if not is_plain(view["verdict"]):
        page.add(f"**{prose(verdict_words(view['verdict']))}**\n\n")
    add_origin(page, view["cluster"], view["run"], view["scope"])
    add_stops(page, view["stops"])
    if not view["complete"] and not view["stops"]:
        page.add("**Incomplete: not everything could be read.**\n\n")
    add_remarks(page, "Warning", [*view["unfinished"], *view["warnings"]])
    groups = sorted(shown_groups(view, detail), key=lambda group: (_RANK[group[0]["standing"]], group[0]["id"]))
    _add_ways(page, [change for group in groups for change in group])
    if groups:
        sizes = [len(group) for group in groups]
        added = page.table("| | Endpoint | Kind | What, and why |", [_row(group) for group in groups], stand_for=sizes)
        page.left_out("step", sum(sizes) - added)
        details = [] if detail == "none" else [text for group in groups if (text := _details(group, detail))]
        page.left_out("diff", len(details) - page.all_that_fit(details))
    add_remarks(page, "Note", view["notes"])
    return page.text()


def _add_ways(page: Page, changes: Sequence[ChangeView]) -> None:
    """Which secret goes where, the rare ways first."""
    lines = []
    for sent, where, ids in ways_of_secrets(changes):
        state = whether_set(sent)
        who = named(ids, 3)
        ids_shown = code(who) if len(ids) <= 3 else who
        lines.append(
            f"- {code(secret_name(sent))}{f' ({state})' if state else ''} goes to {code(where)}: {ids_shown}\n"
        )
    if lines:
        page.add("Secrets that are sent:\n\n")
        page.left_out("secret", len(lines) - page.all_that_fit(lines[:_WAYS], _WAYS_TO))
        page.add("\n", LIMIT)


def _row(group: Group) -> str:
    change = group[0]
    why = [*(block["text"] for block in change["blocks"]), *reasons_of(change), *change["warnings"]]
    standing = "" if change["standing"] == "ready" else f" ({change['standing']})"
    what, words = _what(change), prose("; ".join(why), 300)
    said = f"{change['action']}{standing}{' ' if what else ''}{what}{': ' if words else ''}{words}"
    kind = prose(kind_words(change["task_type"], change["service"]))
    return f"| {_symbols(change)} | {_ids(group)} | {kind} | {said} |\n"


def _ids(group: Group) -> str:
    """The id; of several how many they are, and all of them when it is unfolded."""
    if len(group) == 1:
        return code(group[0]["id"])
    ids = code(", ".join(change["id"] for change in group), _IDS)
    return f"<details><summary>{counted(len(group), 'endpoint')}</summary>{ids}</details>"


def _what(change: ChangeView) -> str:
    """One leaf as old -> new; of more, how many there are, and of a new endpoint its model."""
    fields = fields_of(change, "auto")
    if len(fields) == 1:
        one = leaf(fields[0], PLAIN, 80)
        sides = [code(side) for side in (one.before, one.after) if side is not None]
        return f"{code(short(one.path))} {' → '.join(sides) or '(changes)'}{' goes' if one.symbol == '-' else ''}"
    if not fields:
        return ""
    model = [field for field in fields if field["path"] == "service_settings.model_id" and change["action"] == "create"]
    names_of_model = [code(leaf(field, PLAIN, 80).after or "") for field in model]
    return " ".join([*names_of_model, f"({counted(len(fields), 'setting')})"])


def _symbols(change: ChangeView) -> str:
    return code(f"{standing_symbol(change)} {change['symbol']}".strip()).replace(" ", "&nbsp;")


def _place(change: ChangeView) -> str:
    source = change["source"]
    return code(source["file"] + (f":{source['line']}" if source["line"] else "")) if source else ""


def _details(group: Group, detail: Detail) -> str:
    change = group[0]
    lines = _diff(change, detail)
    remarks = _used_by(change)
    secrets = secret_words(change, with_age=len(group) == 1)
    if secrets:
        remarks.append(f"- secrets: {prose(secrets, 500)}")
    if change["substeps"] and change["standing"] in ("ready", "held"):
        remarks.append(f"- steps: {prose('; '.join(change['substeps']), 500)}")
    for block in blocks_of(group, detail):
        remarks.append(f"- **{change['standing']}**: {prose(block['text'], 500)}")
        remarks += fix_remarks(block["fixes"], "  ")
    remarks += [f"- warning: {prose(warning, 500)}" for warning in change["warnings"]]
    place = _place(change) if len(group) == 1 else ""
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
    name = code(change["id"]) if len(group) == 1 else counted(len(group), "endpoint")
    kind = f" {prose(kind_words(change['task_type'], change['service']))}" if len(group) > 1 else ""
    return f"<details><summary>{_symbols(change)} {name}{kind}</summary>\n\n{body}</details>\n\n"


def _diff(change: ChangeView, detail: Detail) -> list[str]:
    lines = []
    for field in fields_of(change, detail):
        one = leaf(field, PLAIN, 300, change["reasons"])
        note = f"  ({cut(one.note, 300)})" if one.note else ""
        if one.symbol == "~" and one.before is None:
            lines.append(f"! {one.path}{': ' + one.after if one.after else ''}{note}")
            continue
        if one.symbol == "=":
            lines.append(f"  {one.path}: {one.after}{note}")
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
    return [f"- {label}: {value if label in ours else code(value, 1_000)}" for label, value in used_by(change)]
