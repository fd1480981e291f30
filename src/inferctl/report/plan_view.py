"""Plan, references and runs -> their source form. Takes no clock: the same values give the same form."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from inferctl.applier.verdict import verdict_of_plan
from inferctl.json_types import path_text
from inferctl.model.addresses import hosts_of_secret
from inferctl.model.services.names import PARTS
from inferctl.planner.action import Action, Standing
from inferctl.planner.field_change import ABSENT, Absent
from inferctl.planner.normalise import leaves
from inferctl.planner.plan import Guard
from inferctl.planner.region_policy import PolicyChange
from inferctl.report.fixes import fixes_view
from inferctl.report.plan_groups import named, secret_name, ways_of_secrets, whether_set
from inferctl.report.references import references_view
from inferctl.report.shape import FORMAT_VERSION
from inferctl.secrets.credentials import may_not_be_shown
from inferctl.secrets.mask import MASK
from inferctl.secrets.reference import parse_reference, references_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.exit_codes import Verdict
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.field_change import FieldChange
    from inferctl.planner.plan import Capabilities, Plan
    from inferctl.planner.references import References
    from inferctl.planner.region_policy import Denial
    from inferctl.report.shape.run import (
        BlockView,
        ChangeView,
        ClusterView,
        DenialView,
        PlanSummary,
        PlanView,
        RefsView,
        SecretView,
        StopView,
        ThisRunView,
        VerdictView,
    )
    from inferctl.report.shape.setting import DeclaredView, FieldView, SentSecretView
    from inferctl.secrets.reference import SecretRef

    IsSet = Callable[[SecretRef], bool | None]

_MADE_ANEW = frozenset({Action.CREATE, Action.REPLACE})
_INCOMPLETE = frozenset({Guard.INCOMPLETE_INPUT, Guard.INCOMPLETE_LIST})


# Of a document that no run made: a program that renders a plan.
NO_RUN: ThisRunView = {
    "command": "",
    "at": "",
    "commit": "",
    "run": "",
    "run_url": "",
    "address": "",
    "address_from": "",
    "unsafe": [],
    "label": "",
}


def _nobody_looked(_reference: SecretRef) -> None:
    return None


def plan_view(
    plan: Plan,
    run: ThisRunView = NO_RUN,
    verdict: Verdict | None = None,
    is_set: IsSet = _nobody_looked,
    *,
    pinned: bool | None = None,
) -> PlanView:
    """The plan without anything secret, changes sorted by id. `run` made it; `pinned`: see `cluster_view`.

    `verdict` is for one who knows more than the plan does: whether secrets are set here, whether the lock is free.
    `is_set` says whether a reference has a value here; None where that may not be looked at.
    """
    return {
        "format_version": FORMAT_VERSION,
        "kind": "plan",
        "run": run,
        "cluster": cluster_view(plan.capabilities, pinned=pinned),
        "scope": plan.scope,
        "verdict": verdict_view(verdict or verdict_of_plan(plan)),
        "summary": _summary(plan.changes),
        "complete": not plan.unseen and not any(stop.guard in _INCOMPLETE for stop in plan.stops),
        "applicable": bool(plan.runnable),
        "stops": stops_view(plan),
        "changes": [_change(c, is_set) for c in sorted(plan.changes, key=lambda c: (c.inference_id, c.action.word))],
        "unfinished": list(plan.unfinished),
        "warnings": [*plan.cluster_warnings, *plan.warnings, *plan.permit_warnings],
        "notes": list(
            dict.fromkeys(
                (*_may_be_sent(plan, is_set), *(plan.capabilities.notes if plan.capabilities else ()), *plan.notes)
            )
        ),
    }


def refs_view(
    capabilities: Capabilities,
    found: Iterable[tuple[ObservedEndpoint, References]],
    *,
    run: ThisRunView | None = None,
    pinned: bool | None = None,
) -> RefsView:
    """Sorted by id. `schema/refs.json` describes it. `run`: where there is an environment; `pinned`: as below."""
    view: RefsView = {
        "format_version": FORMAT_VERSION,
        "kind": "refs",
        "cluster": cluster_view(capabilities, pinned=pinned),
        "endpoints": [
            {
                "id": endpoint.inference_id,
                "task_type": endpoint.task_type,
                "service": endpoint.service,
                "references": references_view(references),
            }
            for endpoint, references in sorted(found, key=lambda pair: pair[0].inference_id)
        ],
    }
    if run is not None:
        view["run"] = run
    return view


def _change(change: Change, is_set: IsSet) -> ChangeView:
    references = change.references
    view: ChangeView = {
        "id": change.inference_id,
        "task_type": change.task_type,
        "service": change.service,
        "action": change.action.word,
        "symbol": change.action.symbol,
        "standing": change.standing.word,
        "reasons": list(change.reasons),
        "fields": [field_view(field) for field in sorted(change.fields, key=lambda field: path_text(field.path))],
        "declared": _declared(change),
        "sends": _sends(change, change.secrets, is_set),
        "blocks": blocks_view(change),
        "references": None if references is None else references_view(references),
        "substeps": list(change.substeps),
        "secrets": _secrets(change),
        "warnings": list(change.warnings),
        "source": {"file": change.span.file, "line": change.span.line} if change.span else None,
    }
    if isinstance(change, PolicyChange):
        view["denies"] = [_denial(denial) for denial in change.denials]
    return view


def _denial(denial: Denial) -> DenialView:
    return {
        "id": denial.inference_id,
        "declared": denial.is_declared,
        "already": denial.already,
        "sure": not denial.maybe,
        "references": None if denial.users is None else references_view(denial.users),
    }


def _declared(change: Change) -> list[DeclaredView]:
    """Every setting of an endpoint that the step makes, sorted by path."""
    if change.desired is None or change.action not in _MADE_ANEW:
        return []
    parts = {part: getattr(change.desired, part) or {} for part in (*PARTS, "chunking_settings")}
    found = dict(_leaves({part: settings for part, settings in parts.items() if settings}, change.desired.secrets))
    shown = []
    for path, value in sorted(found.items(), key=lambda pair: path_text(pair[0])):
        sensitive = path in change.desired.secrets or may_not_be_shown(path, value)
        shown.append({"path": path_text(path), "value": _shown(value, sensitive=sensitive), "sensitive": sensitive})
    return cast("list[DeclaredView]", shown)


def _leaves(value: JsonObject, secrets: frozenset[Path]) -> Iterator[tuple[Path, Json]]:
    """The leaves; a reference is one, not a mapping."""
    for path, leaf in leaves(value):
        secret = path[:-1] if path[:-1] in secrets else None
        yield (path, leaf) if secret is None else (secret, {str(path[-1]): leaf})


def _sends(change: Change, paths: frozenset[Path], is_set: IsSet) -> list[SentSecretView]:
    """The secrets at these paths, and where the server sends them."""
    if not paths or change.desired is None:
        return []
    return [
        {
            "path": path_text(path),
            "secret": cast("Any", reference.written()),
            "set": is_set(reference),
            "hosts": list(hosts_of_secret(change.desired, path)),
        }
        for path, reference in references_in(change.desired.service_settings, paths).items()
    ]


def _may_be_sent(plan: Plan, is_set: IsSet) -> Iterator[str]:
    """Of a plan from a file: an apply of it sends what nobody could compare when it was made, where that has changed.

    Nothing else shows what the file declares there: the endpoint may be one without a step.
    """
    unchecked = [(change, change.unchecked_secrets) for change in plan.changes if plan.file]
    views = [
        {"id": change.inference_id, "service": change.service, "sends": _sends(change, paths, is_set)}
        for change, paths in unchecked
    ]
    for sent, where, ids in ways_of_secrets(cast("list[ChangeView]", views)):
        state = whether_set(sent)
        name = f"{secret_name(sent)} ({state})" if state else secret_name(sent)
        yield f"not compared, so an apply sends it if it has changed: {name} goes to {where}: {named(ids, 3)}"


def _secrets(change: Change) -> list[SecretView]:
    """What the fingerprints say."""
    return [
        {
            "path": path_text(check.path),
            "state": check.state.value,
            "since": check.since,
            "age_days": check.age_days,
            "why": check.why,
        }
        for check in change.secret_checks
    ]


def field_view(field: FieldChange) -> FieldView:
    """What may be shown of it."""
    sides = (("before", field.before), ("after", field.after))
    sensitive = field.is_hidden
    shown = {side: _shown(value, sensitive=sensitive) for side, value in sides if value is not ABSENT}
    view = {"path": path_text(field.path), **shown, "sensitive": sensitive, "note": field.note}
    return cast("FieldView", view)


def _shown(value: Json | Absent, *, sensitive: bool) -> Json:
    """The value as it may be shown. Of a sensitive one: its reference or nothing, whoever made the change."""
    if isinstance(value, Absent):
        return None
    if sensitive and parse_reference(value) is None:
        return MASK
    return _plain(value)


def _plain(value: Json) -> Json:
    """Plain dicts and lists, keys sorted; numbers that JSON cannot say as text."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def blocks_view(change: Change) -> list[BlockView]:
    return [{"kind": block.kind.value, "text": block.text, "fixes": fixes_view(block.fixes)} for block in change.blocks]


