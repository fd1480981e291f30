"""Owners of a deployment before its sharers, and after them on the way out."""

from __future__ import annotations

from typing import Any

from tests.factories import desired, ledger_view, observed, owned

from inferctl.model.versions import Version
from inferctl.planner.make_plan import make_plan
from inferctl.planner.order import stages
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions

from .worlds import plan_of

SIZED: dict[str, Any] = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
ELSER: dict[str, Any] = {"service": "elasticsearch", "task_type": "sparse_embedding"}


def names(plan: Any) -> list[tuple[str, list[str], bool]]:
    return [(s.name, [c.inference_id for c in s.changes], s.one_by_one) for s in stages(plan)]


def test_adding() -> None:
    wanted = [
        desired("a1", **ELSER, settings={"deployment_id": "b1"}),
        desired("b1", **ELSER, settings=SIZED),
        desired("b2"),
        desired("a3", settings={"model_id": "new"}),
    ]
    assert names(plan_of(wanted, [observed("a3")], allow_replace=True)) == [
        ("create and update", ["b2"], False),
        ("models in the cluster", ["b1"], True),
        ("models that share a deployment", ["a1"], True),
        ("replace", ["a3"], True),
    ]


def test_removing_sharers_before_the_owner() -> None:
    there = [
        observed("a1", **ELSER, settings=SIZED),
        observed("b1", **ELSER, settings={"deployment_id": "a1", "model_id": ".elser_model_2"}),
        observed("a2"),
    ]
    plan = plan_of([desired("a2")], there, allow_delete=True, max_deletes="2")
    assert names(plan) == [("delete", ["b1", "a1"], True)]


def test_an_owner_stays_while_a_sharer_stays() -> None:
    there = [
        observed("a1", **ELSER, settings=SIZED),
        observed("b1", **ELSER, settings={"deployment_id": "a1", "model_id": ".elser_model_2"}),
        observed("a2"),
    ]
    plan = plan_of([desired("a2")], there, allow_delete=True, max_deletes="2", exclude=("b1",))
    assert names(plan) == []
    assert "b1" in plan.blocked[0].blocks[0].text


def test_nothing_runs_when_a_guard_stops_the_run() -> None:
    assert names(plan_of([desired("a1")], [], complete=False)) == []


def test_what_an_unfinished_replace_deleted_comes_first() -> None:
    """The owner of a deployment before its sharer; a sharer whose owner is still to come waits for it."""
    wanted = [
        desired("a1"),
        desired("m1"),
        desired("e1", **ELSER, settings={"deployment_id": "f1"}),
        desired("f1", **ELSER, settings=SIZED),
        desired("g1", **ELSER, settings={"deployment_id": "h1"}),
        desired("h1", **ELSER, settings=SIZED),
    ]
    lost = {name: owned(intent="replace") for name in ("m1", "e1", "f1", "g1")}
    plan = make_plan(
        DesiredSet(tuple(wanted)), Observation({}), Capabilities(version=Version(9, 5)), Permissions(), ledger_view(owned=lost)
    )  # fmt: skip
    assert names(plan) == [
        ("what an unfinished replace deleted", ["f1", "m1", "e1"], True),
        ("create and update", ["a1"], False),
        ("models in the cluster", ["h1"], True),
        ("models that share a deployment", ["g1"], True),
    ]
    assert len(plan.unfinished) == 4
