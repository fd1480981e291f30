"""What the ledger holds after a run: what is there is ours as declared, what is gone is nobody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated, error
from tests.factories import owned, run_record

from inferctl.applier.events import Result
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.outcome import outcome
from inferctl.applier.result import WriteResult
from inferctl.applier.runner import Options, Run
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.records import INDEX
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.plan import DesiredSet, Permissions

from .worlds import SECRETS, Patience, Ran, remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.applier.interrupt import StopSignal
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.ownership import Owned

DECLARED = {"task_type": "completion", "service": "openai"}
LATER = "2026-01-01T00:00:01Z"


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def emulated() -> Emulated:
    made = Emulated()
    assert apply(made, "r1", remote("a"), remote("b")).code == 0
    assert set(held(made)) == {"a", "b"}
    return made


def apply(
    emulated: Emulated,
    run: str,
    *endpoints: DesiredEndpoint,
    meanwhile: Callable[[], None] = lambda: None,
    adopt: tuple[str, ...] = (),
    take_over: tuple[str, ...] = (),
    stop: StopSignal | None = None,
) -> Ran:
    """Plan under the scope "mine" and carry it out. `meanwhile` happens in between."""
    ledger = IndexLedger(emulated.client, "mine")
    ledger.prepare()
    permissions = Permissions(
        allow_delete=True, allow_replace=True, max_deletes="100%", adopt=adopt, take_over=take_over
    )
    before = ledger.view()
    plan = plan_cluster(emulated.client.read_only(), DesiredSet(endpoints), permissions, ledger=before)
    meanwhile()
    notes = LedgerNotes(ledger, plan, run_record(run), lambda: LATER, before.owned)
    return Ran(
        Run(
            plan, emulated.client, SECRETS, lambda _: None, stop or Patience(emulated), Options(parallelism=1), notes
        ).carry_out()
    )


def held(emulated: Emulated) -> dict[str, Owned]:
    return dict(IndexLedger(emulated.client, "mine").view().owned)


def refuse_to_delete(emulated: Emulated) -> None:
    emulated.fault("status", "DELETE", status=403, error_type="security_exception", skip=1)  # the dry run passes


def writer(emulated: Emulated, name: str) -> Any:
    """The run that wrote the record."""
    return emulated.call("GET", f"/{INDEX}/_doc/{name}")["_source"]["run"]


def test_what_was_made_is_ours_as_declared(emulated: Emulated) -> None:
    assert apply(emulated, "r2", remote("a"), remote("b", user="u"), remote("c")).code == 0
    records = held(emulated)
    assert set(records) == {"a", "b", "c"}
    assert records["b"].declared["task_settings"] == {"user": "u"}
    assert {record.intent for record in records.values()} == {""}
    assert [writer(emulated, name) for name in "abc"] == ["r1", "r2", "r2"]


def test_what_was_removed_is_nobodys(emulated: Emulated) -> None:
    """A record that stayed would make the next endpoint of this id ours, whoever made it."""
    assert apply(emulated, "r2", remote("b")).code == 0
    assert emulated.shown("a") is None
    assert set(held(emulated)) == {"b"}
    stranger = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "x"}}
    emulated.call("PUT", "/_inference/completion/a", stranger)
    assert apply(emulated, "r3", remote("b")).code == 0
    assert emulated.shown("a")


def test_what_is_gone_already_is_forgotten(emulated: Emulated) -> None:
    emulated.call("DELETE", "/_inference/a")
    ran = apply(emulated, "r2", remote("b"))
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert set(held(emulated)) == {"b"}


def test_what_could_not_be_removed_stays_ours(emulated: Emulated) -> None:
    assert apply(emulated, "r2", remote("b"), meanwhile=lambda: refuse_to_delete(emulated)).code == 1
    assert set(held(emulated)) == {"a", "b"}
    assert apply(emulated, "r3", remote("b")).code == 0
    assert set(held(emulated)) == {"b"}


def test_a_refused_create_leaves_no_claim(emulated: Emulated) -> None:
    emulated.override = lambda method, target: error(400) if method == "PUT" and "_inference" in target else None
    ran = apply(emulated, "r2", remote("a"), remote("b"), remote("c"))
    assert ran["c"].result is Result.FAILED
    assert set(held(emulated)) == {"a", "b"}


def test_a_create_whose_end_is_unknown_keeps_its_claim(emulated: Emulated) -> None:
    def lose() -> None:
        emulated.fault("cut_after", "PUT", "/_inference/completion/c")
        emulated.fault("status", "GET", "/_inference/.*", status=500, count=-1)

    ran = apply(emulated, "r2", remote("a"), remote("b"), remote("c"), meanwhile=lose)
    assert ran["c"].result is Result.UNKNOWN
    assert held(emulated)["c"].intent == "create"
    emulated.calm()
    assert apply(emulated, "r3", remote("a"), remote("b"), remote("c")).code == 0
    assert held(emulated)["c"].intent == ""


def test_the_run_says_what_was_planned_and_what_came_of_it(emulated: Emulated) -> None:
    apply(emulated, "r2", remote("b", user="u"), meanwhile=lambda: refuse_to_delete(emulated))
    newest = {run.run: run for run in IndexLedger(emulated.client, "mine").history()}["r2"]
    assert set(newest.planned) == {"a", "b"}
    assert newest.planned["a"].startswith("delete")
    assert newest.planned["b"].startswith("update")
    assert {step.inference_id: (step.action, step.result) for step in newest.results} == {
        "a": (Action.DELETE.word, "failed"),
        "b": (Action.UPDATE.word, "done"),
    }
    assert (newest.exit_code, newest.ended_at) == (4, LATER)


def test_what_is_adopted_is_claimed_before_it_is_changed(emulated: Emulated) -> None:
    stranger = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "x"}}
    emulated.call("PUT", "/_inference/completion/c", stranger)
    owners: list[str] = []

    def look(method: str, target: str) -> None:
        if method == "PUT" and "/c/_update" in target:
            emulated.override = lambda _method, _target: None
            owners.append(held(emulated)["c"].scope)

    emulated.override = look
    wanted = (remote("a"), remote("b"), remote("c", user="u"))
    assert apply(emulated, "r2", *wanted, adopt=("c",)).code == 0
    assert owners == ["mine"]
    assert held(emulated)["c"].declared["task_settings"] == {"user": "u"}


def test_an_endpoint_that_another_scope_took_meanwhile_is_not_touched(emulated: Emulated) -> None:
    other = IndexLedger(emulated.client, "other", "r9")
    other.prepare()

    def quicker(_method: str, target: str) -> None:
        if "_bulk" in target:
            emulated.override = lambda _method, _target: None
            other.note({"c": owned("other", declared=DECLARED, intent="create")})

    emulated.override = quicker
    ran = apply(emulated, "r2", remote("a"), remote("b"), remote("c"))
    assert (ran.code, ran["c"].result, ran["c"].wrote) == (3, Result.BLOCKED, False)
    assert "scope other owns it now" in ran["c"].detail
    assert emulated.shown("c") is None
    assert held(emulated)["c"].scope == "other"


def bulks(emulated: Emulated) -> int:
    return sum("_bulk" in line for line in emulated.sent)


@pytest.mark.parametrize(("count", "at_least"), [(49, 3), (50, 3), (51, 4), (101, 5)])
def test_what_ended_is_noted_every_fifty_steps(count: int, at_least: int) -> None:
    """The start, 50 at a time, the rest of the stage, the end."""
    emulated = Emulated()
    assert apply(emulated, "r1", *(remote(f"a{number}") for number in range(count))).code == 0
    claims = -(-count // 50)
    assert bulks(emulated) == at_least + claims - 1
    assert {record.intent for record in held(emulated).values()} == {""}


def test_a_run_that_dies_after_fifty_steps_has_noted_them() -> None:
    emulated = Emulated()

    def die(_method: str, target: str) -> None:
        if target.startswith("/_inference/completion/a60"):
            emulated.override = dead
            raise Killed

    def dead(_method: str, _target: str) -> None:
        raise Killed

    emulated.override = die
    with pytest.raises(Killed):
        apply(emulated, "r1", *(remote(f"a{number}") for number in range(10, 70)))
    emulated.calm()
    intents = {name: record.intent for name, record in held(emulated).items()}
    assert intents == {f"a{number}": "" if number < 60 else "create" for number in range(10, 70)}


def test_the_last_word_on_a_step_is_what_is_noted(emulated: Emulated) -> None:
    """The read-back of the stage cannot read one of the fifty that were noted before it."""
    wanted = [remote("a"), remote("b"), *(remote(f"c{number}") for number in range(50))]

    def lose(method: str, target: str) -> Any:
        if method == "GET" and "_inference" in target:
            return error(500)
        return None

    before = len(emulated.sent)

    def watch(_method: str, target: str) -> None:
        if sum("_bulk" in line for line in emulated.sent[before:]) == 2 and "_bulk" in target:
            emulated.override = lose

    emulated.override = watch
    ran = apply(emulated, "r2", *wanted)
    emulated.calm()
    assert {ran[f"c{number}"].result for number in range(50)} == {Result.UNKNOWN}
    assert {held(emulated)[f"c{number}"].intent for number in range(50)} == {"create"}


def test_what_never_began_is_as_it_was(emulated: Emulated) -> None:
    """An adoption that the run did not get to stays somebody else's, and says so."""
    other = IndexLedger(emulated.client, "other", "r9")
    theirs = owned("other", declared=DECLARED)
    other.view()
    other.note({"c": theirs})
    for name in ("c", "d"):
        stranger = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "x"}}
        emulated.call("PUT", f"/_inference/completion/{name}", stranger)
    stop = Patience(emulated)

    def interrupt(_method: str, target: str) -> None:
        if target.startswith("/_inference/completion/a/_update"):
            stop.set("SIGTERM")

    emulated.override = interrupt
    wanted = (remote("a", user="u"), remote("b"), remote("c", user="u"), remote("d"), remote("e"))
    before = held(emulated)
    ran = apply(emulated, "r2", *wanted, take_over=("c",), adopt=("d",), stop=stop)
    assert ran["a"].result is Result.DONE
    assert {name: ran[name].result for name in "cde"} == dict.fromkeys("cde", Result.NOT_STARTED)
    assert held(emulated)["a"].declared != before["a"].declared
    assert {name: record for name, record in held(emulated).items() if name != "a"} == {"b": before["b"], "c": theirs}


