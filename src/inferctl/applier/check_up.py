"""Are they well now? What the stats say of their models, and an inference call each. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from inferctl.applier.readiness import Readiness, ask, probe
from inferctl.applier.side_by_side import side_by_side
from inferctl.planner.action import Action, BlockKind
from inferctl.planner.health import Health

if TYPE_CHECKING:
    from inferctl.client.sync import InferenceClient
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan

_WORKERS = 4


class Verdict(Enum):
    """How an endpoint was found. Value: the word shown."""

    GOOD = "good"
    NOT_GOOD = "not good"
    NOT_TRIED = "not tried"  # it is there; no call that would tell more is known, or costs next to nothing


@dataclass(frozen=True, slots=True)
class CheckUp:
    """How one endpoint was found.

    `state` is that of its model in the cluster, empty where it has none, or none was seen. `detail` is a sentence
    or more, free of secrets; empty where all is said.
    """

    inference_id: str
    task_type: str
    service: str
    verdict: Verdict
    state: str = ""
    detail: str = ""


def check_up(plan: Plan, client: InferenceClient) -> tuple[CheckUp, ...]:
    """Every declared endpoint of the plan, in the order of ids. Never raises for what a server or a network does.

    An interruption waits for no call.

    `client` makes the inference calls: those of the files, else one short text where that costs next to nothing.
    """
    declared = [change for change in plan.changes if change.desired is not None]
    found = side_by_side(lambda change: _one(change, client), declared, _WORKERS, is_overdue=lambda: False)
    return tuple(one for one in found if one is not None)


def _one(change: Change, client: InferenceClient) -> CheckUp:
    health = change.model.health if change.model is not None else None
    found = CheckUp(
        change.inference_id, change.task_type, change.service, Verdict.NOT_GOOD, health.value if health else ""
    )
    unreadable = [block.text for block in change.blocks if block.kind is BlockKind.UNREADABLE]
    if unreadable:
        return replace(found, detail=unreadable[0])
    if change.observed is None:
        return replace(found, detail="it is not there")
    if health is not None and (health.is_dead or health is Health.STARTING):
        why = change.reasons if change.action in (Action.REPAIR, Action.VERIFY) else ()
        return replace(found, detail="; ".join(why) or f"its deployment is {health.value}")
    tried = _tried(change, health, client)
    if tried is None:
        return replace(found, verdict=Verdict.NOT_TRIED, detail="its file has no probe")
    return replace(found, verdict=Verdict.GOOD if tried.ready else Verdict.NOT_GOOD, detail=tried.note)


def _tried(change: Change, health: Health | None, client: InferenceClient) -> Readiness | None:
    """What an inference call says, or the stats alone; None where neither can be had."""
    step = replace(change, action=Action.VERIFY)
    if step.probe is not None:
        return probe(client, step)
    if not change.runs_in_cluster:
        return None
    return Readiness(True) if health is not None else ask(client, step, "its deployment cannot be looked at")
