"""Owners of a deployment before its sharers, and after them on the way out."""

from __future__ import annotations

from typing import Any

from tests.factories import desired, observed

from inferctl.planner.order import stages

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
