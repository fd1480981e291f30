"""The order of steps, how many at once, and what a failure holds back."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated, Reply, error, reply

from inferctl.applier.events import Event, Result, StageStarted, StepFinished, StepStarted
from inferctl.emulator.provider import ProviderRule
from inferctl.planner.action import Action

from .worlds import Patience, applied, carried_out, local, plan_for, remote

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint


def ids(emulated: Emulated) -> list[str]:
    """The written endpoints in their order; those of trials without their digits."""
    names = [line.partition("?")[0].removesuffix("/_update").rpartition("/")[2] for line in emulated.writes]
    return ["TRIAL" if name.startswith("inferctl-trial-") else name for name in names]


def busy() -> tuple[Emulated, Any]:
    """A plan with a step of every kind."""
    emulated = Emulated()
    applied(emulated, remote("a-new-model"), remote("a-user", user="x"), remote("b-old"), local("b-old-model"),
            local("b-old-sharer", deployment_id="b-old-model"))  # fmt: skip
    files = [
        local("a1-sharer", deployment_id="b1-owner"),
        local("b1-owner"),
        local("a2-owner", num_threads=2),
        remote("b-created"),
        remote("a-user", user="y"),
        remote("a-new-model", model="n"),
    ]
    return emulated, plan_for(emulated, *files)


def test_first_what_adds_then_what_replaces_then_what_removes() -> None:
    emulated, plan = busy()
    ran = carried_out(emulated, plan, parallelism=1)
    assert ran.code == 0
    assert ids(emulated) == [
        "a-user", "b-created",  # remote
        "a2-owner", "b1-owner",  # in the cluster
        "a1-sharer",
        "TRIAL", "TRIAL",  # put, delete
        "a-new-model", "a-new-model",  # delete, put
        "b-old-sharer", "b-old", "b-old-model",
    ]  # fmt: skip
    stages = [event.stage for event in ran.events if isinstance(event, StageStarted)]
    assert stages == [
        "create and update", "models in the cluster", "models that share a deployment", "replace", "delete",
    ]  # fmt: skip


def test_every_step_begins_and_ends_once() -> None:
    emulated, plan = busy()
    ran = carried_out(emulated, plan)
    begun = [event.inference_id for event in ran.events if isinstance(event, StepStarted)]
    ended = [event.inference_id for event in ran.events if isinstance(event, StepFinished)]
    assert sorted(begun) == sorted(ended) == [change.inference_id for change in plan.steps]
    for inference_id in begun:
        kinds = [type(e) for e in ran.events if getattr(e, "inference_id", "") == inference_id]
        assert (kinds[0], kinds[-1]) == (StepStarted, StepFinished)


def test_a_step_is_told_when_it_ends_and_not_when_its_stage_does() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"))
    told: list[tuple[str, int]] = []

    def hear(event: Event) -> None:
        if isinstance(event, StepFinished):
            told.append((event.inference_id, len(emulated.writes)))

    carried_out(emulated, plan, parallelism=1, emit=hear)
    assert told == [("a1", 1), ("a2", 2)]


class Crowd:
    """Counts the requests that are under way at the same time."""

    def __init__(self, emulated: Emulated) -> None:
        self._lock, self._inside, self.most = threading.Lock(), 0, 0
        emulated.override = self.enter

    def enter(self, method: str, target: str) -> None:
        if method not in ("PUT", "DELETE") or "dry_run" in target:
            return
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        time.sleep(0.02)
        with self._lock:
            self._inside -= 1


@pytest.mark.parametrize("parallelism", [1, 2, 4])
def test_at_most_so_many_writes_at_once(parallelism: int) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, *(remote(f"a{n}") for n in range(12)))
    crowd = Crowd(emulated)
    assert carried_out(emulated, plan, parallelism=parallelism).code == 0
    assert crowd.most == parallelism


def test_one_model_start_one_replace_and_one_delete_at_a_time() -> None:
    emulated = Emulated()
    applied(emulated, *(remote(f"a{n}") for n in range(3)), *(remote(f"b{n}") for n in range(3)))
    models = [local(f"c{n}", num_threads=2**n) for n in range(3)]
    plan = plan_for(emulated, *(remote(f"a{n}", model="n") for n in range(3)), *models, manage=("a*", "b*", "c*"))
    crowd = Crowd(emulated)
    assert carried_out(emulated, plan, parallelism=8).code == 0
    assert crowd.most == 1


def test_a_model_is_ready_before_the_next_one_starts() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 300.0
    plan = plan_for(emulated, local("a1"), local("a2", num_threads=2))
    ran = carried_out(emulated, plan)
    assert ran.code == 0
    kinds = [(type(e).__name__, e.inference_id) for e in ran.events if isinstance(e, StepStarted | StepFinished)]
    assert kinds == [("StepStarted", "a1"), ("StepFinished", "a1"), ("StepStarted", "a2"), ("StepFinished", "a2")]


@pytest.mark.parametrize("how", ["refused", "ignored", "unknown", "not ready"])
def test_a_failure_holds_back_what_removes_and_nothing_else(how: str) -> None:
    emulated, plan = busy()
    if how == "refused":
        emulated.cluster.script_provider(ProviderRule("500", inference_id="b-created"))
    elif how == "ignored":
        emulated.after = lambda method, target, answer: (
            (answer[0], answer[1], answer[2].replace(b'"y"', b'"x"')) if "a-user/_update" in target else answer
        )
    elif how == "unknown":
        emulated.fault("cut_after", "PUT", ".*/b-created")
        emulated.fault("status", "GET", "/_inference/b-created", status=500, count=-1)
    else:
        emulated.fault("status", "GET", "/_ml/.*", status=403)
        emulated.fault("status", "POST", ".*/a2-owner", status=500)
    ran = carried_out(emulated, plan)
    results = {r.inference_id: r.result for r in ran.outcome.results}
    held = {i for i, result in results.items() if result is Result.NOT_STARTED}
    assert held == {"a-new-model", "b-old", "b-old-model", "b-old-sharer"}
    assert "nothing is removed" in ran["b-old"].detail
    assert results["a1-sharer"] is results["b1-owner"] is Result.DONE
    assert not any(line.startswith("DELETE") for line in emulated.writes)
    assert ran.code == 4


def test_a_failed_delete_holds_back_the_later_ones() -> None:
    emulated = Emulated()
    applied(emulated, *(remote(f"a{n}") for n in range(3)), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.fault("status", "DELETE", "/_inference/completion/a1", status=403, skip=1)
    ran = carried_out(emulated, plan)
    assert [r.result for r in ran.outcome.results] == [Result.DONE, Result.FAILED, Result.NOT_STARTED]
    assert ran.code == 4


def test_a_blocked_delete_stops_only_itself() -> None:
    emulated = Emulated()
    applied(emulated, *(remote(f"a{n}") for n in range(3)), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "a1"}}]})
    ran = carried_out(emulated, plan)
    assert [r.result for r in ran.outcome.results] == [Result.DONE, Result.BLOCKED, Result.DONE]
    assert ran.code == 3


def test_a_sharer_waits_for_its_owner_and_not_without_it() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, local("b1"), local("a1", deployment_id="b1"), local("a2", num_threads=2))
    emulated.fault("status", "PUT", ".*/b1", status=400)
    ran = carried_out(emulated, plan)
    assert {r.inference_id: r.result for r in ran.outcome.results} == {
        "a1": Result.NOT_STARTED,
        "a2": Result.DONE,
        "b1": Result.FAILED,
    }
    assert "belongs to b1" in ran["a1"].detail


def test_a_sharer_of_a_blocked_owner_does_not_begin() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, local("x1"), local("a1", deployment_id="x1"))  # x1 is outside of manage
    ran = carried_out(emulated, plan)
    assert (ran["x1"].result, ran["a1"].result) == (Result.BLOCKED, Result.BLOCKED)
    assert (ran.code, emulated.writes) == (3, [])


@pytest.mark.parametrize("before", [remote("b1"), local("b1", model_id=".elser_model_2_linux-x86_64")])
def test_nothing_is_deleted_for_a_deployment_that_will_not_be_there(before: DesiredEndpoint) -> None:
    """The owner is still something else, and a pipeline keeps it so: the replace of its sharer would only delete."""
    emulated = Emulated()
    applied(emulated, remote("a1"), before, remote("b2"))
    emulated.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "b1"}}]})
    plan = plan_for(emulated, local("a1", deployment_id="b1"), local("b1"))
    ran = carried_out(emulated, plan)
    assert [(r.inference_id, r.result) for r in ran.outcome.results] == [
        ("a1", Result.BLOCKED),
        ("b1", Result.BLOCKED),
        ("b2", Result.DONE),
    ]
    assert ids(emulated) == ["b2"]
    assert emulated.shown("a1")["service"] == "openai"


def test_a_slow_owner_is_there_all_the_same() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 1000.0
    plan = plan_for(emulated, local("b1", ready_timeout_s=10), local("a1", deployment_id="b1", ready_timeout_s=10))
    ran = carried_out(emulated, plan)
    assert (ran["b1"].result, ran["a1"].result, ran.code) == (Result.NOT_READY, Result.NOT_READY, 6)


def test_a_new_sharer_comes_after_the_replace_of_its_owner() -> None:
    emulated = Emulated()
    applied(emulated, local("b1"))
    plan = plan_for(emulated, local("b1", num_threads=2), local("a1", deployment_id="b1"))
    ran = carried_out(emulated, plan)
    assert ran.code == 0
    assert ids(emulated) == ["b1", "b1", "a1"]
    assert emulated.shown("a1")["service_settings"]["num_threads"] == 2


@pytest.mark.parametrize("failing", [True, False])
def test_and_not_at_all_when_that_replace_fails(failing: bool) -> None:
    emulated = Emulated()
    applied(emulated, local("b1"))
    plan = plan_for(emulated, local("b1", num_threads=2), local("a1", deployment_id="b1"), allow_replace=failing)
    if failing:
        emulated.fault("status", "PUT", ".*/b1", status=400)
    ran = carried_out(emulated, plan)
    if failing:
        assert (ran["b1"].result, ran["a1"].result) == (Result.FAILED, Result.NOT_STARTED)
    else:  # held back: the deployment is there as it was
        assert (ran["b1"].result, ran["a1"].result, ran.code) == (Result.HELD, Result.DONE, 3)


def test_one_list_confirms_a_whole_stage() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, *(remote(f"a{n}") for n in range(30)))
    assert carried_out(emulated, plan).code == 0
    assert [line for line in emulated.sent if line.startswith("GET")] == ["GET /_inference/_all"]


def test_where_the_list_fails_each_endpoint_is_read() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"))
    emulated.fault("status", "GET", "/_inference/_all", status=500)
    assert carried_out(emulated, plan).code == 0
    assert sorted(emulated.sent[-2:]) == ["GET /_inference/a1", "GET /_inference/a2"]


@pytest.mark.parametrize("status", [403, 500])
def test_what_cannot_be_confirmed_is_unknown(status: int) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"))
    emulated.fault("status", "GET", "/_inference/_all", status=status)
    emulated.fault("status", "GET", ".*/a2", status=500, count=-1)
    ran = carried_out(emulated, plan)
    assert [r.result for r in ran.outcome.results] == [Result.DONE, Result.UNKNOWN]
    assert "not confirmed" in ran["a2"].detail
    assert ran.code == 4


def missing_from_list(emulated: Emulated) -> None:
    short = reply(200, {"endpoints": []})
    emulated.override = lambda method, target: short if target == "/_inference/_all" else None


def test_a_yes_that_no_list_confirms_is_a_failure_and_told_twice() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"))
    missing_from_list(emulated)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a1"].result) == (4, Result.FAILED)
    assert "it is not there" in ran["a1"].detail
    said = [event.result for event in ran.events if isinstance(event, StepFinished)]
    assert said == [Result.DONE, Result.FAILED]


def test_8_17_lists_too_little_and_that_is_no_failure() -> None:
    emulated = Emulated("8.17")
    plan = plan_for(emulated, remote("a1"))
    missing_from_list(emulated)
    assert carried_out(emulated, plan).code == 0


def test_a_full_page_is_no_proof_of_absence() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"))
    one = {"task_type": "completion", "service": "openai", "service_settings": {}}
    page = reply(200, {"endpoints": [{"inference_id": f"x{n}", **one} for n in range(10_000)]})
    emulated.override = lambda method, target: page if target == "/_inference/_all" else None
    assert carried_out(emulated, plan).code == 0


def test_a_defect_of_ours_costs_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"))

    def broken(_method: str, target: str, answer: Reply) -> Reply:
        if "/a1?" in target:
            raise ZeroDivisionError("canary-like text of somebody else")
        return answer

    emulated.after = broken
    ran = carried_out(emulated, plan)
    assert (ran["a1"].result, ran["a1"].detail) == (Result.UNKNOWN, "a defect in inferctl: ZeroDivisionError")
    assert (ran["a2"].result, ran.code) == (Result.DONE, 4)


def test_a_reader_of_the_progress_that_goes_away_does_not_stop_the_run() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"))

    def gone(_event: Event) -> None:
        raise BrokenPipeError

    ran = carried_out(emulated, plan, emit=gone)
    assert ran.code == 0
    assert len(ran.events) == 1
    assert emulated.shown("a2")


def test_a_limit_stops_the_run_before_anything_is_sent() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"), max_changes=1)
    ran = carried_out(emulated, plan)
    assert (ran.code, emulated.sent) == (3, [])
    assert {r.result for r in ran.outcome.results} == {Result.NOT_STARTED}


def test_an_empty_plan_sends_nothing() -> None:
    emulated = Emulated()
    applied(emulated, remote("a1"))
    ran = carried_out(emulated, plan_for(emulated, remote("a1")))
    assert (ran.code, emulated.sent, ran.events, ran.outcome.results) == (0, [], [], ())


def test_elapsed_time_is_what_the_clock_says() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"))
    patience = Patience(emulated)

    def slow(method: str, _target: str) -> None:
        if method == "PUT":
            patience.now_s += 7.5

    emulated.override = slow
    ran = carried_out(emulated, plan, stop=patience)
    assert ran["a1"].elapsed_s == pytest.approx(7.5)
    assert ran["a1"].action is Action.CREATE


def test_a_server_that_refuses_everything() -> None:
    emulated, plan = busy()
    emulated.override = lambda method, _: error(403, "security_exception") if method == "PUT" else None
    ran = carried_out(emulated, plan)
    assert ran.code == 1
    assert {r.result for r in ran.outcome.results} == {Result.FAILED, Result.NOT_STARTED}
    assert not any(line.startswith("DELETE") for line in emulated.writes)