def test_a_create_that_nobody_waited_for_keeps_its_claim(emulated: Emulated) -> None:
    ledger = IndexLedger(emulated.client, "mine")
    before = ledger.view()
    wanted = DesiredSet((remote("a"), remote("b"), remote("c"), remote("d")))
    plan = plan_cluster(emulated.client.read_only(), wanted, Permissions(), ledger=before)
    notes = LedgerNotes(ledger, plan, run_record("r2"), lambda: LATER, before.owned)
    notes.begin()
    notes.began(plan.steps[0])
    notes.end(outcome(plan, ()))
    assert held(emulated)["c"].intent == "create"
    assert "d" not in held(emulated)


def test_what_ends_after_the_run_is_not_noted(emulated: Emulated) -> None:
    """The lock may be another run's by then."""
    ledger = IndexLedger(emulated.client, "mine")
    before = ledger.view()
    wanted = DesiredSet((remote("a"), remote("b"), remote("c")))
    plan = plan_cluster(emulated.client.read_only(), wanted, Permissions(), ledger=before)
    notes = LedgerNotes(ledger, plan, run_record("r2"), lambda: LATER, before.owned)
    notes.begin()
    notes.began(plan.steps[0])
    notes.end(outcome(plan, ()))
    notes.finished(plan.steps[0], WriteResult(Result.DONE, wrote=True))
    notes.settle()
    assert held(emulated)["c"].intent == "create"
