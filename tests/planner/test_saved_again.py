"""A saved plan is carried out a second time: what is as planned counts as done, the rest is done, else it is stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import changed, desired, ledger_view, observed, owned

from inferctl.client.cluster_reads import ModelDeployment
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.planner.action import Action
from inferctl.planner.file.as_planned import left_to_do
from inferctl.planner.file.recheck import desired_of, reconcile
from inferctl.planner.health import Unwell
from inferctl.planner.make_plan import make_plan
from inferctl.planner.normalise import normalise_desired
from inferctl.planner.ownership import REPLACE, TRIAL
from inferctl.planner.plan import Observation, Permissions
from inferctl.planner.secret_state import SecretCheck, SecretState

from .test_laws import as_observed, sets
from .test_saved import ALL, CLUSTER, met, saved_plan, step

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.ownership import LedgerView, Owned
    from inferctl.planner.plan import Plan

KEY = ("service_settings", "api_key")
SCOPED = changed(ALL, manage=())
DONE, STALE = Action.NOOP, "stale"
SAME, UNCONFIRMED, NOT_CHECKED = SecretState.SAME, SecretState.UNCONFIRMED, SecretState.NOT_CHECKED
CHANGED, UNKNOWN, REMOVED = SecretState.CHANGED, SecretState.UNKNOWN, SecretState.REMOVED

OLD, NEW = desired("a", task={"user": "x"}), desired("a", task={"user": "y"})
RENAMED = desired("a", settings={"model_id": "n", "api_key": {"env": "K"}})
NOT_READY = Unwell("not ready")
# As GET shows them.
SHOWS_OLD, SHOWS_NEW = observed("a", task={"user": "x"}), observed("a", task={"user": "y"})
SHOWS_THIRD = observed("a", task={"user": "z"})
SHOWS_RENAMED = observed("a", settings={"model_id": "n", "rate_limit": {"requests_per_minute": 500}})
BOTH_MOVED = observed("a", task={"user": "y"}, settings={"model_id": "m", "rate_limit": {"requests_per_minute": 7}})


def view(record: Owned | None, state: SecretState | None = None) -> LedgerView:
    """Our ledger with one record, and what is known of its one secret."""
    path: tuple[str, ...] = ("service_settings.api_key",) if state is REMOVED else KEY
    checks = {} if state is None else {"a": (SecretCheck(path, state, "2026-01-01"),)}
    return ledger_view("shop", owned={} if record is None else {"a": record}, secrets=checks)


def record(endpoint: DesiredEndpoint, scope: str = "shop", intent: str = "") -> Owned:
    return owned(scope, declared=normalise_desired(endpoint), intent=intent)


def result(plan: Plan) -> Action | str:
    """What comes of the step: done already, stale, or what is sent."""
    (change,) = plan.changes
    if change.is_stale:
        assert plan.runnable == ()
        return STALE
    assert plan.stops == ()
    assert [c.action for c in plan.runnable] == ([] if change.action is DONE else [change.action])
    notes = [note for note in plan.notes if not note.startswith("secrets of ")]  # that some are unknown stays so
    assert bool(notes) == (change.action is DONE)
    return change.action


@pytest.mark.parametrize(
    ("there", "ledger", "expected"),
    [
        # nothing happened
        (None, view(None), Action.CREATE),
        (None, view(record(NEW, intent="create"), UNKNOWN), Action.CREATE),
        # we made it
        (SHOWS_NEW, view(record(NEW), SAME), DONE),
        (SHOWS_NEW, view(record(OLD), SAME), DONE),  # the record is renewed
        # we made it, and it was not well
        (SHOWS_NEW, view(changed(record(NEW), unwell=NOT_READY), SAME), Action.VERIFY),
        # we made it, and the key may not be the one of today
        (SHOWS_NEW, view(record(NEW), UNCONFIRMED), Action.UPDATE),
        (SHOWS_NEW, view(record(NEW), CHANGED), Action.UPDATE),
        (SHOWS_NEW, view(record(NEW), NOT_CHECKED), STALE),
        (SHOWS_NEW, view(record(NEW), UNKNOWN), STALE),
        # a run of ours meant to make it, and was killed
        (SHOWS_NEW, view(record(NEW, intent="create"), SAME), Action.ADOPT),
        (SHOWS_NEW, view(record(NEW, intent="create"), UNKNOWN), STALE),
        (SHOWS_NEW, view(record(NEW, intent="create"), UNCONFIRMED), Action.UPDATE),
        (SHOWS_THIRD, view(record(NEW, intent="create"), UNCONFIRMED), STALE),
        # somebody else made it
        (SHOWS_NEW, view(None), STALE),
        (SHOWS_NEW, view(record(NEW, "wiki")), STALE),
        (SHOWS_THIRD, view(None), STALE),
        # we made it, and somebody changed it
        (SHOWS_THIRD, view(record(NEW), SAME), STALE),
    ],
)
def test_a_create(there: ObservedEndpoint | None, ledger: LedgerView, expected: Action | str) -> None:
    saved = saved_plan([NEW], [], SCOPED, view(None))
    assert [c.action for c in saved.runnable] == [Action.CREATE]
    assert result(met(saved, [there] if there else [], SCOPED, ledger)) == expected


@pytest.mark.parametrize(
    ("there", "ledger", "expected"),
    [
        (SHOWS_OLD, view(record(OLD), SAME), Action.UPDATE),
        # a secret that the step does not send
        (SHOWS_OLD, view(record(OLD), CHANGED), STALE),
        (SHOWS_OLD, view(record(OLD), UNCONFIRMED), STALE),
        (SHOWS_NEW, view(record(NEW), SAME), DONE),
        (SHOWS_NEW, view(record(OLD), SAME), DONE),
        # no secret goes with this update, so none has to be proven
        (SHOWS_NEW, view(record(NEW), NOT_CHECKED), DONE),
        (SHOWS_NEW, view(record(NEW), CHANGED), STALE),
        (SHOWS_THIRD, view(record(OLD), SAME), STALE),
        (BOTH_MOVED, view(record(NEW), SAME), STALE),
        (SHOWS_NEW, view(record(NEW, "wiki"), SAME), STALE),
        (SHOWS_NEW, view(None), STALE),
        (None, view(record(OLD), SAME), STALE),
    ],
)
def test_an_update(there: ObservedEndpoint | None, ledger: LedgerView, expected: Action | str) -> None:
    saved = saved_plan([NEW], [SHOWS_OLD], SCOPED, view(record(OLD), SAME))
    assert [c.action for c in saved.runnable] == [Action.UPDATE]
    assert not saved.changes[0].secrets
    assert result(met(saved, [there] if there else [], SCOPED, ledger)) == expected


@pytest.mark.parametrize(
    ("there", "state", "expected"),
    [
        (SHOWS_NEW, CHANGED, Action.UPDATE),
        (SHOWS_NEW, UNCONFIRMED, Action.UPDATE),
        (SHOWS_NEW, SAME, DONE),
        (SHOWS_NEW, NOT_CHECKED, STALE),
        (SHOWS_THIRD, SAME, STALE),
    ],
)
def test_a_rotation(there: ObservedEndpoint, state: SecretState, expected: Action | str) -> None:
    saved = saved_plan([NEW], [SHOWS_NEW], SCOPED, view(record(NEW), CHANGED))
    assert saved.changes[0].rotates_secrets
    assert result(met(saved, [there], SCOPED, view(record(NEW), state))) == expected


@pytest.mark.parametrize(
    ("there", "state", "expected"),
    [
        (SHOWS_OLD, CHANGED, Action.UPDATE),
        (SHOWS_OLD, UNCONFIRMED, Action.UPDATE),
        (SHOWS_OLD, NOT_CHECKED, STALE),
        (SHOWS_NEW, SAME, DONE),
        (SHOWS_NEW, UNCONFIRMED, Action.UPDATE),
        (SHOWS_NEW, CHANGED, Action.UPDATE),  # the setting was changed, the key did not go with it
        (SHOWS_NEW, NOT_CHECKED, STALE),
    ],
)
def test_an_update_with_a_rotation(there: ObservedEndpoint, state: SecretState, expected: Action | str) -> None:
    saved = saved_plan([NEW], [SHOWS_OLD], SCOPED, view(record(OLD), CHANGED))
    assert {field.sensitive for field in saved.changes[0].fields} == {True, False}
    again = met(saved, [there], SCOPED, view(record(OLD), state))
    assert result(again) == expected
    if expected is Action.UPDATE:
        assert again.changes[0].secrets == {KEY}


def test_of_an_update_with_a_rotation_the_setting_is_left_where_the_secret_is_stored_by_now() -> None:
    saved = saved_plan([NEW], [SHOWS_OLD], SCOPED, view(record(OLD), CHANGED))
    again = met(saved, [SHOWS_OLD], SCOPED, view(record(OLD), SAME))
    assert result(again) is Action.UPDATE
    assert again.changes[0].secrets == frozenset()


def test_secrets_that_the_operator_wants_sent_are_sent_each_time() -> None:
    """Nothing tells how often they were asked for."""
    asking = changed(SCOPED, send_secrets=("a",))
    saved = saved_plan([NEW], [SHOWS_OLD], asking, view(record(OLD), SAME))
    assert saved.changes[0].secrets_asked
    again = met(saved, [SHOWS_NEW], SCOPED, view(record(NEW), SAME))
    assert result(again) is Action.UPDATE
    assert again.changes[0].update_body == {"service_settings": {"api_key": {"env": "K"}}}


@pytest.mark.parametrize(
    ("there", "ledger", "expected"),
    [
        (SHOWS_OLD, view(record(OLD), SAME), Action.REPLACE),
        (SHOWS_RENAMED, view(record(RENAMED), SAME), DONE),
        (SHOWS_RENAMED, view(record(RENAMED), UNCONFIRMED), Action.UPDATE),
        (SHOWS_RENAMED, view(record(RENAMED), NOT_CHECKED), STALE),
        (SHOWS_RENAMED, view(None), STALE),
        (SHOWS_RENAMED, view(record(RENAMED, "wiki")), STALE),
        (SHOWS_THIRD, view(record(OLD), SAME), STALE),
        # deleted by us, and not created again; deleted by somebody
        (None, view(record(OLD, intent=REPLACE), UNCONFIRMED), Action.CREATE),
        (None, view(record(OLD), SAME), STALE),
        (SHOWS_OLD, view(record(OLD, intent=REPLACE), SAME), Action.REPLACE),
        # its secret is in doubt since that run, and goes with the new one anyway
        (SHOWS_OLD, view(record(OLD, intent=REPLACE), UNCONFIRMED), Action.REPLACE),
        (SHOWS_OLD, view(record(OLD), CHANGED), Action.REPLACE),
        (SHOWS_RENAMED, view(record(OLD, intent=REPLACE), UNCONFIRMED), Action.UPDATE),
    ],
)
def test_a_replace(there: ObservedEndpoint | None, ledger: LedgerView, expected: Action | str) -> None:
    saved = saved_plan([RENAMED], [SHOWS_OLD], SCOPED, view(record(OLD), SAME))
    assert [c.action for c in saved.runnable] == [Action.REPLACE]
    assert result(met(saved, [there] if there else [], SCOPED, ledger)) == expected


@pytest.mark.parametrize(
    ("there", "ledger", "expected"),
    [
        (SHOWS_OLD, view(record(OLD)), Action.DELETE),
        (None, view(None), DONE),
        (None, view(record(OLD)), Action.FORGET),
        # somebody is about to make it again
        (None, view(record(OLD, intent="create")), STALE),
        (None, view(record(OLD, "wiki")), STALE),
        # it came back, and is not ours
        (SHOWS_OLD, view(None), STALE),
        (SHOWS_OLD, view(record(OLD, "wiki")), STALE),
        (SHOWS_THIRD, view(record(OLD)), STALE),
    ],
)
def test_a_delete(there: ObservedEndpoint | None, ledger: LedgerView, expected: Action | str) -> None:
    again = met(a_delete(), [observed("b"), *([there] if there else [])], SCOPED, with_b(ledger))
    change = step(again, "a")
    assert (STALE if change.is_stale else change.action) == expected
    assert [c.inference_id for c in again.runnable] == (["a"] if expected in (Action.DELETE, Action.FORGET) else [])


def a_delete() -> Plan:
    """A plan that removes `a`; `b` needs nothing."""
    saved = saved_plan([desired("b")], [SHOWS_OLD, observed("b")], SCOPED, with_b(view(record(OLD))))
    assert [(c.inference_id, c.action) for c in saved.runnable] == [("a", Action.DELETE)]
    return saved


def with_b(ledger: LedgerView) -> LedgerView:
    return changed(ledger, owned={**ledger.owned, "b": record(desired("b"))})


@pytest.mark.parametrize(
    ("seen", "action"),
    [
        (Observation({}, unreadable={"a": "500"}), None),
        (Observation({}, complete=False), None),
        (Observation({}, listed=False), Action.FORGET),  # each id was read on its own
    ],
)
def test_gone_is_what_was_seen_to_be_gone(seen: Observation, action: Action | None) -> None:
    left = left_to_do(step(a_delete(), "a"), None, seen, view(record(OLD)))
    assert (left.action if left else None) == action


def test_what_a_dead_run_left_behind() -> None:
    trial = view(record(OLD, intent=TRIAL))
    saved = saved_plan([desired("b")], [SHOWS_OLD, observed("b")], SCOPED, trial)
    assert step(saved, "a").left_behind
    there = [observed("b")]
    assert step(met(saved, there, SCOPED, trial), "a").action is Action.FORGET
    assert step(met(saved, there, SCOPED, view(None)), "a").action is DONE
    assert step(met(saved, there, SCOPED, view(record(OLD))), "a").is_stale


def test_what_an_earlier_run_of_the_plan_left_behind_goes_with_the_next() -> None:
    saved = saved_plan([RENAMED], [SHOWS_OLD], SCOPED, view(record(OLD), SAME))
    trial = record(RENAMED, intent=TRIAL)
    ledger = view(record(OLD), SAME)
    ledger = changed(ledger, owned={**ledger.owned, "inferctl-trial-1": trial, "theirs": record(OLD, "wiki", TRIAL)})
    there = [SHOWS_OLD, observed("inferctl-trial-1"), observed("theirs")]
    again = met(saved, there, SCOPED, ledger)
    assert [(c.inference_id, c.action) for c in again.runnable] == [
        ("a", Action.REPLACE), ("inferctl-trial-1", Action.DELETE),
    ]  # fmt: skip
    assert step(again, "inferctl-trial-1").left_behind
    gone = met(saved, [SHOWS_OLD], SCOPED, ledger)
    assert step(gone, "inferctl-trial-1").action is Action.FORGET
    stale = met(saved, [SHOWS_THIRD, *there[1:]], SCOPED, ledger)
    assert stale.runnable == ()


def test_a_record_that_was_to_be_forgotten() -> None:
    saved = saved_plan([desired("b")], [observed("b")], SCOPED, view(record(OLD)))
    assert step(saved, "a").action is Action.FORGET
    for there, ledger, action in (
        ([], view(record(OLD)), Action.FORGET),
        ([], view(None), DONE),
        ([SHOWS_OLD], view(record(OLD, "wiki")), DONE),
    ):
        assert step(met(saved, [*there, observed("b")], SCOPED, ledger), "a").action is action
    assert step(met(saved, [SHOWS_OLD, observed("b")], SCOPED, view(record(OLD))), "a").is_stale


@pytest.mark.parametrize(
    ("there", "ledger", "expected"),
    [
        (SHOWS_NEW, view(None), Action.ADOPT),
        (SHOWS_NEW, view(record(NEW)), DONE),
        (SHOWS_NEW, view(record(NEW, "wiki")), STALE),
        (BOTH_MOVED, view(record(NEW)), STALE),
    ],
)
def test_an_adoption(there: ObservedEndpoint, ledger: LedgerView, expected: Action | str) -> None:
    saved = saved_plan([NEW], [SHOWS_NEW], SCOPED, view(None))
    assert [c.action for c in saved.runnable] == [Action.ADOPT]
    assert result(met(saved, [there], SCOPED, ledger)) == expected


@pytest.mark.parametrize(
    ("wanted", "before", "after", "expected"),
    [
        (NEW, [], [SHOWS_NEW], DONE),
        (NEW, [SHOWS_OLD], [SHOWS_NEW], DONE),
        (RENAMED, [SHOWS_OLD], [SHOWS_RENAMED], DONE),
        (NEW, [], [SHOWS_THIRD], STALE),
        (NEW, [SHOWS_OLD], [BOTH_MOVED], STALE),
    ],
)
def test_without_a_ledger_what_get_shows_counts(
    wanted: Any, before: list[Any], after: list[Any], expected: Action | str
) -> None:
    saved = saved_plan([wanted], before)
    assert len(saved.runnable) == 1
    assert result(met(saved, after)) == expected


def test_without_a_ledger_and_a_name_for_what_is_ours_the_plan_says_that_nobody_knows() -> None:
    saved = saved_plan([NEW], [], Permissions())
    again = met(saved, [SHOWS_NEW], Permissions())
    assert result(again) is DONE
    assert any("nobody knows who made it" in warning for warning in again.warnings)
    assert met(saved, [SHOWS_NEW], ALL).warnings == ()


def test_an_endpoint_that_needed_nothing_and_is_not_well_by_now_is_looked_at() -> None:
    saved = saved_plan([NEW], [SHOWS_NEW], SCOPED, view(record(NEW), SAME))
    assert saved.is_empty
    again = met(saved, [SHOWS_NEW], SCOPED, view(changed(record(NEW), unwell=NOT_READY), SAME))
    assert result(again) is Action.VERIFY
    assert again.warnings == ()
    # And the other way round: it was to be looked at, and somebody did.
    saved = saved_plan([NEW], [SHOWS_NEW], SCOPED, view(changed(record(NEW), unwell=NOT_READY), SAME))
    assert result(met(saved, [SHOWS_NEW], SCOPED, view(record(NEW), SAME))) is DONE


@pytest.mark.parametrize(
    ("state", "expected"), [("started", DONE), ("starting", Action.VERIFY), ("failed", Action.REPAIR)]
)
def test_what_was_created_and_its_model_does_not_run(state: str, expected: Action) -> None:
    settings = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
    wanted = desired("a", task_type="sparse_embedding", service="elasticsearch", settings=settings)
    saved = saved_plan([wanted], [], SCOPED, view(None))
    there = observed("a", task_type="sparse_embedding", service="elasticsearch", settings=settings)
    running = int(state == "started")
    deployment = ModelDeployment(".elser_model_2", "a", state, "", "fully_allocated", running, 1, 1, adaptive=False)
    seen = Observation({"a": there}, deployments={"a": deployment})
    ledger = view(record(wanted))
    fresh = make_plan(desired_of(saved), seen, CLUSTER, SCOPED, ledger)
    again = reconcile(saved, fresh, seen, SCOPED, ledger)
    assert result(again) is expected
    if expected is Action.REPAIR:
        assert fresh.changes[0].model is not None
        assert fresh.changes[0].model.may_replace
        assert again.changes[0].model is not None
        assert not again.changes[0].model.may_replace


def test_the_rest_is_done_and_what_moved_stops_it_all_the_same() -> None:
    wanted = [desired("a"), desired("a1"), desired("a2")]
    saved = saved_plan(wanted, [])
    again = met(saved, [observed("a"), observed("a2")])
    assert [c.inference_id for c in again.runnable] == ["a1"]
    assert any("as planned already" in note and "a, a2" in note for note in again.notes)
    assert met(saved, [observed(name) for name in ("a", "a1", "a2")]).is_empty
    moved = met(saved, [observed("a"), observed("a2", settings={"model_id": "n"})])
    assert moved.runnable == ()
    assert [c.inference_id for c in moved.changes if c.is_stale] == ["a2"]


def after_step(change: Change, before: ObservedEndpoint | None) -> ObservedEndpoint | None:
    """What GET shows once the step was done: an update leaves alone what the file does not name."""
    if change.desired is None:
        return None
    made: ObservedEndpoint = as_observed(change.desired)
    if change.action is not Action.UPDATE or before is None:
        return made
    merged = {
        "service_settings": {**before.service_settings, **made.service_settings},
        "task_settings": {**before.task_settings, **made.task_settings},
    }
    return ObservedEndpoint.from_json({**before.raw, **{part: value for part, value in merged.items() if value}})


@given(sets, sets, st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_part_of_a_plan_was_done_the_rest_is_what_the_next_run_does(
    wanted: list[Any], holds: list[Any], data: st.DataObject
) -> None:
    there = {endpoint.inference_id: as_observed(endpoint) for endpoint in holds}
    saved = saved_plan(wanted, list(there.values()))
    if saved.stops:
        return
    steps = {change.inference_id: change for change in saved.runnable}
    done = data.draw(st.sets(st.sampled_from(sorted(steps)))) if steps else set()
    now = {**there, **{name: after_step(steps[name], there.get(name)) for name in done}}
    again = met(saved, [endpoint for endpoint in now.values() if endpoint is not None])
    assert not any(change.is_stale for change in again.changes)
    assert {change.inference_id for change in again.runnable} == steps.keys() - done
    assert {name: step(again, name).action for name in steps.keys() - done} == {
        name: steps[name].action for name in steps.keys() - done
    }
