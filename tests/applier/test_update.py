"""An update is repeated only where the server said that it did nothing, and each leaf is read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.emulated import Emulated, error, reply
from tests.factories import changed

from inferctl.applier.events import Result
from inferctl.planner.action import Action

from .worlds import CANARY, Patience, applied, carried_out, local, only, plan_for, remote

UPDATE = "PUT /_inference/completion/a/_update"
GET = "GET /_inference/a"
LOOKS = [GET] * 4  # at once, and again after a while
ALL = "GET /_inference/_all"


def moved(version: str = "9.5", **more: Any) -> tuple[Emulated, Any]:
    """A cluster with `a`, and a plan that changes its user."""
    emulated = Emulated(version)
    assert applied(emulated, remote(user="x"), **more).code == 0
    return emulated, plan_for(emulated, remote(user="y"), **more)


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.4", "9.5"])
def test_it_changes_and_is_confirmed(version: str) -> None:
    emulated, plan = moved(version)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert emulated.sent == [UPDATE, ALL, *([GET] if version == "8.17" else [])][:2]
    assert emulated.shown("a")["task_settings"] == {"user": "y"}


@pytest.mark.parametrize(
    ("kind", "more", "sent", "result"),
    [
        ("status", {"status": 503}, [UPDATE, UPDATE, ALL], Result.DONE),
        ("throttle", {}, [UPDATE, UPDATE, ALL], Result.DONE),
        ("status", {"status": 500}, [UPDATE, *LOOKS], Result.UNKNOWN),
        ("status", {"status": 502}, [UPDATE, *LOOKS], Result.UNKNOWN),
        ("status", {"status": 504}, [UPDATE, *LOOKS], Result.UNKNOWN),
        ("status", {"status": 408}, [UPDATE, *LOOKS], Result.UNKNOWN),
        ("status", {"status": 400}, [UPDATE], Result.FAILED),
        ("status", {"status": 404}, [UPDATE], Result.FAILED),
        ("status", {"status": 409}, [UPDATE], Result.FAILED),
        ("cut_before", {}, [UPDATE, *LOOKS], Result.UNKNOWN),
        ("cut_after", {}, [UPDATE, GET, ALL], Result.DONE),
        ("truncate", {}, [UPDATE, GET, ALL], Result.DONE),
    ],
)
def test_when_it_is_repeated(kind: str, more: dict[str, Any], sent: list[str], result: Result) -> None:
    emulated, plan = moved()
    emulated.fault(kind, "PUT", **more)
    ran = carried_out(emulated, plan)
    assert emulated.sent == sent
    assert ran["a"].result is result
    if sent == [UPDATE, *LOOKS]:
        assert "nothing changed" in ran["a"].detail
        assert ran["a"].leaves == (("task_settings", "user"),)
        assert ran.code == 4  # it may have reached the server


def test_it_gives_up_after_a_few_times() -> None:
    emulated, plan = moved()
    emulated.fault("status", "PUT", status=503, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert 2 <= len(emulated.writes) <= 10


def test_a_lost_answer_of_a_rotation_stays_unknown() -> None:
    emulated = Emulated()
    applied(emulated, remote())
    plan = plan_for(emulated, remote(), send_secrets=("a",))
    assert only(plan).action is Action.UPDATE
    emulated.fault("cut_after", "PUT")
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert "send it again" in ran["a"].detail


def test_a_lost_answer_of_a_change_with_a_rotation_stays_unknown() -> None:
    emulated = Emulated()
    applied(emulated, remote(user="x"))
    plan = plan_for(emulated, remote(user="y"), send_secrets=("a",))
    emulated.fault("cut_after", "PUT")
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert "the settings are there" in ran["a"].detail


def test_a_lost_answer_that_cannot_be_read_back_is_unknown() -> None:
    emulated, plan = moved()
    emulated.fault("cut_after", "PUT")
    emulated.fault("status", "GET", status=500, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)


def test_a_lost_answer_and_an_endpoint_that_is_gone() -> None:
    emulated, plan = moved()
    emulated.fault("cut_before", "PUT")

    def vanish(_method: str, target: str) -> None:
        if target == "/_inference/a":
            emulated.call("DELETE", target)

    emulated.override = vanish
    ran = carried_out(emulated, plan)
    assert ran["a"].result is Result.FAILED
    assert "it is not there" in ran["a"].detail


def test_rotation_stores_the_new_secret() -> None:
    emulated = Emulated()
    emulated.call(
        "PUT",
        "/_inference/completion/a",
        {"service": "openai", "service_settings": {"model_id": "m", "api_key": "old"}},
    )
    ran = carried_out(emulated, plan_for(emulated, remote(), send_secrets=("*",)))
    assert ran.code == 0
    assert emulated.cluster.endpoints["a"].secrets == {"api_key": CANARY}


def test_an_ignored_leaf_fails_although_the_server_said_200() -> None:
    """Planned for 9.5, which changes the limit in place; 9.3 takes it and does nothing.

    Source: docs/reference/server/update.md#merge.
    """
    emulated = Emulated("9.3", number="9.4.0")
    first = remote(service="alibabacloud-ai-search", workspace="w", host="h", service_id="s")
    settings = {k: v for k, v in first.service_settings.items() if k != "model_id"}
    limit = {"rate_limit": {"requests_per_minute": 7}}
    wanted = [changed(first, service_settings=settings), changed(first, service_settings={**settings, **limit})]
    assert applied(emulated, wanted[0]).code == 0
    plan = plan_for(emulated, wanted[1])
    assert only(plan).action is Action.UPDATE
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.IGNORED, True)
    assert ran["a"].leaves == (("service_settings", "rate_limit", "requests_per_minute"),)
    assert "ignored service_settings.rate_limit.requests_per_minute" in ran["a"].detail


@pytest.mark.parametrize(
    ("chunks", "says"),
    [
        ({"strategy": "sentence", "max_chunk_size": 80, "sentence_overlap": 1}, "another value"),
        (None, "changed although nobody asked"),  # the server's default, which no file names
    ],
)
def test_a_leaf_that_nobody_asked_to_change_fails(chunks: dict[str, Any] | None, says: str) -> None:
    """An early patch of 9.2 resets chunking with any update (docs/reference/server/reconciling.md#known-faults)."""
    emulated = Emulated("9.1", number="9.2.0")
    first = remote(task_type="text_embedding", chunking=chunks, user="x")
    assert applied(emulated, first).code == 0
    plan = plan_for(emulated, remote(task_type="text_embedding", chunking=chunks, user="y"))
    assert any("chunking" in warning for warning in only(plan).warnings)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert {path[0] for path in ran["a"].leaves} == {"chunking_settings"}
    assert says in ran["a"].detail


def test_a_later_list_that_says_otherwise_wins() -> None:
    emulated, plan = moved()
    emulated.after = lambda method, target, answer: (
        answer
        if target != "/_inference/_all"
        else reply(200, {"endpoints": [{**emulated.shown("a"), "task_settings": {"user": "x"}}]})
    )
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.IGNORED)
    assert ran["a"].leaves == (("task_settings", "user"),)