def stops_view(plan: Plan) -> list[StopView]:
    return [{"guard": stop.guard.value, "text": stop.text, "fixes": fixes_view(stop.fixes)} for stop in plan.stops]


def verdict_view(verdict: Verdict) -> VerdictView:
    return {
        "exit_code": int(verdict.exit_code),
        "name": verdict.exit_code.name,
        "text": verdict.text,
        "reasons": list(verdict.reasons),
    }


def cluster_view(seen: Capabilities | None, *, pinned: bool | None = None) -> ClusterView:
    """The cluster that was looked at; empty texts where unknown.

    `pinned`: whether the settings name it by its uuid; None where nobody asks, without an environment.
    """
    if seen is None:
        return {"uuid": "", "name": "", "version": ""}
    view: ClusterView = {"uuid": seen.cluster_uuid, "name": seen.cluster_name, "version": seen.exact}
    if pinned is not None:
        view["pinned"] = pinned
    return view


def _summary(changes: Sequence[Change]) -> PlanSummary:
    standings = Counter(change.standing for change in changes)
    actions = Counter(change.action for change in changes if change.standing in (Standing.READY, Standing.HELD))
    counts = {action.name.lower(): actions[action] for action in Action}
    counts |= {standing.word: standings[standing] for standing in Standing if standing is not Standing.READY}
    return cast("PlanSummary", counts)
