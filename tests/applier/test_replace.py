"""There is no atomic replace: all that can be known is known before the delete, and after it there is a way back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.emulated import Cut, Emulated, Reply, error, reply

from inferctl.applier.events import Left, Result, SubStep
from inferctl.emulator.provider import ProviderRule
from inferctl.planner.action import Action

from .worlds import CANARY, Ran, applied, carried_out, local, only, plan_for, remote, without_scan

GET = "GET /_inference/a"
DRY = "DELETE /_inference/completion/a?dry_run=true"
TRY = "PUT /_inference/completion/TRIAL?timeout=60s"
UNTRY = "DELETE /_inference/completion/TRIAL"
DELETE = "DELETE /_inference/completion/a"
PUT = "PUT /_inference/completion/a?timeout=60s"
ALL = "GET /_inference/_all"
PATH, TRIAL_PATH = "/_inference/completion/a", "/_inference/completion/inferctl-trial-.*"
OTHER = {"service": "openai", "service_settings": {"model_id": "other", "api_key": "x"}}
GONE = "nobody can use this id until the next apply creates it"
BACK = "the new endpoint could not be created after the old one was deleted; the old settings are restored"
_TRIAL = re.compile(r"inferctl-trial-[0-9a-f]{8}")


def told(lines: list[str]) -> list[str]:
    """Requests without the eight digits, and without the reads of our own scan."""
    return [_TRIAL.sub("TRIAL", line) for line in without_scan(lines)]


def trials(emulated: Emulated) -> list[str]:
    return [i for i in emulated.cluster.endpoints if _TRIAL.fullmatch(i)]


def model(emulated: Emulated) -> Any:
    """The model of `a`, or None where there is no `a`."""
    shown = emulated.shown("a")
    return shown and shown["service_settings"]["model_id"]


def replacing(version: str = "9.5", **more: Any) -> tuple[Emulated, Any]:
    """A cluster with `a`, and a plan that gives it another model."""
    emulated = Emulated(version)
    assert applied(emulated, remote(**more)).code == 0
    plan = plan_for(emulated, remote(**{**more, "model": "n"}))
    assert only(plan).action is Action.REPLACE
    return emulated, plan


def said(ran: Ran) -> list[str]:
    return [_TRIAL.sub("TRIAL", event.what) for event in ran.events if isinstance(event, SubStep)]


@pytest.mark.parametrize("version", ["9.1", "9.5"])
def test_try_then_delete_then_put_then_read(version: str) -> None:
    emulated, plan = replacing(version)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert told(emulated.sent) == [GET, DRY, TRY, UNTRY, GET, DELETE, PUT, ALL]
    assert said(ran) == ["trying the new settings as TRIAL", "deleting", "creating"]
    assert model(emulated) == "n"
    assert trials(emulated) == []


def test_the_provider_refuses_and_nothing_of_the_old_one_is_touched() -> None:
    emulated, plan = replacing()
    emulated.cluster.script_provider(ProviderRule("401", count=1))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert ran["a"].detail.startswith("the new settings were refused before anything was removed: ")
    assert "401" in ran["a"].detail
    assert told(emulated.sent) == [GET, DRY, TRY]
    assert model(emulated) == "m"
    again = plan_for(emulated, remote(model="n"))
    assert only(again).action is Action.REPLACE
    assert carried_out(emulated, again).code == 0
    assert plan_for(emulated, remote(model="n")).is_empty


@pytest.mark.parametrize(
    ("kind", "more", "sent"),
    [
        ("cut_before", {}, [TRY, *[UNTRY] * 6]),
        ("cut_after", {}, [TRY, UNTRY]),
        ("truncate", {}, [TRY, UNTRY]),
        ("status", {"status": 500}, [TRY, *[UNTRY] * 6]),
        ("status", {"status": 503}, [TRY, *[UNTRY] * 6]),
        ("throttle", {}, [TRY, *[UNTRY] * 6]),
    ],
)
def test_the_answer_to_the_trial_is_lost(kind: str, more: dict[str, Any], sent: list[str]) -> None:
    emulated, plan = replacing()
    emulated.fault(kind, "PUT", TRIAL_PATH, **more)
    ran = carried_out(emulated, plan)
    removed = sent == [TRY, UNTRY]  # else it was never seen, and may still come
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1 if removed else 4, Result.FAILED, not removed)
    assert ran["a"].detail.startswith("whether the new settings are accepted is not known, so nothing was removed")
    assert ("it is not there, and may still come" in ran["a"].detail) is not removed
    assert told(emulated.writes) == sent
    assert model(emulated) == "m"
    assert trials(emulated) == []


@pytest.mark.parametrize("count", [1, -1])
def test_the_throw_away_endpoint_cannot_be_removed(count: int) -> None:
    """Once: it is asked again. For ever: whoever cannot remove that one should not remove the other one."""
    emulated, plan = replacing()
    emulated.fault("status", "DELETE", TRIAL_PATH, status=500, count=count)
    ran = carried_out(emulated, plan)
    if count == 1:
        assert (ran.code, trials(emulated), model(emulated)) == (0, [], "n")
        return
    (left,) = trials(emulated)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.FAILED, True)
    assert f"{left} may still be there, remove it (DELETE /_inference/{left})" in ran["a"].detail
    assert told(emulated.writes) == [TRY, *[UNTRY] * 6]
    assert model(emulated) == "m"
    emulated.calm()
    plan = plan_for(emulated, remote(model="n"), manage=("*",), allow_delete=False)
    assert [c.inference_id for c in plan.changes] == ["a"]
    assert any(left in warning and "remove it" in warning for warning in plan.warnings)


def test_the_trial_shows_other_settings() -> None:
    emulated, plan = replacing()

    def wrong(method: str, target: str, answer: Reply) -> Reply:
        hit = method == "PUT" and "trial" in target
        return (answer[0], answer[1], answer[2].replace(b'"n"', b'"z"')) if hit else answer

    emulated.after = wrong
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert "service_settings.model_id" in ran["a"].detail
    assert (model(emulated), trials(emulated)) == ("m", [])


def test_an_edit_of_somebody_else_during_the_trial_is_not_deleted() -> None:
    emulated, plan = replacing()

    def edit(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT" and "trial" in target:
            emulated.call("PUT", "/_inference/completion/a/_update", {"task_settings": {"user": "u"}})
        return answer

    emulated.after = edit
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert "it changed since the plan: nothing was deleted" in ran["a"].detail
    assert told(emulated.writes) == [TRY, UNTRY]


def test_a_reference_that_appears_during_the_trial_is_seen_by_the_delete() -> None:
    emulated, plan = replacing()

    def refer(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT" and "trial" in target:
            emulated.call("PUT", "/_ingest/pipeline/p1", {"processors": [{"inference": {"model_id": "a"}}]})
        return answer

    emulated.after = refer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (3, Result.BLOCKED, False)
    assert "p1" in ran["a"].detail
    assert model(emulated) == "m"


def test_a_model_in_the_cluster_is_not_tried() -> None:
    """A second deployment beside the first could take the room that the new one needs."""
    emulated = Emulated()
    applied(emulated, local())
    plan = plan_for(emulated, local(num_threads=2))
    assert "try the new settings under a temporary id" not in only(plan).substeps
    assert carried_out(emulated, plan).code == 0
    assert [line.partition(" ")[0] for line in emulated.writes] == ["DELETE", "PUT"]


# The mappings of those who use it.


def used(emulated: Emulated, **fixed: Any) -> None:
    """An index whose field fixed these settings with its first document."""
    inner = {"type": "semantic_text", "inference_id": "a", "model_settings": {"task_type": "text_embedding", **fixed}}
    body = {"mappings": {"properties": {"o": {"properties": {"t": inner}}}}}
    emulated.call("PUT", "/i1", body)


def forced(dimensions: int, fixed: dict[str, Any]) -> tuple[Emulated, Ran]:
    """`a` gets other dimensions although the index i1 uses it."""
    emulated = Emulated()
    assert applied(emulated, remote(task_type="text_embedding", dimensions=8)).code == 0
    used(emulated, **fixed)
    wanted = remote(task_type="text_embedding", model="n", dimensions=dimensions)
    plan = plan_for(emulated, wanted, force_delete=frozenset({"a"}))
    return emulated, carried_out(emulated, plan, force=frozenset({"a"}))


@pytest.mark.parametrize(
    ("dimensions", "fixed", "says"),
    [
        (8, {"dimensions": 8, "similarity": "dot_product", "element_type": "float"}, ""),
        (8, {}, ""),
        (16, {"dimensions": 8}, "dimensions 8 there, 16 now"),
        (8, {"dimensions": 8, "similarity": "l2_norm"}, "similarity l2_norm there, dot_product now"),
        (8, {"task_type": "sparse_embedding"}, "task_type sparse_embedding there, text_embedding now"),
    ],
)
def test_what_the_mapping_fixed_must_fit(dimensions: int, fixed: dict[str, Any], says: str) -> None:
    emulated, ran = forced(dimensions, fixed)
    if not says:
        assert (ran.code, model(emulated)) == (0, "n")
        return
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert f"index i1, field o.t: {says}" in ran["a"].detail
    assert (model(emulated), trials(emulated)) == ("m", [])


def test_a_model_in_the_cluster_is_held_against_the_mapping_too() -> None:
    emulated = Emulated()
    applied(emulated, local())
    used(emulated, task_type="text_embedding", dimensions=8)
    plan = plan_for(emulated, local(num_threads=2), force_delete=frozenset({"a"}))
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert "task_type text_embedding there, sparse_embedding now" in ran["a"].detail
    assert emulated.writes == []


@pytest.mark.parametrize(("status", "code"), [(403, 0), (500, 1)])
def test_mappings_that_cannot_be_read(status: int, code: int) -> None:
    """Missing a privilege is no clash, and is said; trouble stops the replace."""
    emulated = Emulated()
    applied(emulated, remote(task_type="text_embedding"))
    used(emulated)
    force = frozenset({"a"})
    plan = plan_for(emulated, remote(task_type="text_embedding", model="n"), force_delete=force)
    emulated.override = lambda _, target: (
        error(status) if "model_settings" in target and "_mapping" in target else None
    )  # fmt: skip
    ran = carried_out(emulated, plan, force=force)
    assert (ran.code, model(emulated)) == (code, "m" if code else "n")
    assert ("was not checked: no privilege" if status == 403 else "could not be read") in ran["a"].detail


# After the delete: the way back.


def test_the_create_is_refused_and_the_old_settings_come_back() -> None:
    emulated, plan = replacing(user="u", rate_limit={"requests_per_minute": 7})
    before = emulated.shown("a")
    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.FAILED, True)
    assert ran["a"].detail.startswith(f"{BACK}, with the secret of the file\nthe create: ")
    assert "401" in ran["a"].detail
    assert told(emulated.writes) == [TRY, UNTRY, DELETE, PUT, PUT]
    assert said(ran)[-1] == "restoring the old settings"
    assert emulated.shown("a") == before
    assert emulated.cluster.endpoints["a"].secrets == {"api_key": CANARY}
    again = plan_for(emulated, remote(model="n", user="u", rate_limit={"requests_per_minute": 7}))
    assert only(again).action is Action.REPLACE
    assert carried_out(emulated, again).code == 0


@pytest.mark.parametrize(
    ("kind", "more", "sent"),
    [
        ("cut_before", {}, 2),
        ("cut_after", {}, 1),
        ("status", {"status": 503}, 2),
        ("status", {"status": 500}, 2),
        ("throttle", {}, 2),
    ],
)
def test_the_put_is_lost_and_sent_again_if_nothing_is_there(kind: str, more: dict[str, Any], sent: int) -> None:
    emulated, plan = replacing()
    emulated.fault(kind, "PUT", PATH, **more)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")
    assert told(emulated.writes) == [TRY, UNTRY, DELETE, *[PUT] * sent]


def test_the_put_is_lost_and_cannot_be_read_back() -> None:
    """Nobody knows what is there, so nothing is put there."""
    emulated, plan = replacing()
    emulated.fault("cut_after", "PUT", PATH)
    emulated.fault("status", "GET", "/_inference/a", status=500, skip=2, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert ran["a"].detail.startswith("the old one was deleted; whether the new one is there is not known")
    assert told(emulated.writes) == [TRY, UNTRY, DELETE, PUT]


@pytest.mark.parametrize("kind", ["cut_before", "status", "cut_after"])
def test_the_restore_is_lost(kind: str) -> None:
    emulated, plan = replacing()
    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    emulated.fault(kind, "PUT", PATH, skip=1, status=503)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.FAILED, True)
    assert ran["a"].detail.startswith(BACK)
    assert model(emulated) == "m"


def test_neither_can_be_put_there() -> None:
    emulated, plan = replacing()
    emulated.fault("status", "PUT", PATH, status=503, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.UNKNOWN, True)
    assert f"the old settings could not be restored, and {GONE}" in ran["a"].detail
    assert 250 < ran["a"].elapsed_s <= 300 + 4
    emulated.calm()
    assert model(emulated) is None
    assert only(plan_for(emulated, remote(model="n"))).action is Action.CREATE


def test_the_restore_is_lost_and_cannot_be_read_back() -> None:
    emulated, plan = replacing()
    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    emulated.fault("cut_after", "PUT", PATH, skip=1)
    emulated.fault("status", "GET", "/_inference/a", status=500, skip=2, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert "whether the old settings are restored is not known" in ran["a"].detail


def test_the_restored_one_is_not_quite_as_it_was() -> None:
    emulated, plan = replacing()
    puts = 0

    def wrong(method: str, target: str, answer: Reply) -> Reply:
        nonlocal puts
        puts += method == "PUT" and "trial" not in target
        return (answer[0], answer[1], answer[2].replace(b'"m"', b'"z"')) if puts == 2 else answer

    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    emulated.after = wrong
    ran = carried_out(emulated, plan)
    assert "it is not quite as it was: service_settings.model_id" in ran["a"].detail


def test_somebody_makes_it_before_it_can_be_restored() -> None:
    emulated, plan = replacing()

    def take(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT" and "trial" not in target and answer[0] == 400 and model(emulated) is None:
            emulated.call("PUT", "/_inference/completion/a", OTHER)
        return answer

    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    emulated.after = take
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (4, Result.FAILED, "other")
    assert "what is there now is theirs: plan again" in ran["a"].detail


def test_another_service_takes_its_secret_with_it() -> None:
    """The file has a key of cohere by now; openai would not know it."""
    emulated = Emulated()
    applied(emulated, remote())
    plan = plan_for(emulated, remote(service="cohere", model="n"))
    assert only(plan).substeps[-1] == "if that fails, nothing can be restored: the file has no secret of openai"
    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert f"the old settings cannot be restored, since the file has no secret of openai: {GONE}" in ran["a"].detail
    assert told(emulated.writes) == [TRY, UNTRY, DELETE, PUT]


def test_what_needs_no_secret_comes_back_from_any_service() -> None:
    emulated = Emulated()
    applied(emulated, local())
    before = emulated.shown("a")
    wanted = remote(task_type="text_embedding", model="n")
    plan = plan_for(emulated, wanted)
    assert only(plan).substeps == (
        "try the new settings under a temporary id", "delete", "create", "if that fails, restore the old settings",
    )  # fmt: skip
    emulated.cluster.script_provider(ProviderRule("401", inference_id="a", count=1))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert ran["a"].detail.startswith(f"{BACK}; its model starts again")
    assert emulated.shown("a") == before
    assert "a" in emulated.cluster.deployments


def test_a_model_that_does_not_start_stays_as_it_is() -> None:
    """It is stored before its model starts. Removing it for a restore would be a delete that nobody planned."""
    emulated = Emulated()
    applied(emulated, local())
    plan = plan_for(emulated, local(num_threads=2))
    emulated.after = lambda method, _, answer: error(400, reason="no room") if method == "PUT" else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (6, Result.NOT_READY)
    assert "its model did not start" in ran["a"].detail
    assert GONE not in ran["a"].detail
    assert len(emulated.writes) == 2


def test_settings_of_a_model_that_are_refused_bring_the_old_model_back() -> None:
    emulated = Emulated()
    applied(emulated, local())
    plan = plan_for(emulated, local(num_threads=2))
    puts = 0

    def refuse(method: str, _target: str) -> Reply | None:
        nonlocal puts
        puts += method == "PUT"
        return error(400, reason="bad settings") if method == "PUT" and puts == 1 else None

    emulated.override = refuse
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert ran["a"].detail.startswith(f"{BACK}; its model starts again")
    assert emulated.shown("a")["service_settings"]["num_threads"] == 1


# What else may come in between.


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
    assert model(emulated) == "other"


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
    """Nothing to lose, so nothing to try, and nothing of ours to restore."""
    emulated, plan = replacing()
    emulated.call("DELETE", "/_inference/a")
    if failing:
        emulated.override = lambda method, _: error(400) if method == "PUT" else None
    ran = carried_out(emulated, plan)
    assert emulated.writes == [PUT]
    assert ran["a"].wrote is not failing
    assert ran["a"].result is (Result.FAILED if failing else Result.DONE)
    assert ("gone already" in ran["a"].detail) is failing


def test_it_cannot_be_read_so_nothing_is_deleted() -> None:
    emulated, plan = replacing()
    emulated.fault("status", "GET", status=500)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert ran["a"].detail.startswith("nothing was deleted")
    assert emulated.writes == []


def test_a_reference_that_appeared_costs_no_call_to_the_provider() -> None:
    emulated, plan = replacing()
    emulated.call("PUT", "/_ingest/pipeline/p1", {"processors": [{"inference": {"model_id": "a"}}]})
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert "p1" in ran["a"].detail
    assert emulated.writes == []


@pytest.mark.parametrize(("kind", "sent"), [("cut_before", 2), ("cut_after", 1)])
def test_the_delete_is_lost(kind: str, sent: int) -> None:
    emulated, plan = replacing()
    emulated.fault(kind, "DELETE", PATH, skip=1)
    ran = carried_out(emulated, plan)
    assert told(emulated.writes) == [TRY, UNTRY, *[DELETE] * sent, PUT]
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")


def test_the_create_answers_with_other_settings() -> None:
    emulated, plan = replacing()

    def wrong(method: str, target: str, answer: Reply) -> Reply:
        hit = method == "PUT" and "trial" not in target
        return (answer[0], answer[1], answer[2].replace(b'"n"', b'"z"')) if hit else answer

    emulated.after = wrong
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert ran["a"].leaves == (("service_settings", "model_id"),)
    assert GONE not in ran["a"].detail
    assert told(emulated.writes) == [TRY, UNTRY, DELETE, PUT]


def test_a_dead_provider_costs_no_endpoint() -> None:
    emulated = Emulated()
    applied(emulated, *(remote(f"a{n}") for n in range(4)))
    plan = plan_for(emulated, *(remote(f"a{n}", model="n") for n in range(4)))
    emulated.cluster.script_provider(ProviderRule("500"))
    ran = carried_out(emulated, plan)
    assert (ran.code, [r.result for r in ran.outcome.results]) == (1, [Result.FAILED, *[Result.NOT_STARTED] * 3])
    assert sorted(emulated.cluster.endpoints) == ["a0", "a1", "a2", "a3"]


def test_an_answer_without_an_endpoint_is_no_answer() -> None:
    emulated, plan = replacing()
    emulated.after = lambda method, target, answer: reply(200, {}) if method == "PUT" and "trial" in target else answer
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, trials(emulated)) == (1, Result.FAILED, [])


def test_the_lost_put_arrives_after_all() -> None:
    """The connection is gone, the server goes on: the next plan finds it there."""
    emulated, plan = replacing()

    def late(method: str, target: str, answer: Reply) -> Reply:
        if method == "PUT" and "trial" not in target:
            raise Cut
        return answer

    emulated.after = late
    assert carried_out(emulated, plan)["a"].result is Result.DONE
    emulated.after = lambda _method, _target, answer: answer
    assert plan_for(emulated, remote(model="n")).is_empty


@pytest.mark.parametrize(("count", "left"), [(-1, Left.DOWN), (1, Left.RESTORED)])
def test_what_is_left_of_the_endpoint_is_a_fact_of_the_step(count: int, left: Left) -> None:
    emulated, plan = replacing()
    emulated.fault("status", "PUT", PATH, status=400, reason="no shard", count=count)
    ran = carried_out(emulated, plan)
    assert (ran["a"].left, ran["a"].result) == (left, Result.FAILED)
    assert (model(emulated) is None) is (left is Left.DOWN)
    assert ran["a"].cause is not None
    assert "no shard" in ran["a"].cause.text


def test_a_refused_trial_leaves_the_old_one_as_before() -> None:
    emulated, plan = replacing()
    emulated.cluster.script_provider(ProviderRule("401", message="Incorrect API key", count=1))
    ran = carried_out(emulated, plan)
    assert ran["a"].left is Left.UNTOUCHED
    assert ran["a"].cause is not None
    assert ran["a"].cause.text == "openai refuses the key (401: Incorrect API key)"
    assert [fix.text for fix in ran["a"].cause.fixes] == ["put a key that openai takes into {env: K}"]
