"""A plan as GitHub-flavoured Markdown: a pull-request comment or a CI step summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inferctl.report.escape import cut
from inferctl.report.field_change import leaf
from inferctl.report.markdown import Page, add_origin, add_remarks, add_stops, code, fix_remarks, heading, prose
from inferctl.report.references import used_by
from inferctl.report.sentences import (
    is_plain,
    is_plain_create,
    is_shown,
    kind_words,
    plan_summary,
    secret_words,
    standing_symbol,
    verdict_words,
)
from inferctl.report.style import PLAIN

if TYPE_CHECKING:
    from inferctl.report.shape.run import ChangeView, PlanView


_LINES = 80  # of one diff
_RANK = {"blocked": 0, "unknown": 1, "held": 2, "ready": 3}


def plan_markdown(view: PlanView) -> str:
    """Summary, stops, a table of steps (blocked first), a folded diff for each. Ends in a newline."""
    page = Page(f"{heading('plan', view['scope'], view['run'])}**{prose(plan_summary(view))}**\n\n")
    if not is_plain(view["verdict"]):
        page.add(f"**{prose(verdict_words(view['verdict']))}**\n\n")
    add_origin(page, view["cluster"], view["run"], view["scope"])
    add_stops(page, view["stops"])
    if not view["complete"] and not view["stops"]:
        page.add("**Incomplete: not everything could be read.**\n\n")
    add_remarks(page, "Warning", [*view["unfinished"], *view["warnings"]])
    steps = sorted((c for c in view["changes"] if is_shown(c)), key=lambda c: (_RANK[c["standing"]], c["id"]))
    if steps:
        rows = page.table("| | Endpoint | Kind | Why |", [_row(change) for change in steps])
        page.left_out("step", len(steps) - rows)
        details = [text for text in map(_details, steps) if text]
        page.left_out("diff", len(details) - page.all_that_fit(details))
    add_remarks(page, "Note", view["notes"])
    return page.text()


def _row(change: ChangeView) -> str:
    if is_plain_create(change):
        place = _place(change)
        said = f"create{', at ' if place else ''}{place}"
    else:
        why = [*(block["text"] for block in change["blocks"]), *change["reasons"], *change["warnings"]]
        standing = "" if change["standing"] == "ready" else f" ({change['standing']})"
        said = f"{change['action']}{standing}{': ' if why else ''}{prose('; '.join(why), 300)}"
    kind = prose(kind_words(change["task_type"], change["service"]))
    return f"| {_symbols(change)} | {code(change['id'])} | {kind} | {said} |\n"


def _symbols(change: ChangeView) -> str:
    return code(f"{standing_symbol(change)} {change['symbol']}".strip()).replace(" ", "&nbsp;")


def _place(change: ChangeView) -> str:
    source = change["source"]
    return code(source["file"] + (f":{source['line']}" if source["line"] else "")) if source else ""


def _details(change: ChangeView) -> str:
    if is_plain_create(change):
        return ""  # its row says it all
    lines = _diff(change)
    remarks = _used_by(change)
    secrets = secret_words(change)
    if secrets:
        remarks.append(f"- secrets: {prose(secrets, 500)}")
    if change["substeps"] and change["standing"] in ("ready", "held"):
        remarks.append(f"- steps: {prose('; '.join(change['substeps']), 500)}")
    for block in change["blocks"]:
        remarks.append(f"- **{change['standing']}**: {prose(block['text'], 500)}")
        remarks += fix_remarks(block["fixes"], "  ")
    remarks += [f"- warning: {prose(warning, 500)}" for warning in change["warnings"]]
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
    return f"<details><summary>{_symbols(change)} {code(change['id'])}</summary>\n\n{body}</details>\n\n"


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
    return [f"- {label}: {value if label in ours else code(value, 1_000)}" for label, value in used_by(change)]
