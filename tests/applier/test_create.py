"""A create is sent once. What is there afterwards decides, not what the connection did."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Cut, Emulated, Reply, error, reply
from tests.factories import desired

from inferctl.applier.events import Result
from inferctl.emulator.provider import ProviderRule
from inferctl.errors import InputError

from .worlds import CANARY, Patience, carried_out, local, plan_for, remote

PUT = "PUT /_inference/completion/a?timeout=60s"
GET = "GET /_inference/a"
LOOKS = [GET] * 4  # at once, and again after a while
ALL = "GET /_inference/_all"
OTHER = {"service": "openai", "service_settings": {"model_id": "other", "api_key": "x"}}
SAME = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "x"}}


def test_the_answer_and_one_list_confirm_it() -> None:
    emulated = Emulated()
    ran = carried_out(emulated, plan_for(emulated, remote()))
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    assert emulated.sent == [PUT, ALL]
    assert emulated.cluster.endpoints["a"].secrets == {"api_key": CANARY}


@pytest.mark.parametrize(
    ("kind", "more", "sent", "code", "result", "says"),
    [
        ("cut_before", {}, [PUT, *LOOKS], 4, Result.UNKNOWN, "it is not there, and it may still come"),
        ("cut_after", {}, [PUT, GET, ALL], 0, Result.DONE, "the answer was lost; read back, it is as declared"),
        ("truncate", {}, [PUT, GET, ALL], 0, Result.DONE, "the answer was lost"),
        ("status", {"status": 500}, [PUT, *LOOKS], 4, Result.UNKNOWN, "scripted fault"),
        ("status", {"status": 502}, [PUT, *LOOKS], 4, Result.UNKNOWN, "scripted fault"),
        ("status", {"status": 504}, [PUT, *LOOKS], 4, Result.UNKNOWN, "scripted fault"),
        ("status", {"status": 408}, [PUT, *LOOKS], 4, Result.UNKNOWN, "scripted fault"),
        ("status", {"status": 503}, [PUT, *LOOKS], 4, Result.UNKNOWN, "scripted fault"),
        ("throttle", {}, [PUT, *LOOKS, PUT, ALL], 0, Result.DONE, ""),
        ("status", {"status": 400}, [PUT], 1, Result.FAILED, "scripted fault"),
        ("status", {"status": 403}, [PUT], 1, Result.FAILED, "scripted fault"),
    ],
)
def test_it_is_sent_twice_only_where_the_cluster_asks_for_patience(
    kind: str, more: dict[str, Any], sent: list[str], code: int, result: Result, says: str
) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.fault(kind, "PUT", **more)
    ran = carried_out(emulated, plan)
    assert emulated.sent == sent
    assert (ran.code, ran["a"].result) == (code, result)
    assert says in ran["a"].detail
    assert bool(emulated.shown("a")) is (result is Result.DONE)


def test_a_lost_answer_and_other_settings_is_a_failure_with_the_leaf() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())

    def swap(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT":
            emulated.call("DELETE", "/_inference/a")
            emulated.call("PUT", "/_inference/completion/a", OTHER)
            raise Cut
        return answer

    emulated.after = swap
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.FAILED, True)
    assert ran["a"].leaves == (("service_settings", "model_id"),)
    assert "other settings" in ran["a"].detail


def test_a_lost_answer_that_cannot_be_read_back_is_unknown() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.fault("cut_after", "PUT")
    emulated.fault("status", "GET", status=500, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.UNKNOWN, True)
    assert "could not be read back" in ran["a"].detail
    assert len(emulated.writes) == 1


@pytest.mark.parametrize("body", [{}, {"acknowledged": True}, {"inference_id": "a"}])
def test_a_yes_without_an_endpoint_is_no_answer(body: Any) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.after = lambda method, _, answer: reply(200, body) if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert emulated.sent == [PUT, GET, ALL]


def test_a_yes_with_other_settings_fails_with_the_leaf() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    body = {"inference_id": "a", "task_type": "completion", "service": "openai", "service_settings": {"model_id": "n"}}
    emulated.after = lambda method, _, answer: reply(200, body) if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].leaves) == (4, Result.FAILED, (("service_settings", "model_id"),))


@pytest.mark.parametrize(
    ("theirs", "result", "code", "says"),
    [
        (SAME, Result.DONE, 0, "same settings; its secret may be another one"),
        (OTHER, Result.FAILED, 1, "other settings"),
    ],
)
def test_somebody_else_was_faster(theirs: Any, result: Result, code: int, says: str) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.call("PUT", "/_inference/completion/a", theirs)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (code, result, False)
    assert says in ran["a"].detail
    assert emulated.sent == [PUT, GET]
    assert emulated.shown("a")["service_settings"]["model_id"] == theirs["service_settings"]["model_id"]


def test_somebody_else_was_faster_and_cannot_be_read() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.call("PUT", "/_inference/completion/a", SAME)
    emulated.fault("status", "GET", status=500)
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, ran["a"].wrote) == (Result.UNKNOWN, False)


def test_somebody_else_made_it_and_removed_it_again() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    taken = error(400, "resource_already_exists_exception", "Inference endpoint [a] already exists")
    emulated.override = lambda method, _: taken if method == "PUT" else None
    assert "removed it again" in carried_out(emulated, plan)["a"].detail


@pytest.mark.parametrize("outcome", ["401", "429", "500", "timeout", "null"])
def test_the_provider_refuses(outcome: str) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.cluster.script_provider(ProviderRule(outcome, message=f"bad key {CANARY}"))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert "validation call" in ran["a"].detail
    assert emulated.shown("a") is None


def test_the_vectors_have_another_length() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote(task_type="text_embedding", dimensions=3))
    emulated.cluster.script_provider(ProviderRule(dimensions=7))
    assert "does not match the size" in carried_out(emulated, plan)["a"].detail


@pytest.mark.parametrize("secrets", [{}, None])
def test_one_missing_secret_and_nothing_is_sent(secrets: Any) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, local("a1"), remote("a2"))
    with pytest.raises(InputError, match=r"\{env: K\}"):
        carried_out(emulated, plan, secrets=secrets or {})
    assert emulated.sent == []


def test_versions_without_timeout_get_none() -> None:
    emulated = Emulated("9.0")
    carried_out(emulated, plan_for(emulated, remote()))
    assert emulated.writes == ["PUT /_inference/completion/a"]


LOCAL = "PUT /_inference/sparse_embedding/a?timeout=120s"


@pytest.mark.parametrize(
    ("status", "more"),
    [(408, {}), (429, {}), (429, {"timed_out": True}), (504, {}), (503, {}), (500, {})],
)
def test_a_model_that_is_still_starting_is_waited_for(status: int, more: dict[str, Any]) -> None:
    """The endpoint is stored, the deployment goes on in the background (docs/reference/server/in-cluster.md#create)."""
    emulated = Emulated()
    plan = plan_for(emulated, local())
    emulated.after = lambda method, _, answer: error(status, **more) if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    assert emulated.writes == [LOCAL]


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.4", "9.5"])
def test_a_slow_model_is_waited_for_on_every_version(version: str) -> None:
    emulated = Emulated(version)
    emulated.cluster.allocation_seconds = 300.0  # more than any PUT waits
    plan = plan_for(emulated, local())
    stop = Patience(emulated)
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert stop.now_s >= 180
    assert len(emulated.writes) == 1


def test_a_slow_model_without_endpoint_is_no_model() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, local())
    emulated.fault("status", "PUT", status=408)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert "not there" in ran["a"].detail