@pytest.mark.parametrize("held_for", [1, 3])
def test_somebody_elses_update_is_waited_for(held_for: int) -> None:
    emulated, plan = moved()
    emulated.cluster.updating.add("a")

    def let_go() -> None:
        if len(stop.slept) >= held_for:
            emulated.cluster.updating.discard("a")

    stop = Patience(emulated, let_go)
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert len(emulated.writes) == held_for + 1
    assert stop.slept == sorted(stop.slept)


def test_and_not_for_ever() -> None:
    emulated, plan = moved()
    emulated.cluster.updating.add("a")
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert len(emulated.writes) == 4


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.3", "9.5"])
def test_a_model_is_resized_and_waited_for(version: str) -> None:
    emulated = Emulated(version)
    applied(emulated, local())
    emulated.cluster.allocation_seconds = 60.0
    emulated.cluster.deployments["a"] = _slow(emulated.cluster.deployments["a"])
    stop = Patience(emulated)
    ran = carried_out(emulated, plan_for(emulated, local(num_allocations=3)), stop=stop)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert stop.now_s >= 60
    assert emulated.shown("a")["service_settings"]["num_allocations"] == 3


def _slow(deployment: Any) -> Any:
    return replace(deployment, seconds_per_allocation=60.0, ready=1)


def test_a_yes_without_an_endpoint_is_no_answer() -> None:
    emulated, plan = moved()
    emulated.after = lambda method, _, answer: reply(200, {}) if method == "PUT" else answer
    assert carried_out(emulated, plan)["a"].result is Result.DONE
    assert emulated.sent == [UPDATE, GET, ALL]


@pytest.mark.parametrize("version", ["9.1", "9.5"])
def test_a_refusal_that_quotes_the_secret_is_told_without_it(version: str) -> None:
    emulated = Emulated(version)
    applied(emulated, remote())
    plan = plan_for(emulated, remote(), send_secrets=("a",))
    emulated.override = lambda method, _: (
        error(400, reason=f"not with [{{api_key={CANARY}}}]") if method == "PUT" else None
    )
    ran = carried_out(emulated, plan)
    assert ran["a"].result is Result.FAILED
    assert "not with" in ran["a"].detail


# What the cluster says, the name of the setting in it or another one (docs/reference/server/versions.md#patch-releases).
UNKNOWN_FIELD = "[1:24] [service_settings] unknown field [{}]"


@pytest.mark.parametrize(
    ("version", "number", "field", "explained"),
    [
        ("9.5", "9.5.2", "api_key", True),
        ("9.5", "9.5.3", "api_key", False),
        ("9.4", "9.4.0", "api_key", False),
        ("9.5", "9.5.2", "foo", False),
    ],
)
def test_a_secret_that_its_service_does_not_know_is_explained(
    version: str, number: str, field: str, explained: bool
) -> None:
    emulated = Emulated(version, number=number)
    endpoint = remote(service="cohere", task_type="rerank")
    assert applied(emulated, endpoint).code == 0
    plan = plan_for(emulated, endpoint, send_secrets=("a",))
    assert only(plan).action is Action.UPDATE
    refusal = error(400, "x_content_parse_exception", UNKNOWN_FIELD.format(field))
    emulated.override = lambda method, target: refusal if "_update" in target else None
    emulated.sent.clear()
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert emulated.sent == ["PUT /_inference/rerank/a/_update"]
    assert "the old secret is still in use" in ran["a"].detail
    assert ran["a"].leaves == ((("service_settings", "api_key"),) if explained else ())
    cause = ran["a"].cause
    assert cause is not None
    assert ("9.5.2 refuses api_key of cohere in an update" in cause.text) is explained
    (fix,) = cause.fixes
    assert (fix.text == "upgrade the cluster to 9.5.3 or newer") is explained
