"""The order in which steps are done: first what adds, then what replaces, then what removes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.planner.action import WRITING, Action
from inferctl.planner.region_policy import PolicyChange

if TYPE_CHECKING:
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan


@dataclass(frozen=True, slots=True)
class Stage:
    """Steps that may run side by side; `one_by_one` where they must not."""

    name: str
    changes: tuple[Change, ...]
    one_by_one: bool = False


def stages(plan: Plan) -> tuple[Stage, ...]:
    """What will run, in order. Owners of a deployment come before its sharers, and leave after them.

    A new sharer waits for an owner that is replaced in the same run: the replace would stop the deployment. What a run
    before deleted for a replace and did not create again comes first: nobody can use it meanwhile.
    """
    policies = [c for c in plan.runnable if isinstance(c, PolicyChange) and c.action in WRITING]
    runnable = tuple(c for c in plan.runnable if c not in policies)
    lost = _lost(runnable)
    first = {c.inference_id for c in lost}
    adding = (Action.CREATE, Action.UPDATE, Action.REPAIR)
    adds = [c for c in runnable if c.action in adding and c.inference_id not in first]
    remote = tuple(c for c in adds if not c.runs_in_cluster)
    owners = tuple(c for c in adds if c.runs_in_cluster and c.shares_deployment is None)
    replacing = [c for c in runnable if c.action is Action.REPLACE]
    replaced = {c.inference_id for c in replacing}
    sharers = tuple(c for c in adds if c.shares_deployment is not None and c.shares_deployment not in replaced)
    late = tuple(c for c in adds if c.shares_deployment in replaced)
    replaces = tuple(sorted(replacing, key=lambda c: (c.shares_deployment is not None, c.inference_id)))
    removed = [c for c in runnable if c.action is Action.DELETE]
    deletes = tuple(sorted(removed, key=lambda c: (not _is_attached(c), c.inference_id)))
    in_order = (
        # What allows more is needed by what is created; what only takes away must not precede what makes do without.
        Stage("region policy", tuple(c for c in policies if not c.takes_away)),
        Stage("what an unfinished replace deleted", lost, one_by_one=True),
        Stage("create and update", remote),
        Stage("models in the cluster", owners, one_by_one=True),
        Stage("models that share a deployment", sharers, one_by_one=True),
        Stage("replace", replaces, one_by_one=True),
        Stage("models that share a replaced deployment", late, one_by_one=True),
        Stage("delete", deletes, one_by_one=True),
        Stage("region policy", tuple(c for c in policies if c.takes_away)),
        # Last: an endpoint that stays unwell must not hold back what removes others.
        Stage("verify", tuple(c for c in runnable if c.action is Action.VERIFY)),
        Stage("ledger", tuple(c for c in runnable if c.action in (Action.ADOPT, Action.FORGET))),
    )
    return tuple(stage for stage in in_order if stage.changes)


def _lost(runnable: tuple[Change, ...]) -> tuple[Change, ...]:
    """Owners of a deployment before their sharers; no sharer whose owner is still to come."""
    lost = [c for c in runnable if c.action is Action.CREATE and c.record is not None and c.record.is_replaced]
    first = {c.inference_id for c in lost}
    later = {c.inference_id for c in runnable if c.inference_id not in first}
    lost = [c for c in lost if c.shares_deployment not in later]
    return tuple(sorted(lost, key=lambda c: (c.shares_deployment is not None, c.inference_id)))


def _is_attached(change: Change) -> bool:
    settings = (change.observed or {}).get("service_settings")
    return isinstance(settings, dict) and "deployment_id" in settings
