"""The view as text for a terminal or a CI log: what a tired engineer needs, in the order they need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import clean, say, without_commands
from inferctl.report.field_change import leaf
from inferctl.report.references import used_by, user_lines
from inferctl.report.sentences import (
    cluster_words,
    counted,
    is_plain_create,
    is_shown,
    kind_words,
    on_one_line,
    outcome_lists,
    outcome_summary,
    plan_summary,
    secret_words,
    standing_symbol,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inferctl.ledger.records import RunRecord
    from inferctl.report.field_change import Leaf
    from inferctl.report.shape.run import BlockView, ChangeView, OutcomeView, PlanView, RefsView, StepView, StopView
    from inferctl.report.style import Colour, Style

_ALIGN = 60
_COLOURS: dict[str, Colour] = {
    "done": "green",
    "failed": "red",
    "ignored": "red",
    "unknown": "red",
    "not ready": "yellow",
    "blocked": "red",
    "held": "yellow",
    "not started": "yellow",
}


def plan_text(view: PlanView, style: Style) -> str:
    """Cluster, stops, what is unfinished, a block per step, warnings and notes, the summary line. Ends in a newline."""
    lines = [style.paint(f"Cluster {say(cluster_words(view['cluster']), style)}", "bold"), ""]
    lines += _stops(view["stops"], style)
    lines += _remarks(view["unfinished"], (), style)
    in_list = False
    for change in filter(is_shown, view["changes"]):
        plain = is_plain_create(change)
        if in_list and not plain:
            lines.append("")
        lines += [_plain_create(change, style)] if plain else [*_change(change, style), ""]
        in_list = plain
    if in_list:
        lines.append("")
    lines += _remarks(view["warnings"], view["notes"], style)
    lines.append(style.paint(plan_summary(view), "bold"))
    if view["stops"]:
        lines.append(style.paint(f"Stopped: {_limits(view['stops'])}, nothing will be done.", "red"))
    elif not view["complete"]:
        lines.append(style.paint("Incomplete: not everything could be read.", "red"))
    return without_commands("\n".join(lines) + "\n")


def outcome_text(view: OutcomeView, style: Style) -> str:
    """What failed first, what was done last, then the summary line with the exit code. Ends in a newline."""
    lines = _stops(view["stops"], style)
    for name, steps in outcome_lists(view):
        if not steps:
            continue
        lines.append(style.paint(f"{name.capitalize()}:", _COLOURS[name]))
        for step in steps:
            lines += _step(step, style)
        lines.append("")
    lines += _remarks(view["warnings"], (), style)
    lines.append(style.paint(outcome_summary(view), "bold"))
    return without_commands("\n".join(lines) + "\n")


def refs_text(view: RefsView, style: Style) -> str:
    """The cluster, then a block per endpoint. Ends in a newline."""
    lines = [style.paint(f"Cluster {say(cluster_words(view['cluster']), style)}", "bold")]
    for endpoint in view["endpoints"]:
        kind = say(kind_words(endpoint["task_type"], endpoint["service"]), style)
        lines += ["", f"{style.paint(say(endpoint['id'], style), 'bold')}  {kind}"]
        lines += [f"    {label}: {say(value, style)}" for label, value in user_lines(endpoint["references"])]
    return "\n".join(lines) + "\n"


def history_text(runs: Sequence[RunRecord], inference_id: str | None, *, ascii_only: bool) -> str:
    """A line per run, and below it its steps; with an id only those of that endpoint."""
    if not runs:
        return "No runs.\n"
    lines: list[str] = []
    for run in runs:
        ended = "did not end, or was killed" if run.exit_code is None else f"exit code {run.exit_code}"
        parts = [run.started_at, run.who, run.command, run.commit[:12], ended, run.run_url]
        lines.append("  ".join(part for part in parts if part))
        for step in run.results:
            if inference_id in (None, step.inference_id) and step.result != "no-op":
                detail = f": {' '.join(step.detail.split())}" if step.detail else ""
                lines.append(f"    {step.action} {step.inference_id}: {step.result}{detail}")
        if run.exit_code is None:
            lines += [
                f"    planned {name}: {what}"
                for name, what in sorted(run.planned.items())
                if inference_id in (None, name)
            ]
    return "".join(f"{clean(line, ascii_only=ascii_only)}\n" for line in lines)


def _plain_create(change: ChangeView, style: Style) -> str:
    name = style.paint(say(change["id"], style), "bold")
    kind = say(kind_words(change["task_type"], change["service"]), style)
    return f"{style.symbol(change['symbol'])} {name}  {kind}  {_place(change, style)}".rstrip()


def _place(change: ChangeView, style: Style) -> str:
    source = change["source"]
    if not source:
        return ""
    line = f":{source['line']}" if source["line"] else ""
    return style.paint(f"at {say(source['file'], style)}{line}", "dim")


def _change(change: ChangeView, style: Style) -> Iterator[str]:
    mark = standing_symbol(change)
    symbol = style.symbol(change["symbol"])
    head = f"{style.symbol(mark)} {symbol}" if mark else symbol
    name = style.paint(say(change["id"], style), "bold")
    kind = say(kind_words(change["task_type"], change["service"]), style)
    standing = f"  ({change['standing']})" if change["standing"] != "ready" else ""
    yield f"{head} {name}  {kind}{standing}"
    for reason in change["reasons"]:
        yield f"    why: {_sentence(reason, style)}"
    yield from _fields([leaf(field, style, style.columns, change["reasons"]) for field in change["fields"]], style)
    secrets = secret_words(change)
    if secrets:
        yield f"    secrets: {say(secrets, style)}"
    if _will_do(change):
        yield f"    steps: {say('; '.join(change['substeps']), style)}"
    for label, value in used_by(change):
        yield f"    {label}: {say(value, style)}"
    for block in change["blocks"]:
        yield from _block(block, change["standing"], style)
    for warning in change["warnings"]:
        yield f"    {style.paint('warning:', 'yellow')} {_sentence(warning, style)}"
    if change["source"]:
        yield f"    {_place(change, style)}"


def _will_do(change: ChangeView) -> bool:
    """Whether the parts of a replace matter: of a blocked one nothing is done."""
    return bool(change["substeps"]) and change["standing"] in ("ready", "held")


def _fields(leaves: Sequence[Leaf], style: Style) -> Iterator[str]:
    pad = max((len(one.path) for one in leaves if len(one.path) <= _ALIGN), default=0) + 1
    for one in leaves:
        head = f"    {style.symbol(one.symbol)} "
        key = f"{one.path}:".ljust(pad)
        note = f"  ({one.note})" if one.note else ""
        both = one.before is not None and one.after is not None
        value = f"{one.before} -> {one.after}" if both else one.after if one.before is None else one.before
        if both and 6 + len(key) + 1 + len(value or "") > style.columns:
            yield f"{head}{one.path}:{note}"
            yield f"        {style.symbol('-')} {one.before}"
            yield f"        {style.symbol('+')} {one.after}"
        else:
            yield f"{head}{key} {value or '(changes)'}{note}"


def _block(block: BlockView, standing: str, style: Style) -> Iterator[str]:
    word = standing if standing in ("held", "blocked", "unknown") else "note"
    yield f"    {style.paint(f'{word}:', _COLOURS.get(word))} {_sentence(block['text'], style)}"
    if block["fix"]:
        yield f"    fix: {say(block['fix'], style)}"


def _step(step: StepView, style: Style) -> Iterator[str]:
    kind = say(kind_words(step["task_type"], step["service"]), style)
    finer = f"  ({step['result']})" if step["result"] == "ignored" else ""
    time = f"  {step['elapsed_s']:.1f} s" if step["elapsed_s"] else ""
    yield f"  {style.symbol(step['symbol'])} {say(step['id'], style)}  {kind}{finer}{time}".rstrip()
    for line in step["detail"].splitlines():
        yield f"      {say(line, style)}"
    for path in step["leaves"]:
        yield f"      differs: {say(path, style)}"
    if step["result"] in ("held", "blocked", "not started"):
        for block in step["blocks"]:
            if block["text"] not in step["detail"]:
                yield f"      {_sentence(block['text'], style)}"
            if block["fix"]:
                yield f"      fix: {say(block['fix'], style)}"


def _stops(stops: Sequence[StopView], style: Style) -> list[str]:
    if not stops:
        return []
    lines = [style.paint(f"STOPPED: {_limits(stops)}, nothing will be done.", "red")]
    for stop in stops:
        lines.append(f"  {style.symbol('!')} {stop['guard']}: {_sentence(stop['text'], style)}")
        if stop["fix"]:
            lines.append(f"    fix: {say(stop['fix'], style)}")
    return [*lines, ""]


def _limits(stops: Sequence[StopView]) -> str:
    limits = sum(stop["guard"] != "stale" for stop in stops)
    parts = [counted(limits, "limit") + " reached"] if limits else []
    return " and ".join(parts if limits == len(stops) else [*parts, "the saved plan is stale"])


def _remarks(warnings: Sequence[str], notes: Sequence[str], style: Style) -> list[str]:
    lines = [f"{style.paint('warning:', 'yellow')} {_sentence(warning, style)}" for warning in warnings]
    lines += [f"note: {_sentence(note, style)}" for note in notes]
    return [*lines, ""] if lines else []


def _sentence(text: str, style: Style) -> str:
    """A remark, which may hold an error of several lines."""
    return say(on_one_line(text), style)
