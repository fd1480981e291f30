"""What something refers to stays; the question is asked again right before the call."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Emulated, Reply, error, reply

from inferctl.applier.events import Result
from inferctl.planner.action import Standing

from .worlds import Ran, applied, carried_out, local, only, plan_for, remote, without_scan

DRY = "DELETE /_inference/completion/a?dry_run=true"
DELETE = "DELETE /_inference/completion/a"
GET = "GET /_inference/a"
ALL = "GET /_inference/_all"
OTHER = {"service": "openai", "service_settings": {"model_id": "other", "api_key": "x"}}
PIPELINE = {"processors": [{"inference": {"model_id": "a"}}]}
MAPPING = {"mappings": {"properties": {"t": {"type": "semantic_text", "inference_id": "a"}}}}


def leaving(version: str = "9.5", **more: Any) -> tuple[Emulated, Any]:
    """A cluster with `a` and `b`, and a plan that removes `a`."""
    emulated = Emulated(version)
    assert applied(emulated, remote("a"), remote("b")).code == 0
    return emulated, plan_for(emulated, remote("b"), **more)


@pytest.mark.parametrize("version", ["9.1", "9.5"])
def test_it_is_removed_and_confirmed(version: str) -> None:
    emulated, plan = leaving(version)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    assert without_scan(emulated.sent) == [GET, DRY, DELETE, ALL]
    assert emulated.shown("a") is None


def test_8_17_lists_too_little_so_it_is_read_by_its_id() -> None:
    emulated, plan = leaving("8.17")
    assert carried_out(emulated, plan).code == 0
    assert without_scan(emulated.sent) == [GET, DRY, DELETE, ALL, GET]


@pytest.mark.parametrize(("path", "body", "name"), [("/_ingest/pipeline/p1", PIPELINE, "p1"), ("/i1", MAPPING, "i1")])
def test_a_reference_that_appeared_since_the_plan(path: str, body: Any, name: str) -> None:
    emulated, plan = leaving()
    emulated.call("PUT", path, body)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (3, Result.BLOCKED, False)
    assert name in ran["a"].detail
    assert "since the plan" in ran["a"].detail
    assert emulated.writes == []


def test_a_reference_that_appears_between_question_and_call() -> None:
    emulated, plan = leaving()

    def refer(_method: str, target: str, answer: Reply) -> Reply:
        if "dry_run" in target:
            emulated.call("PUT", "/_ingest/pipeline/p1", PIPELINE)
        return answer

    emulated.after = refer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert "p1" in ran["a"].detail
    assert emulated.shown("a")


def test_a_reference_that_vanished_since_the_plan_is_planned_again_first() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    emulated.call("PUT", "/_ingest/pipeline/p1", PIPELINE)
    plan = plan_for(emulated, remote("b"))
    assert only(plan).standing is Standing.BLOCKED
    emulated.call("DELETE", "/_ingest/pipeline/p1")
    assert carried_out(emulated, plan).code == 3
    assert emulated.sent == []


def test_a_named_id_goes_although_it_is_referenced() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    emulated.call("PUT", "/_ingest/pipeline/p1", PIPELINE)
    plan = plan_for(emulated, remote("b"), force_delete=frozenset({"a"}))
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert emulated.writes == [f"{DELETE}?force=true"]


def test_force_is_for_the_named_id_only() -> None:
    emulated, plan = leaving(force_delete=frozenset({"b"}))
    carried_out(emulated, plan, force=frozenset({"b"}))
    assert emulated.writes == [DELETE]


def test_without_the_privilege_to_ask_the_server_still_refuses() -> None:
    emulated, plan = leaving()
    emulated.call("PUT", "/_ingest/pipeline/p1", PIPELINE)
    emulated.override = lambda _, target: error(403, "security_exception") if "dry_run" in target else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert emulated.shown("a")


@pytest.mark.parametrize("body", [{}, {"acknowledged": False, "pipelines": []}])
def test_half_an_answer_deletes_nothing(body: Any) -> None:
    emulated, plan = leaving()
    emulated.override = lambda _, target: reply(200, body) if "dry_run" in target else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert emulated.writes == []


def test_gone_already() -> None:
    emulated, plan = leaving()
    emulated.call("DELETE", "/_inference/a")
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, False)
    assert ran["a"].detail == "it was gone already"


def test_not_found_is_not_always_gone() -> None:
    """404 also says that a service is not there (docs/reference/server/delete.md#steps)."""
    emulated, plan = leaving()
    no_service = error(404, reason="No service found for this inference endpoint a")
    emulated.override = lambda method, target: no_service if f"{method} {target}" == DELETE else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert "No service found" in ran["a"].detail


def test_not_found_and_not_readable_is_unknown() -> None:
    emulated, plan = leaving()
    gone = error(404, "resource_not_found_exception")
    emulated.override = lambda method, target: gone if f"{method} {target}" == DELETE else None
    emulated.fault("status", "GET", "/_inference/a", status=500, skip=1)
    assert carried_out(emulated, plan)["a"].result is Result.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "more", "sent"),
    [
        ("cut_before", {}, 2),
        ("cut_after", {}, 1),
        ("truncate", {}, 1),
        ("status", {"status": 500}, 2),
        ("status", {"status": 504}, 2),
        ("status", {"status": 503}, 2),
        ("throttle", {}, 2),
    ],
)
def test_a_delete_that_is_maybe_done_is_sent_again_only_if_it_is_still_there(
    kind: str, more: dict[str, Any], sent: int
) -> None:
    emulated, plan = leaving()
    emulated.fault(kind, "DELETE", skip=1, **more)  # the dry run passes
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, ran["a"].wrote, ran.code) == (Result.DONE, True, 0)
    assert emulated.writes == [DELETE] * sent


