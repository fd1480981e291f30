"""The runs that the ledger holds, as a view and as text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from inferctl.planner.field_change import Absent
from inferctl.report.escape import say, without_commands
from inferctl.report.field_change import leaf
from inferctl.report.sentences import counted, names, on_one_line
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.text_lines import cluster_lines, wrapped
from inferctl.secrets.credentials import may_not_be_shown
from inferctl.secrets.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inferctl.json_types import Json
    from inferctl.ledger.records import FieldRecord, RunRecord, StepRecord
    from inferctl.report.shape.ledger import HistoryView, RanFieldView, RanStepView, RunView
    from inferctl.report.shape.setting import FieldView
    from inferctl.report.style import Style
    from inferctl.report.text_lines import Looked

_FEW = 3
_DIGITS = re.compile(r"[0-9a-f]{8}")


def history_view(runs: Sequence[RunRecord], *, looked: Looked | None = None) -> HistoryView:
    """The runs as they are noted. `looked`: the run that asked for them, and which cluster, with an environment.

    `schema/history.json` describes it.
    """
    view: HistoryView = {"format_version": FORMAT_VERSION, "kind": "history", "runs": [_run(one) for one in runs]}
    if looked is not None:
        view["run"], view["cluster"] = looked
    return view


def _run(run: RunRecord) -> RunView:
    view: RunView = {
        "run": run.run,
        "scope": run.scope,
        "command": run.command,
        "who": run.who,
        "started_at": run.started_at,
        "commit": run.commit,
        "run_url": run.run_url,
        "ended_at": run.ended_at,
        "exit_code": run.exit_code,
        "planned": dict(run.planned),
        "results": [_step(step) for step in run.results],
    }
    if run.environment:
        view["environment"] = run.environment
        view["address"] = run.address
        view["address_from"] = run.address_from
        view["cluster_name"] = run.cluster_name
        view["cluster_uuid"] = run.cluster_uuid
    return view


def _step(step: StepRecord) -> RanStepView:
    return {
        "inference_id": step.inference_id,
        "action": step.action,
        "result": step.result,
        "detail": step.detail,
        "fields": [_field(field) for field in step.fields],
        "fields_left_out": max(0, step.left_out),
    }


def _field(field: FieldRecord) -> RanFieldView:
    """The ledger may be older than what we know of credentials by now, or not be ours: its word is not enough."""
    sides = {
        side: value
        for side, value in (("before", field.before), ("after", field.after))
        if not isinstance(value, Absent)
    }
    path = tuple(field.path.split("."))
    hidden = field.secret or any(may_not_be_shown(path, value) for value in sides.values())
    if hidden:
        sides = {side: _fingerprint(value) if field.secret else MASK for side, value in sides.items()}
    return cast("RanFieldView", {"path": field.path, **sides, "sensitive": hidden})


def _fingerprint(digits: Json) -> Json:
    return {"fingerprint": digits} if isinstance(digits, str) and _DIGITS.fullmatch(digits) else MASK


def history_text(view: HistoryView, inference_id: str | None, style: Style, *, with_scope: bool = False) -> str:
    """A line per run, below it its steps, below each its settings; with an id only those of that endpoint."""
    lines = [*cluster_lines(view["cluster"], view["run"], style), ""] if "run" in view else []
    for run in view["runs"]:
        lines.append(_head(run, style, with_scope=with_scope))
        shown = [s for s in run["results"] if inference_id in (None, s["inference_id"]) and s["result"] != "no-op"]
        for group in _alike(shown):
            lines += _group_lines(group, style)
        if run["exit_code"] is None:
            lines += [
                f"    planned {say(name, style)}: {say(what, style)}"
                for name, what in sorted(run["planned"].items())
                if inference_id in (None, name)
            ]
    lines += [] if view["runs"] else ["No runs."]
    return without_commands("".join(f"{line}\n" for line in wrapped(lines, style)))


def _head(run: RunView, style: Style, *, with_scope: bool) -> str:
    code = run["exit_code"]
    ended = "did not end, or was killed" if code is None else f"exit code {code}"
    scope = f"scope {run['scope']}" if with_scope else ""
    environment = f"as {run['environment']}" if run.get("environment") else ""
    command = " ".join(part for part in (run["command"], environment) if part)
    parts = [run["started_at"], scope, run["who"], command, run["commit"][:12], ended, run["run_url"]]
    return style.paint("  ".join(say(part, style) for part in parts if part), "bold")


def _alike(steps: Iterable[RanStepView]) -> Iterator[list[RanStepView]]:
    """Steps that differ in nothing but their endpoint are one group; a few are told one by one.

    A fingerprint is one endpoint's: a group shows none.
    """
    groups: dict[str, list[tuple[RanStepView, RanStepView]]] = {}
    for step in steps:
        common: RanStepView = {**step, "fields": [_without_fingerprint(field) for field in step["fields"]]}
        key = json.dumps({**common, "inference_id": ""}, sort_keys=True)
        groups.setdefault(key, []).append((step, common))
    for group in groups.values():
        yield from [[common for _, common in group]] if len(group) > _FEW else [[step] for step, _ in group]


def _without_fingerprint(field: RanFieldView) -> RanFieldView:
    masked = {side: MASK for side in ("before", "after") if side in field}
    return cast("RanFieldView", {**field, **masked}) if field["sensitive"] else field


def _group_lines(group: Sequence[RanStepView], style: Style) -> Iterator[str]:
    step = group[0]
    detail = f": {on_one_line(step['detail'])}" if step["detail"] else ""
    name = step["inference_id"] if len(group) == 1 else counted(len(group), "endpoint")
    head = f"{step['action']} {name}: {step['result']}{detail}"
    yield f"    {say(head, style)}"
    if len(group) > 1:
        yield f"        {say(names([one['inference_id'] for one in group]), style)}"
    for field in step["fields"]:
        yield from _field_lines(field, style)
    if step["fields_left_out"]:
        yield f"        {counted(step['fields_left_out'], 'setting')} not kept: there were too many"


def _field_lines(field: RanFieldView, style: Style) -> Iterator[str]:
    one = leaf(cast("FieldView", {**field, "note": ""}), style, style.columns)
    head = f"        {style.symbol(one.symbol)} {one.path}:"
    both = one.before is not None and one.after is not None
    if both and len(one.path) + len(f"{one.before}{one.after}") + 16 > style.columns:
        yield head
        yield f"            {style.symbol('-')} {one.before}"
        yield f"            {style.symbol('+')} {one.after}"
    else:
        yield f"{head} {f'{one.before} -> {one.after}' if both else one.before or one.after or '(changes)'}"
