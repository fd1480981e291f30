"""An endpoint that was not well after a run is remembered: every plan says so until it is seen good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated, error, reply
from tests.factories import changed, probe, run_record

from inferctl.applier.events import Result
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.runner import Options, Run
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.records import INDEX
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action, Standing
from inferctl.planner.plan import DesiredSet, Permissions

from .worlds import CANARY, SECRETS, Patience, Ran, local, remote

if TYPE_CHECKING:
    from inferctl.applier.interrupt import StopSignal
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.health import Unwell
    from inferctl.planner.plan import Plan

NOW = "2026-01-02T03:04:05Z"


def planned(emulated: Emulated, *endpoints: DesiredEndpoint, **permissions: Any) -> Plan:
    """Under the scope "mine"."""
    allowed = Permissions(allow_delete=True, **permissions)
    ledger = IndexLedger(emulated.client, "mine")
    return plan_cluster(emulated.client.read_only(), DesiredSet(endpoints), allowed, ledger=ledger.view())


def apply(
    emulated: Emulated, run: str, *endpoints: DesiredEndpoint, stop: StopSignal | None = None, **permissions: Any
) -> Ran:
    ledger = IndexLedger(emulated.client, "mine")
    ledger.prepare()
    plan = planned(emulated, *endpoints, **permissions)
    stop = stop or Patience(emulated)
    clock = stop.clock if isinstance(stop, Patience) else (lambda: 0.0)
    notes = LedgerNotes(ledger, plan, run_record(run), lambda: NOW, ledger.view().owned)
    return Ran(Run(plan, emulated.client, SECRETS, lambda _: None, stop, Options(1, clock=clock), notes).carry_out())


def step(plan: Plan) -> Any:
    """Action and standing of the only endpoint."""
    (change,) = plan.changes
    return change.action, change.standing


def remembered(emulated: Emulated, name: str = "a") -> Unwell | None:
    return IndexLedger(emulated.client, "mine").view().owned[name].unwell


def no_call_works(emulated: Emulated) -> None:
    """The provider takes the key for no inference call."""
    emulated.fault("status", "POST", "/_inference/.*", status=400, count=-1)


VERIFY = (Action.VERIFY, Standing.READY)
NOTHING = (Action.NOOP, Standing.READY)


def test_a_probe_that_failed_is_made_again_until_it_succeeds() -> None:
    emulated = Emulated()
    wanted = remote(probe=probe("x"))
    assert apply(emulated, "r1", wanted).code == 0
    no_call_works(emulated)
    rotated = apply(emulated, "r2", wanted, send_secrets=("a",))
    assert (rotated.code, rotated["a"].result) == (6, Result.NOT_READY)
    plan = planned(emulated, wanted)
    assert step(plan) == VERIFY
    assert any("its probe failed on 2026-01-02" in reason for reason in plan.changes[0].reasons)
    emulated.sent.clear()
    again = apply(emulated, "r3", wanted)
    assert (again.code, again["a"].result, again["a"].wrote) == (6, Result.NOT_READY, False)
    assert not [line for line in emulated.sent if line.startswith(("PUT /_inference", "DELETE /_inference"))]
    found = remembered(emulated)
    assert found is not None
    assert (found.state, found.run) == ("failed probe", "r2")  # it has been so since then
    assert CANARY not in repr(found)
    emulated.cluster.faults.clear()
    assert apply(emulated, "r4", wanted).code == 0
    assert remembered(emulated) is None
    assert step(planned(emulated, wanted)) == NOTHING


def test_the_call_that_tried_a_new_secret_is_made_again() -> None:
    """Where the file gives no probe (docs/explanation/secrets.md)."""
    emulated = Emulated()
    wanted = remote(task_type="text_embedding", dimensions=12)
    assert apply(emulated, "r1", wanted).code == 0
    no_call_works(emulated)
    assert apply(emulated, "r2", wanted, send_secrets=("a",)).code == 6
    assert apply(emulated, "r3", wanted).code == 6
    emulated.cluster.faults.clear()
    assert apply(emulated, "r4", wanted).code == 0
    assert planned(emulated, wanted).is_empty


def test_a_model_that_was_not_ready_in_time_is_looked_at_again() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 1000.0
    wanted = local(ready_timeout_s=100)
    assert apply(emulated, "r1", wanted).code == 6
    assert not planned(emulated, wanted).is_empty
    assert apply(emulated, "r2", wanted).code == 6
    emulated.cluster.advance(2000)
    assert apply(emulated, "r3", wanted).code == 0
    assert planned(emulated, wanted).is_empty
    assert remembered(emulated) is None


def test_a_wait_that_was_interrupted_is_made_up_for() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 1000.0
    patience = Patience(emulated)
    patience._on_sleep = lambda: patience.set("SIGTERM")
    assert apply(emulated, "r1", local(), stop=patience)["a"].result is Result.NOT_READY
    plan = planned(emulated, local())
    assert not plan.is_empty
    emulated.cluster.advance(2000)
    assert apply(emulated, "r2", local()).code == 0
    assert planned(emulated, local()).is_empty


def test_what_nobody_knows_is_looked_at() -> None:
    emulated = Emulated()
    assert apply(emulated, "r1", remote()).code == 0
    emulated.fault("cut_after", "PUT", "/_inference/.*/_update")
    emulated.fault("status", "GET", "/_inference/a", status=500, count=-1)
    ran = apply(emulated, "r2", remote(user="u"))
    assert ran["a"].result is Result.UNKNOWN
    emulated.cluster.faults.clear()
    assert step(planned(emulated, remote(user="u"))) == VERIFY
    assert apply(emulated, "r3", remote(user="u")).code == 0
    assert planned(emulated, remote(user="u")).is_empty


def ignoring(emulated: Emulated) -> None:
    """Every update is answered with 200 and changes nothing."""
    stored = emulated.shown("a")

    def answer(method: str, target: str) -> Any:
        if method == "PUT" and target.endswith("/_update"):
            return reply(200, stored)
        return None

    emulated.override = answer


def test_a_setting_that_the_server_ignored_needs_a_replace_next_time() -> None:
    emulated = Emulated()
    assert apply(emulated, "r1", remote(user="before")).code == 0
    ignoring(emulated)
    wanted = remote(user="after")
    assert step(planned(emulated, wanted)) == (Action.UPDATE, Standing.READY)
    assert apply(emulated, "r2", wanted)["a"].result is Result.IGNORED
    plan = planned(emulated, wanted)
    assert step(plan) == (Action.REPLACE, Standing.HELD)
    assert any("ignored an update of task_settings.user on 2026-01-02" in text for text in plan.changes[0].reasons)
    # Another setting, another service or another version: an update is tried.
    assert step(planned(emulated, remote(user="before", rate_limit={"requests_per_minute": 7})))[0] is Action.UPDATE
    emulated.number = "9.5.9"
    assert step(planned(emulated, wanted))[0] is Action.UPDATE
    emulated.number = ""
    emulated.override = lambda _method, _target: None
    assert apply(emulated, "r3", wanted, allow_replace=True).code == 0
    assert remembered(emulated) is None
    assert planned(emulated, wanted).is_empty


ADAPTIVE = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 4}
ADAPTS = changed(
    local(), service_settings={"model_id": ".elser_model_2", "num_threads": 1, "adaptive_allocations": ADAPTIVE}
)
SWITCH = "[number_of_allocations] cannot be set if adaptive allocations is enabled"


@pytest.mark.parametrize("version", ["9.3", "9.4", "9.5"])
def test_a_model_goes_from_a_fixed_number_to_adaptive_allocations_and_back(version: str) -> None:
    emulated = Emulated(version)
    assert apply(emulated, "r1", local()).code == 0
    for wanted in (ADAPTS, local(num_allocations=3)):
        assert step(planned(emulated, wanted)) == (Action.UPDATE, Standing.READY)
        assert apply(emulated, "r2", wanted).code == 0
        assert planned(emulated, wanted).is_empty
    assert emulated.cluster.deployments["a"].allocations == 3
    assert emulated.cluster.deployments["a"].adaptive == {**ADAPTIVE, "enabled": False}


@pytest.mark.parametrize("how", ["refused", "ignored"])
def test_a_switch_that_a_server_does_not_do_needs_a_replace_next_time(how: str) -> None:
    emulated = Emulated()
    assert apply(emulated, "r1", local()).code == 0
    if how == "ignored":
        ignoring(emulated)
    else:
        emulated.override = lambda method, target: error(400, reason=SWITCH) if "_update" in target else None
    wanted = ADAPTS
    ran = apply(emulated, "r2", wanted)["a"]
    assert ran.result is (Result.IGNORED if how == "ignored" else Result.FAILED)
    assert (ran.cause is None) is (how == "ignored")
    assert "the next plan replaces the endpoint instead" in (ran.cause.text if ran.cause else ran.detail)
    if ran.cause:
        assert "the next plan" not in ran.detail  # a reason is said once
        assert SWITCH in ran.cause.text
        assert ran.cause.fixes == ()  # its settings are not wrong
    plan = planned(emulated, wanted)
    assert step(plan) == (Action.REPLACE, Standing.HELD)
    assert any(f"{how} an update of service_settings.adaptive_allocations" in text for text in plan.changes[0].reasons)
    assert step(planned(emulated, local(num_allocations=2))) == (Action.UPDATE, Standing.READY)
    emulated.override = lambda _method, _target: None
    assert apply(emulated, "r3", wanted, allow_replace=True).code == 0
    assert remembered(emulated) is None
    assert planned(emulated, wanted).is_empty


def test_a_file_that_went_back_forgets_what_was_ignored() -> None:
    emulated = Emulated()
    assert apply(emulated, "r1", remote(user="before")).code == 0
    ignoring(emulated)
    apply(emulated, "r2", remote(user="after"))
    assert remembered(emulated) is not None
    assert step(planned(emulated, remote(user="before"))) == NOTHING
    assert apply(emulated, "r3", remote(user="before")).code == 0
    assert remembered(emulated) is None


def test_what_stays_unwell_keeps_nothing_else_from_going() -> None:
    emulated = Emulated()
    wanted = remote(probe=probe("x"))
    assert apply(emulated, "r1", wanted, remote("b")).code == 0
    no_call_works(emulated)
    assert apply(emulated, "r2", wanted, remote("b"), send_secrets=("a",)).code == 6
    assert apply(emulated, "r3", wanted, max_deletes="100%").code == 6
    assert emulated.shown("b") is None


@pytest.mark.parametrize("unwell", [None, "absent"])
def test_a_record_of_an_older_inferctl_is_read(unwell: Any) -> None:
    emulated = Emulated()
    assert apply(emulated, "r1", remote()).code == 0
    document = emulated.call("GET", f"/{INDEX}/_doc/a")["_source"]
    assert document.pop("unwell") is None
    if unwell is None:
        document["unwell"] = None
    emulated.call("PUT", f"/{INDEX}/_doc/a", document)
    assert step(planned(emulated, remote())) == NOTHING


def test_an_endpoint_that_is_gone_is_no_longer_looked_at() -> None:
    emulated = Emulated()
    wanted = remote(probe=probe("x"))
    no_call_works(emulated)
    assert apply(emulated, "r1", wanted).code == 6
    emulated.override = lambda method, target: error(404, "resource_not_found_exception") if (
        method, target) == ("GET", "/_inference/a") else None  # fmt: skip
    assert apply(emulated, "r2", wanted)["a"].result is Result.FAILED


def cut_short(emulated: Emulated) -> None:
    """As a run leaves it that was killed after its PUT."""
    document = emulated.call("GET", f"/{INDEX}/_doc/a")["_source"]
    emulated.call("PUT", f"/{INDEX}/_doc/a", {**document, "intent": "create", "unwell": None})


def test_what_a_killed_run_created_is_tried_when_it_is_taken_up() -> None:
    emulated = Emulated()
    wanted = remote(probe=probe("x"))
    no_call_works(emulated)
    assert apply(emulated, "r1", wanted).code == 6
    cut_short(emulated)
    assert step(planned(emulated, wanted)) == (Action.ADOPT, Standing.READY)
    taken_up = apply(emulated, "r2", wanted)
    assert (taken_up.code, taken_up["a"].result, taken_up["a"].wrote) == (6, Result.NOT_READY, False)
    assert step(planned(emulated, wanted)) == VERIFY
    emulated.cluster.faults.clear()
    assert apply(emulated, "r3", wanted).code == 0
    assert planned(emulated, wanted).is_empty


def test_a_dead_model_that_a_killed_run_left_is_found_at_once() -> None:
    emulated = Emulated()
    emulated.cluster.start_fails = "no room"
    assert apply(emulated, "r1", local()).code == 6
    cut_short(emulated)
    patience = Patience(emulated)
    assert apply(emulated, "r2", local(), stop=patience).code == 6
    assert patience.slept == []
    emulated.cluster.start_fails = ""
    assert step(planned(emulated, local())) == (Action.REPAIR, Standing.READY)
    assert apply(emulated, "r3", local()).code == 0
    assert planned(emulated, local()).is_empty


def test_a_secret_that_its_service_refuses_is_replaced_next_time() -> None:
    emulated = Emulated("9.5.2")
    endpoint = remote(service="cohere", task_type="rerank")
    assert apply(emulated, "r1", endpoint).code == 0
    ran = apply(emulated, "r2", endpoint, send_secrets=("a",))
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    cause = ran["a"].cause
    assert cause is not None
    assert "9.5.3 mends: the next plan replaces the endpoint instead" in cause.text
    assert "9.5.3" not in ran["a"].detail  # a reason is said once
    assert planned(emulated, endpoint).is_empty  # nothing asks for another try: the old secret is in use
    plan = planned(emulated, endpoint, send_secrets=("a",))
    assert step(plan) == (Action.REPLACE, Standing.HELD)
    assert apply(emulated, "r3", endpoint, send_secrets=("a",), allow_replace=True).code == 0
    assert remembered(emulated) is None
    emulated.number = "9.5.3"
    assert step(planned(emulated, endpoint, send_secrets=("a",))) == (Action.UPDATE, Standing.READY)
