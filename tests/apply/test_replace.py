"""There is no atomic replace: when its second half fails, the report says what is there now."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Cut, Emulated, Reply, error

from inferctl.apply.events import Result
from inferctl.emulator.provider import ProviderRule
from inferctl.plan.action import Action

from .worlds import applied, carried_out, local, only, plan_for, remote, without_scan

GET = "GET /_inference/a"
DRY = "DELETE /_inference/completion/a?dry_run=true"
DELETE = "DELETE /_inference/completion/a"
PUT = "PUT /_inference/completion/a?timeout=60s"
ALL = "GET /_inference/_all"
OTHER = {"service": "openai", "service_settings": {"model_id": "other", "api_key": "x"}}
GONE = "nobody can use this id until the next apply creates it"


def replacing(version: str = "9.5") -> tuple[Emulated, Any]:
    """A cluster with `a`, and a plan that gives it another model."""
    emulated = Emulated(version)
    assert applied(emulated, remote()).code == 0
    plan = plan_for(emulated, remote(model="n"))
    assert only(plan).action is Action.REPLACE
    return emulated, plan


@pytest.mark.parametrize("version", ["9.1", "9.5"])
def test_delete_then_put_then_read(version: str) -> None:
    emulated, plan = replacing(version)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert without_scan(emulated.sent) == [GET, DRY, DELETE, PUT, ALL]
    assert emulated.shown("a")["service_settings"]["model_id"] == "n"


def test_the_provider_refuses_after_the_delete() -> None:
    emulated, plan = replacing()
    emulated.cluster.script_provider(ProviderRule("401", count=1))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.FAILED, True)
    assert ran["a"].detail.startswith("the old one was deleted, and the new one is not there")
    assert GONE in ran["a"].detail
    assert emulated.shown("a") is None
    again = plan_for(emulated, remote(model="n"))
    assert only(again).action is Action.CREATE
    assert carried_out(emulated, again).code == 0
    assert plan_for(emulated, remote(model="n")).is_empty


@pytest.mark.parametrize(
    ("kind", "more", "result", "says"),
    [
        ("cut_before", {}, Result.FAILED, GONE),
        ("cut_after", {}, Result.DONE, "read back, it is as declared"),
        ("status", {"status": 503}, Result.FAILED, GONE),
        ("status", {"status": 500}, Result.FAILED, GONE),
        ("throttle", {}, Result.FAILED, GONE),
    ],
)
def test_the_put_is_lost(kind: str, more: dict[str, Any], result: Result, says: str) -> None:
    emulated, plan = replacing()
    emulated.fault(kind, "PUT", **more)
    ran = carried_out(emulated, plan)
    assert ran["a"].result is result
    assert ran.code == (0 if result is Result.DONE else 4)
    assert says in ran["a"].detail
    assert emulated.writes == [DELETE, PUT]


def test_the_put_is_lost_and_cannot_be_read_back() -> None:
    emulated, plan = replacing()
    emulated.fault("cut_after", "PUT")
    emulated.fault("status", "GET", "/_inference/a", status=500, skip=1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert ran["a"].detail.startswith("the old one was deleted; whether the new one is there is not known")


def test_somebody_else_takes_the_id_in_between() -> None:
    emulated, plan = replacing()

    def take(method: str, target: str, answer: Reply) -> Reply:
        if f"{method} {target}" == DELETE:
            emulated.call("PUT", "/_inference/completion/a", OTHER)
        return answer

    emulated.after = take
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert "what is there now is not what was asked for" in ran["a"].detail
    assert emulated.shown("a")["service_settings"]["model_id"] == "other"


def test_it_changed_since_the_plan_so_nothing_is_deleted() -> None:
    emulated, plan = replacing()
    emulated.call("DELETE", "/_inference/a")
    emulated.call("PUT", "/_inference/completion/a", OTHER)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert "nothing was deleted, plan again" in ran["a"].detail
    assert emulated.writes == []


@pytest.mark.parametrize("failing", [False, True])
def test_it_is_gone_since_the_plan(failing: bool) -> None:
    emulated, plan = replacing()
    emulated.call("DELETE", "/_inference/a")
    if failing:
        emulated.fault("cut_before", "PUT")
    ran = carried_out(emulated, plan)
    assert emulated.writes == [PUT]
    assert ran["a"].result is (Result.FAILED if failing else Result.DONE)
    assert ("gone already" in ran["a"].detail) is failing


def test_it_cannot_be_read_so_nothing_is_deleted() -> None:
    emulated, plan = replacing()
    emulated.fault("status", "GET", status=500)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert ran["a"].detail.startswith("nothing was deleted")
    assert emulated.writes == []


def test_a_reference_that_appeared_blocks_it() -> None:
    emulated, plan = replacing()
    emulated.call("PUT", "/_ingest/pipeline/p1", {"processors": [{"inference": {"model_id": "a"}}]})
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert "p1" in ran["a"].detail
    assert emulated.writes == []


@pytest.mark.parametrize(("kind", "writes"), [("cut_before", [DELETE]), ("cut_after", [DELETE, PUT])])
def test_the_delete_is_lost(kind: str, writes: list[str]) -> None:
    emulated, plan = replacing()
    emulated.fault(kind, "DELETE", skip=1)
    ran = carried_out(emulated, plan)
    assert emulated.writes == writes
    assert ran["a"].result is (Result.DONE if len(writes) == 2 else Result.FAILED)
    assert emulated.shown("a")


def test_the_answer_shows_other_settings() -> None:
    emulated, plan = replacing()

    def wrong(method: str, _target: str, answer: Reply) -> Reply:
        return (answer[0], answer[1], answer[2].replace(b'"n"', b'"z"')) if method == "PUT" else answer

    emulated.after = wrong
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert ran["a"].leaves == (("service_settings", "model_id"),)
    assert GONE not in ran["a"].detail


def test_a_model_that_does_not_start_again() -> None:
    emulated = Emulated()
    applied(emulated, local())
    plan = plan_for(emulated, local(num_threads=2))
    assert only(plan).action is Action.REPLACE
    emulated.after = lambda method, _, answer: error(400, reason="no room") if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert "its model did not start" in ran["a"].detail
    assert GONE not in ran["a"].detail


def test_a_dead_provider_costs_one_endpoint_and_not_all() -> None:
    emulated = Emulated()
    applied(emulated, *(remote(f"a{n}") for n in range(4)))
    plan = plan_for(emulated, *(remote(f"a{n}", model="n") for n in range(4)))
    emulated.cluster.script_provider(ProviderRule("500"))
    ran = carried_out(emulated, plan)
    assert [r.result for r in ran.outcome.results] == [Result.FAILED, *[Result.NOT_STARTED] * 3]
    assert sorted(i for i in emulated.cluster.endpoints) == ["a1", "a2", "a3"]


def test_the_lost_put_arrives_after_all() -> None:
    """The connection is gone, the server goes on: the next plan finds it there."""
    emulated, plan = replacing()

    def late(method: str, _target: str, answer: Reply) -> Reply:
        if method == "PUT":
            raise Cut
        return answer

    emulated.after = late
    assert carried_out(emulated, plan)["a"].result is Result.DONE
    emulated.after = lambda _method, _target, answer: answer
    assert plan_for(emulated, remote(model="n")).is_empty