def test_a_model_that_cannot_start_leaves_an_endpoint_and_that_is_said() -> None:
    """No rollback of the stored endpoint (docs/reference/server/in-cluster.md#create)."""
    emulated = Emulated()
    plan = plan_for(emulated, local())
    emulated.after = lambda method, _, answer: error(400, reason="no room") if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (6, Result.NOT_READY, True)
    assert "no room" in ran["a"].detail
    assert "it exists, and its model did not start" in ran["a"].detail


def test_a_short_ready_timeout_bounds_the_server_too() -> None:
    emulated = Emulated()
    carried_out(emulated, plan_for(emulated, local("a1", ready_timeout_s=20), local("a2", ready_timeout_s=0.5)))
    assert [line.partition("?")[2] for line in emulated.writes] == ["timeout=20s", "timeout=1s"]


def test_a_model_that_the_region_policy_denies_is_no_matter_of_keys() -> None:
    emulated = Emulated()
    regions = [{"csp": "aws", "region": "us-east-1", "geo": "us"}]
    emulated.cluster.eis_endpoints[".m"] = {"task_type": "completion", "model_id": "m", "regions": regions}
    emulated.call("PUT", "/_inference/_region_policy", {"region_policy": {"allowed_geos": ["eu"]}})
    asked = desired("a", task_type="completion", service="elastic", settings={"model_id": "m"})
    ran = carried_out(emulated, plan_for(emulated, asked))
    assert (ran["a"].result, emulated.shown("a")) == (Result.FAILED, None)
    cause = ran["a"].cause
    assert cause is not None
    assert cause.text == (
        "the region policy of the cluster denies its model "
        "(403: Requested model is not available in the allowed inference regions)"
    )
    assert "key" not in " ".join(fix.text for fix in cause.fixes)