def test_a_delete_that_is_never_done_is_not_sent_for_ever() -> None:
    emulated, plan = leaving()
    emulated.fault("status", "DELETE", skip=1, status=503, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, ran["a"].wrote, ran.code) == (Result.UNKNOWN, True, 4)
    assert "it is still there, and may still go" in ran["a"].detail
    assert emulated.writes == [DELETE] * 3


def test_a_refused_delete_is_not_sent_again() -> None:
    emulated, plan = leaving()
    emulated.override = lambda method, target: error(403) if f"{method} {target}" == DELETE else None
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, ran["a"].wrote, ran.code) == (Result.FAILED, False, 1)
    assert emulated.writes == [DELETE]


def test_a_delete_is_not_sent_again_to_what_another_has_made_meanwhile() -> None:
    emulated, plan = leaving()

    def swap(method: str, target: str, answer: Reply) -> Reply:
        if f"{method} {target}" == DELETE:
            emulated.call("PUT", "/_inference/completion/a", OTHER)
            return error(503)
        return answer

    emulated.after = swap
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, ran["a"].wrote, ran.code) == (Result.FAILED, True, 4)
    assert emulated.writes == [DELETE]
    assert emulated.shown("a")["service_settings"]["model_id"] == "other"


def test_a_lost_answer_that_cannot_be_read_back_is_unknown() -> None:
    emulated, plan = leaving()
    emulated.fault("cut_after", "DELETE", skip=1)
    emulated.fault("status", "GET", "/_inference/a", status=500, skip=1, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)


def test_the_server_says_yes_and_it_is_still_there() -> None:
    emulated, plan = leaving()
    yes = reply(200, {"acknowledged": True, "pipelines": [], "indexes": []})
    emulated.override = lambda method, target: yes if f"{method} {target}" == DELETE else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert "still there" in ran["a"].detail


def test_somebody_elses_update_is_waited_for() -> None:
    emulated, plan = leaving()
    emulated.cluster.updating.add("a")

    def finish(method: str, target: str, answer: Reply) -> Reply:
        if f"{method} {target}" == DELETE:
            emulated.cluster.updating.clear()
        return answer

    emulated.after = finish
    assert carried_out(emulated, plan)["a"].result is Result.DONE
    assert emulated.writes == [DELETE, DELETE]


@pytest.mark.parametrize(("task_type", "model"), [("text_embedding", "m"), ("completion", "other")])
def test_another_endpoint_with_its_id_since_the_plan(task_type: str, model: str) -> None:
    emulated, plan = leaving()
    emulated.call("DELETE", "/_inference/a")
    body = {"service": "openai", "service_settings": {"model_id": model, "api_key": "x"}}
    emulated.call("PUT", f"/_inference/{task_type}/a", body)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert "changed since the plan" in ran["a"].detail
    assert emulated.shown("a")
    assert emulated.writes == []


def test_it_goes_between_question_and_call() -> None:
    emulated, plan = leaving()

    def remove(_method: str, target: str, answer: Reply) -> Reply:
        if "dry_run" in target:
            emulated.call("DELETE", "/_inference/a")
        return answer

    emulated.after = remove
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, False)


def test_it_cannot_be_read_so_nothing_is_deleted() -> None:
    emulated, plan = leaving()
    emulated.fault("status", "GET", status=500)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert ran["a"].detail.startswith("nothing was deleted")
    assert emulated.writes == []


SHARER = {"service": "elasticsearch", "service_settings": {"deployment_id": "a"}}


def owner_leaves() -> tuple[Emulated, Any]:
    emulated = Emulated()
    assert applied(emulated, local("a"), remote("b")).code == 0
    return emulated, plan_for(emulated, remote("b"))


def test_a_sharer_that_appeared_since_the_plan_keeps_the_owner() -> None:
    """The server does not ask: deleting the owner stops the deployment.

    Source: docs/reference/server/delete.md#side-effects.
    """
    emulated, plan = owner_leaves()
    emulated.call("PUT", "/_inference/sparse_embedding/x", SHARER)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert "shared by x" in ran["a"].detail
    assert "a" in emulated.cluster.deployments


def test_where_nobody_can_see_the_sharers_the_owner_stays() -> None:
    emulated, plan = owner_leaves()
    emulated.fault("status", "GET", "/_inference/_all", status=500)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert emulated.shown("a")


def test_a_new_sharer_in_the_files_keeps_the_owner() -> None:
    emulated = Emulated()
    applied(emulated, local("a"))
    plan = plan_for(emulated, local("b", deployment_id="a"))
    assert [(c.inference_id, c.standing) for c in plan.steps] == [("a", Standing.BLOCKED), ("b", Standing.READY)]
    ran: Ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["b"].result) == (3, Result.BLOCKED, Result.DONE)
    assert "a" in emulated.cluster.deployments


def test_ids_of_the_server_are_never_touched() -> None:
    emulated = Emulated()
    plan = plan_for(
        emulated, remote("b"), local(".elser-2-elasticsearch", num_threads=2), local(".mine"), manage=("*b", ".*")
    )
    ran = carried_out(emulated, plan, force=frozenset({".elser-2-elasticsearch"}))
    assert ran.code == 3
    assert {r.inference_id: r.result for r in ran.outcome.results} == {
        ".elser-2-elasticsearch": Result.BLOCKED,
        ".mine": Result.BLOCKED,
        "b": Result.DONE,
    }
    assert emulated.writes == ["PUT /_inference/completion/b?timeout=60s"]
