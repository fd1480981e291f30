"""Models in the cluster that do not run: the plan sees it, a repair starts them again."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Emulated, error
from tests.factories import changed, probe, run_record

from inferctl.applier.events import Result
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.runner import Options, Run
from inferctl.ledger.index import IndexLedger
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.health import Health
from inferctl.planner.plan import DesiredSet, Permissions

from .worlds import SECRETS, Patience, carried_out, local, only, plan_for, remote

STATS = "GET /_ml/trained_models/_all/_stats?size=10000"
START = "POST /_ml/trained_models/.elser_model_2/deployment/_start"
ADAPTIVE = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 2}


def stopped(emulated: Emulated, name: str = "a") -> None:
    """Somebody stops it; up to some patches of 8.18, 8.19 and 9.0 even without force."""
    emulated.call("POST", f"/_ml/trained_models/{name}/deployment/_stop?force=true")


def made(emulated: Emulated, *endpoints: Any) -> None:
    assert carried_out(emulated, plan_for(emulated, *endpoints)).code == 0
    emulated.sent.clear()


def sent(emulated: Emulated, *starts: str) -> list[str]:
    return [line for line in emulated.sent if line.startswith(starts or ("PUT", "DELETE", "POST"))]


def test_a_stopped_deployment_is_a_difference_and_is_started_again() -> None:
    emulated = Emulated()
    made(emulated, local())
    assert plan_for(emulated, local()).is_empty
    stopped(emulated)
    plan = plan_for(emulated, local())
    change = only(plan)
    assert (change.action, change.standing, change.reasons) == (
        Action.REPAIR,
        Standing.READY,
        ("its deployment is missing",),
    )
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    started = "deployment_id=a&number_of_allocations=1&threads_per_allocation=1&timeout=120s&wait_for=started"
    assert sent(emulated) == [f"{START}?{started}"]
    assert emulated.cluster.deployments["a"].owner == "a"
    assert plan_for(emulated, local()).is_empty


def test_adaptive_allocations_are_started_as_they_were() -> None:
    emulated = Emulated()
    settings = {"model_id": ".elser_model_2", "num_threads": 2, "adaptive_allocations": ADAPTIVE}
    wanted = changed(local(), service_settings=settings)
    made(emulated, wanted)
    stopped(emulated)
    plan = plan_for(emulated, wanted)
    assert carried_out(emulated, plan).code == 0
    deployment = emulated.cluster.deployments["a"]
    assert (deployment.adaptive, deployment.threads) == (ADAPTIVE, 2)
    assert plan_for(emulated, wanted).is_empty


def test_a_failed_deployment_is_stopped_first() -> None:
    emulated = Emulated()
    emulated.cluster.start_fails, emulated.cluster.put_waits = "no room", False
    ran = carried_out(emulated, plan_for(emulated, local()))
    assert (ran.code, ran["a"].result) == (6, Result.NOT_READY)
    plan = plan_for(emulated, local())
    assert only(plan).reasons == ("its deployment failed: no room",)
    assert carried_out(emulated, plan).code == 6  # and not ready for good while it fails
    emulated.cluster.start_fails = ""
    plan = plan_for(emulated, local())
    assert carried_out(emulated, plan).code == 0
    assert [line.split("?")[0].rpartition("/")[2] for line in sent(emulated)] == ["_stop", "_start"]
    assert plan_for(emulated, local()).is_empty


def test_a_create_whose_model_does_not_start_is_mended_by_the_next_run() -> None:
    emulated = Emulated()
    emulated.cluster.start_fails = "no room"
    ran = carried_out(emulated, plan_for(emulated, local()))
    assert (ran.code, ran["a"].result) == (6, Result.NOT_READY)
    assert "Could not start" in ran["a"].detail
    again = carried_out(emulated, plan_for(emulated, local()))
    assert (again.code, again["a"].result) == (6, Result.NOT_READY)
    assert "Could not start" in again["a"].detail
    emulated.cluster.start_fails = ""
    assert carried_out(emulated, plan_for(emulated, local())).code == 0
    assert plan_for(emulated, local()).is_empty


@pytest.mark.parametrize("refusal", [error(403, "security_exception"), error(404, "resource_not_found_exception")])
def test_where_it_may_not_be_started_a_replace_is_offered_and_held(refusal: Any) -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    emulated.override = lambda _, target: refusal if "deployment/_start" in target else None
    plan = plan_for(emulated, local(), allow_replace=False)
    assert "--allow-replace" in " ".join(only(plan).substeps)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert "--allow-replace" in ran["a"].detail
    plan = plan_for(emulated, local(), allow_replace=True)
    assert "--allow-replace" not in " ".join(only(plan).substeps)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    assert [line.split("?")[0] for line in sent(emulated, "PUT", "DELETE")][-1] == "PUT /_inference/sparse_embedding/a"
    assert plan_for(emulated, local()).is_empty


def test_a_repair_that_replaces_is_noted_before_it_deletes() -> None:
    emulated = Emulated()
    intents = []

    def note(method: str, target: str) -> Any:
        if method == "DELETE" and target == "/_inference/sparse_embedding/a":
            intents.append(IndexLedger(emulated.client, "mine").view().owned["a"].intent)
        return error(403, "security_exception") if "_start" in target else None

    def apply() -> int:
        ledger = IndexLedger(emulated.client, "mine")
        ledger.prepare()
        view = ledger.view()
        allowed = Permissions(allow_replace=True)
        plan = plan_cluster(emulated.client.read_only(), DesiredSet((local(),)), allowed, ledger=view)
        notes = LedgerNotes(ledger, plan, run_record(f"r{len(emulated.sent)}"), lambda: "2026-01-01", view.owned)
        run = Run(plan, emulated.client, SECRETS, lambda _: None, Patience(emulated), Options(), notes)
        return run.carry_out().exit_code

    assert apply() == 0
    stopped(emulated)
    emulated.override = note
    assert apply() == 0
    assert intents == ["replace"]
    assert IndexLedger(emulated.client, "mine").view().owned["a"].intent == ""


def test_a_repair_replaces_nothing_after_a_failure() -> None:
    emulated = Emulated()
    made(emulated, local("b"))
    stopped(emulated, "b")
    emulated.override = lambda _, target: error(403, "security_exception") if "_start" in target else None
    plan = plan_for(emulated, remote("a"), local("b"))
    emulated.fault("status", "PUT", "/_inference/completion/a", status=400)
    ran = carried_out(emulated, plan)
    assert (ran["a"].result, ran["b"].result) == (Result.FAILED, Result.BLOCKED)
    assert not sent(emulated, "DELETE")


def test_what_is_protected_from_a_replace_is_not_replaced() -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    emulated.override = lambda _, target: error(403, "security_exception") if "_start" in target else None
    protected = changed(local(), lifecycle=changed(local().lifecycle, protect=frozenset({"replace"})))
    ran = carried_out(emulated, plan_for(emulated, protected, allow_replace=True))
    assert (ran.code, ran["a"].result) == (3, Result.BLOCKED)
    assert not sent(emulated, "DELETE")


def test_what_is_not_ours_is_not_started() -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    change = only(plan_for(emulated, local(), manage=("z*",)))
    assert (change.action, [block.kind for block in change.blocks]) == (Action.REPAIR, [BlockKind.NOT_OURS])


@pytest.mark.parametrize("owner_is_ours", [True, False])
def test_a_sharer_leaves_the_repair_to_the_owner(owner_is_ours: bool) -> None:
    emulated = Emulated()
    files = (local("b1"), local("a1", deployment_id="b1"))
    made(emulated, *files)
    stopped(emulated, "b1")
    plan = plan_for(
        emulated, *(files if owner_is_ours else files[1:]), manage=("a*", "b*") if owner_is_ours else ("a*",)
    )
    actions = {c.inference_id: c.action for c in plan.steps}
    assert actions == {"a1": Action.VERIFY, **({"b1": Action.REPAIR} if owner_is_ours else {})}
    ran = carried_out(emulated, plan)
    assert ran.code == (0 if owner_is_ours else 6)
    assert len(sent(emulated, START)) == owner_is_ours


def test_an_update_starts_the_deployment_that_it_needs() -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    plan = plan_for(emulated, local(num_allocations=2))
    assert only(plan).action is Action.UPDATE
    assert carried_out(emulated, plan).code == 0
    assert plan_for(emulated, local(num_allocations=2)).is_empty


def test_one_that_starts_is_waited_for() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 100.0
    assert carried_out(emulated, plan_for(emulated, local(ready_timeout_s=10))).code == 6
    plan = plan_for(emulated, local(ready_timeout_s=1000))
    assert (only(plan).action, only(plan).reasons) == (Action.VERIFY, ("its model is starting",))
    assert carried_out(emulated, plan).code == 0
    assert not sent(emulated)
    assert plan_for(emulated, local(ready_timeout_s=1000)).is_empty


def test_one_that_sleeps_is_well() -> None:
    emulated = Emulated()
    wanted = changed(
        local(),
        service_settings={"model_id": ".elser_model_2", "num_threads": 1, "adaptive_allocations": ADAPTIVE},
    )
    made(emulated, wanted)
    emulated.cluster.advance(200_000)
    plan = plan_for(emulated, wanted)
    assert plan.is_empty
    assert plan.changes[0].model is not None
    assert plan.changes[0].model.health is Health.ASLEEP


def test_somebody_elses_start_is_as_good_as_ours() -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    plan = plan_for(emulated, local())
    emulated.call("POST", "/_ml/trained_models/.elser_model_2/deployment/_start?deployment_id=a")
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].wrote) == (0, False)


@pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
def test_a_start_whose_answer_is_lost_is_looked_for(fault: str) -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    plan = plan_for(emulated, local())
    emulated.fault(fault, "POST", "/_ml/.*/_start", count=-1)
    assert carried_out(emulated, plan).code == (0 if fault == "cut_after" else 6)
    emulated.cluster.faults.clear()
    assert carried_out(emulated, plan_for(emulated, local())).code == 0


def test_a_start_that_was_never_sent_wrote_nothing() -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    plan = plan_for(emulated, local())

    def refuse(_method: str, target: str) -> None:
        if "/_start" in target:
            raise ConnectionRefusedError

    emulated.override = refuse
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (6, Result.NOT_READY, False)


def test_a_plan_asks_once_and_only_where_a_model_runs_here() -> None:
    emulated = Emulated()
    asked: list[str] = []
    emulated.override = lambda _, target: asked.append(target) if "_stats" in target else None
    plan_for(emulated, local("a1"), local("a2"), remote("a3"))  # nothing is there yet
    assert asked == []
    made(emulated, local("a1"), local("a2"), remote("a3"))
    asked.clear()
    plan_for(emulated, local("a1"), local("a2"), remote("a3"))
    assert [f"GET {target}" for target in asked] == [STATS]
    asked.clear()
    plan_for(emulated, remote("a3"), allow_delete=False)
    assert asked == []


@pytest.mark.parametrize("answer", [error(403, "security_exception"), error(500)])
def test_stats_that_cannot_be_had_are_a_note_and_no_failure(answer: Any) -> None:
    emulated = Emulated()
    made(emulated, local())
    stopped(emulated)
    emulated.override = lambda _, target: answer if "_stats" in target else None
    plan = plan_for(emulated, local())
    assert plan.is_empty
    assert plan.capabilities is not None
    assert any("state was not seen" in note for note in (*plan.notes, *plan.capabilities.notes))


def test_a_probe_runs_after_a_repair() -> None:
    emulated = Emulated()
    wanted = local(probe=probe("x"))
    made(emulated, wanted)
    stopped(emulated)
    plan = plan_for(emulated, wanted)
    assert carried_out(emulated, plan).code == 0
    assert [line.split("?")[0] for line in sent(emulated)][-1] == "POST /_inference/sparse_embedding/a"
