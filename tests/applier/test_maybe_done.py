"""A write that is maybe done is looked for: nothing is called undone that was done, and no endpoint is lost between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Cut, Emulated, Reply, error
from tests.factories import run_record

from inferctl.api.cluster import Cluster
from inferctl.api.plan_apply import apply
from inferctl.applier.events import Result, SubStep
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.runner import Options, Run
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.lock import Lease
from inferctl.model.endpoint import Endpoint
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.services import OpenAISettings, SecretRef

from .worlds import SECRETS, Patience, Ran, applied, carried_out, only, plan_for, remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.planner.plan import Plan

DELETE = "DELETE /_inference/completion/a"
PUT = "PUT /_inference/completion/a?timeout=60s"
PAGE: Reply = (404, {"content-type": "text/html"}, b"<html><h1>404</h1>no route</html>")
OTHER = {"service": "openai", "service_settings": {"model_id": "other", "api_key": "x"}}


def executed_then(*lines: str, status: int = 503, count: int = 1) -> Callable[[str, str, Reply], Reply]:
    """A proxy that passes these requests on and answers for itself, `count` times."""
    left = [count]

    def answer(method: str, target: str, answer: Reply) -> Reply:
        if f"{method} {target}".startswith(lines) and "dry_run" not in target and left[0]:
            left[0] -= 1
            return error(status) if status != 404 else PAGE
        return answer

    return answer


def model(emulated: Emulated) -> Any:
    shown = emulated.shown("a")
    return shown and shown["service_settings"]["model_id"]


def replacing() -> tuple[Emulated, Plan]:
    emulated = Emulated()
    assert applied(emulated, remote()).code == 0
    return emulated, plan_for(emulated, remote(model="n"))


@pytest.mark.parametrize("status", [503, 429, 502, 404])
def test_a_delete_that_was_done_and_answered_with_an_error_is_done(status: int) -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.after = executed_then(DELETE, status=status)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    assert emulated.writes == [DELETE]


@pytest.mark.parametrize("status", [503, 429, 404])
def test_a_replace_goes_on_after_a_delete_that_was_done_and_answered_with_an_error(status: int) -> None:
    emulated, plan = replacing()
    emulated.after = executed_then(DELETE, status=status)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    assert model(emulated) == "n"


def test_a_replace_goes_on_when_its_delete_can_be_read_back_only_after_a_minute() -> None:
    emulated, plan = replacing()
    stop = Patience(emulated)
    gone: list[float] = []

    def lose(method: str, target: str, answer: Reply) -> Reply:
        if f"{method} {target}" == DELETE:
            gone.append(stop.now_s)
            raise Cut
        return answer

    def unreadable(method: str, target: str) -> Reply | None:
        return error(500) if method == "GET" and gone and stop.now_s < gone[0] + 60 else None

    emulated.after, emulated.override = lose, unreadable
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")
    assert any("looking whether the old one is gone" in e.what for e in ran.events if isinstance(e, SubStep))


def test_a_replace_whose_delete_is_never_done_ends_soon() -> None:
    emulated, plan = replacing()
    emulated.fault("status", "DELETE", "/_inference/completion/a", skip=1, status=503, count=-1)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (4, Result.UNKNOWN, "m")
    assert "it is still there, and may still go" in ran["a"].detail
    assert ran["a"].elapsed_s < 30


@pytest.mark.parametrize("count", [2, 4, 6])
def test_what_a_replace_must_put_there_is_put_again_until_it_is_there(count: int) -> None:
    emulated, plan = replacing()
    emulated.fault("status", "PUT", "/_inference/completion/a", status=503, count=count)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")
    waits = [e.what for e in ran.events if isinstance(e, SubStep) and "again in" in e.what]
    assert waits == [f"creating, again in {min(2**n, 30)} s" for n in range(count)]


def test_where_the_new_one_cannot_be_put_there_the_old_one_is_put_again_until_it_is_there() -> None:
    """Half of the time belongs to each."""
    emulated, plan = replacing()
    stop = Patience(emulated)
    deleted: list[float] = []

    def away(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == DELETE:
            deleted.append(stop.now_s)
        return error(503) if f"{method} {target}" == PUT and stop.now_s < deleted[0] + 200 else None

    emulated.override = away
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, ran["a"].result, model(emulated)) == (4, Result.FAILED, "m")
    assert "the old settings are restored" in ran["a"].detail


def test_a_refusal_does_not_take_back_what_an_earlier_create_may_have_done() -> None:
    """The old one was gone before, so there is no way back, and nothing of ours was written for certain but this."""
    emulated, plan = replacing()
    emulated.call("DELETE", "/_inference/a")
    answers = [error(503), error(400)]
    emulated.override = lambda method, _: answers.pop(0) if method == "PUT" else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].wrote, answers) == (4, True, [])


def test_the_time_for_it_is_bounded() -> None:
    emulated, plan = replacing()
    emulated.fault("status", "PUT", "/_inference/completion/a", status=503, count=-1)
    stop = Patience(emulated)
    options = Options(clock=stop.clock, replace_timeout_s=20.0)
    ran = Ran(Run(plan, emulated.client, SECRETS, lambda _: None, stop, options).carry_out())
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    assert 10 < ran["a"].elapsed_s < 30


def test_the_first_signal_does_not_end_it() -> None:
    emulated, plan = replacing()
    stop = Patience(emulated)
    puts: list[str] = []

    def interrupt(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == PUT:
            puts.append(target)
            stop.set("SIGTERM")
            return error(503) if len(puts) <= 3 else None
        return None

    emulated.override = interrupt
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, ran["a"].result, model(emulated)) == (130, Result.DONE, "n")


def test_the_second_signal_does() -> None:
    emulated, plan = replacing()
    stop = Patience(emulated)

    def interrupt(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == PUT:
            stop.set("SIGTERM")
            stop.set_at_once()
            return error(503)
        return None

    emulated.override = interrupt
    assert carried_out(emulated, plan, stop=stop)["a"].result is Result.UNKNOWN
    assert emulated.writes.count(PUT) == 1


@pytest.mark.parametrize("taken", [False, True])
def test_a_lock_that_could_not_be_renewed_does_not_keep_a_replace_from_its_end(
    taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where another run has taken it: that one is at work."""
    emulated = Emulated()
    cluster = Cluster(emulated.client, environ={"OPENAI_API_KEY": "key-of-the-test"}, scope="team")
    may = Permissions(manage=("a",), allow_replace=True)
    assert apply(cluster, _declared("m"), permissions=may).exit_code == 0

    def stale(method: str, target: str, answer: Reply) -> Reply:
        if f"{method} {target}" == DELETE:
            monkeypatch.setattr(Lease, "_is_fresh", _taken if taken else lambda _lease: False)
            monkeypatch.setattr(Lease, "_beat", lambda _lease: None)
        return answer

    emulated.after = stale
    outcome = apply(cluster, _declared("n"), permissions=may)
    if not taken:
        assert (outcome.exit_code, model(emulated)) == (0, "n")
        return
    assert (outcome.exit_code, model(emulated)) == (4, None)
    assert "was lost" in outcome.results[0].detail


def _taken(lease: Lease) -> bool:
    lease._gone = True
    return False


def _declared(model: str) -> list[Endpoint]:
    settings = OpenAISettings(model_id=model, api_key=SecretRef("env", "OPENAI_API_KEY"))
    return [Endpoint(inference_id="a", task_type="completion", service="openai", service_settings=settings)]


# Absent is what Elasticsearch itself says is absent.


@pytest.mark.parametrize("executed", [False, True])
def test_the_page_of_a_proxy_does_not_say_that_an_endpoint_is_gone(executed: bool) -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    if executed:
        emulated.after = executed_then("DELETE", "GET /_inference/a", status=404, count=-1)
    else:
        emulated.override = lambda method, target: (
            PAGE if f"{method} {target}" == DELETE or (DELETE in emulated.sent and target == "/_inference/a") else None
        )
    ran = carried_out(emulated, plan)
    assert ran["a"].result is not Result.DONE
    assert "gone already" not in ran["a"].detail
    emulated.calm()
    assert emulated.shown("a") is not None


class Scope:
    """The runs of one scope on one cluster."""

    def __init__(self) -> None:
        self.emulated = Emulated()
        self.runs = 0

    def plan(self, *endpoints: Any, ledger: IndexLedger | None = None) -> Plan:
        ledger = ledger or IndexLedger(self.emulated.client, "mine")
        ledger.prepare()
        asked = Permissions(allow_replace=True, allow_delete=True, max_deletes="100%")
        return plan_cluster(self.emulated.client.read_only(), DesiredSet(endpoints), asked, ledger=ledger.view())

    def apply(self, *endpoints: Any, meanwhile: Callable[[], None] = lambda: None) -> Ran:
        self.runs += 1
        ledger = IndexLedger(self.emulated.client, "mine")
        plan = self.plan(*endpoints, ledger=ledger)
        self.emulated.sent.clear()
        notes = LedgerNotes(
            ledger, plan, run_record(f"r{self.runs}"), lambda: "2026-01-01T00:00:01Z", before=ledger.view().owned
        )
        meanwhile()
        stop = Patience(self.emulated)
        run = Run(plan, self.emulated.client, SECRETS, lambda _: None, stop, Options(clock=stop.clock), notes)
        return Ran(run.carry_out())

    def owned(self) -> set[str]:
        return set(IndexLedger(self.emulated.client, "mine").view().owned)


def test_a_record_stays_when_only_a_proxy_says_that_its_endpoint_is_gone() -> None:
    scope = Scope()
    assert scope.apply(remote("a"), remote("b")).code == 0

    def page() -> None:
        scope.emulated.override = lambda method, target: PAGE if f"{method} {target}" == DELETE else None

    ran = scope.apply(remote("b"), meanwhile=page)
    assert (ran.code, ran["a"].result) == (4, Result.UNKNOWN)
    scope.emulated.calm()
    assert scope.owned() == {"a", "b"}
    assert scope.apply(remote("b")).code == 0
    assert scope.emulated.shown("a") is None


@pytest.mark.parametrize("status", [503, 429, 502, 404])
def test_a_create_that_was_done_and_answered_with_an_error_is_done_and_ours(status: int) -> None:
    scope = Scope()

    def proxy() -> None:
        scope.emulated.after = executed_then("PUT /_inference/completion/a", status=status)

    ran = scope.apply(remote("a"), meanwhile=proxy)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (0, Result.DONE, True)
    scope.emulated.calm()
    assert scope.plan(remote("a")).is_empty


def test_a_create_that_the_server_finishes_while_we_look_is_done() -> None:
    scope = Scope()

    def late() -> None:
        scope.emulated.override = _later(scope.emulated, after_reads=2)

    ran = scope.apply(remote("a"), meanwhile=late)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)


def test_a_create_that_the_server_finishes_after_the_run_is_ours_all_the_same() -> None:
    scope = Scope()

    def late() -> None:
        scope.emulated.override = _later(scope.emulated, after_reads=1_000)

    ran = scope.apply(remote("a"), meanwhile=late)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.UNKNOWN, True)
    scope.emulated.calm()
    assert scope.owned() == {"a"}
    scope.emulated.call(
        "PUT", "/_inference/completion/a", {**OTHER, "service_settings": {"model_id": "m", "api_key": "x"}}
    )
    assert scope.apply(remote("a")).code == 0
    assert scope.plan(remote("a")).is_empty


def _later(emulated: Emulated, after_reads: int) -> Callable[[str, str], Reply | None]:
    """The PUT is cut, and the server makes its endpoint after so many reads of it."""
    reads: list[str] = []

    def answer(method: str, target: str) -> Reply | None:
        if method == "PUT" and target.startswith("/_inference/"):
            raise Cut
        if target == "/_inference/a":
            reads.append(target)
            if len(reads) == after_reads:
                body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "x"}}
                emulated.call("PUT", "/_inference/completion/a", body)
        return None

    return answer


# The throw-away endpoint of a trial.

TRY = "PUT /_inference/completion/inferctl-trial-"


def trials(emulated: Emulated) -> list[str]:
    return [i for i in emulated.cluster.endpoints if i.startswith("inferctl-trial-")]


@pytest.mark.parametrize("status", [503, 429, 404])
def test_a_trial_that_was_made_and_answered_with_an_error_is_removed(status: int) -> None:
    scope = Scope()
    scope.apply(remote("a"))

    def proxy() -> None:
        scope.emulated.after = executed_then(TRY, status=status)

    ran = scope.apply(remote("a", model="n"), meanwhile=proxy)
    assert (ran.code, ran["a"].result, model(scope.emulated)) == (1, Result.FAILED, "m")
    assert trials(scope.emulated) == []
    assert scope.apply(remote("a", model="n")).code == 0
    assert scope.owned() == {"a"}


def test_a_trial_that_comes_after_the_run_is_removed_by_the_next() -> None:
    scope = Scope()
    scope.apply(remote("a"))

    def cut() -> None:
        scope.emulated.override = lambda method, target: error(503) if f"{method} {target}".startswith(TRY) else None

    ran = scope.apply(remote("a", model="n"), meanwhile=cut)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.FAILED, True)
    assert "the next run removes it" in ran["a"].detail
    scope.emulated.calm()
    (trial,) = scope.owned() - {"a"}
    scope.emulated.call("PUT", f"/_inference/completion/{trial}", OTHER)
    assert scope.apply(remote("a", model="n")).code == 0
    assert (trials(scope.emulated), scope.owned(), model(scope.emulated)) == ([], {"a"}, "n")


def test_a_trial_that_was_sent_twice_on_the_way_is_removed() -> None:
    scope = Scope()
    scope.apply(remote("a"))

    def twice() -> None:
        scope.emulated.after = _sent_again(TRY)

    ran = scope.apply(remote("a", model="n"), meanwhile=twice)
    assert (ran["a"].result, model(scope.emulated)) == (Result.FAILED, "m")
    assert trials(scope.emulated) == []
    scope.emulated.calm()
    assert scope.apply(remote("a", model="n")).code == 0
    assert scope.owned() == {"a"}


def _sent_again(line: str) -> Callable[[str, str, Reply], Reply]:
    """A proxy lost the first answer, sent the request again and answers what came of the second."""

    def answer(method: str, target: str, first: Reply) -> Reply:
        if not f"{method} {target}".startswith(line) or "dry_run" in target:
            return first
        taken = error(400, "resource_already_exists_exception", "Inference endpoint already exists")
        return taken if method == "PUT" else error(404, "resource_not_found_exception", "not found")

    return answer


def test_a_replace_has_a_way_back_though_its_delete_was_sent_twice_on_the_way() -> None:
    emulated, plan = replacing()
    emulated.after = _sent_again(DELETE)
    puts: list[str] = []

    def refuse(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == PUT:
            puts.append(target)
            return error(400) if len(puts) == 1 else None
        return None

    emulated.override = refuse
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (4, Result.FAILED, "m")


def test_an_update_that_is_maybe_done_and_then_held_is_no_no() -> None:
    """The 503 may have been stored; that another update holds it, and then a refusal, do not take that back."""
    emulated = Emulated()
    applied(emulated, remote(user="x"))
    plan = plan_for(emulated, remote(user="y"))
    answers = [error(503), error(409, reason="The inference endpoint(s) [a] are currently being updated"), error(400)]

    def scripted(method: str, target: str) -> Reply | None:
        return answers.pop(0) if method == "PUT" and answers else None

    emulated.override = scripted
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (4, Result.UNKNOWN, True)


def test_without_a_ledger_it_is_said_how_to_remove_a_trial_that_may_come() -> None:
    emulated, plan = replacing()
    emulated.override = lambda method, target: error(503) if f"{method} {target}".startswith(TRY) else None
    ran = carried_out(emulated, plan)
    (line,) = {line for line in emulated.writes if line.startswith("DELETE")}
    trial = line.rpartition("/")[2]
    assert f"remove it (DELETE /_inference/{trial})" in ran["a"].detail
    assert (ran.code, ran["a"].wrote) == (4, True)


def test_without_a_ledger_a_trial_that_comes_some_seconds_late_is_removed() -> None:
    """Nobody else would ever remove it: what remembers such endpoints is the ledger."""
    emulated, plan = replacing()
    removals: list[str] = []

    def late(method: str, target: str) -> Reply | None:
        if f"{method} {target}".startswith(TRY):
            return error(504)
        if method == "DELETE" and target.startswith("/_inference/completion/inferctl-trial-"):
            removals.append(target)
            if len(removals) == 5:  # the first four come within 3.5 s
                emulated.call("PUT", target, OTHER)
        return None

    emulated.override = late
    ran = carried_out(emulated, plan)
    assert (len(removals), trials(emulated)) == (5, [])
    assert ran["a"].result is Result.FAILED
    assert model(emulated) == "m"


def test_a_delete_that_is_done_late_takes_no_new_endpoint_with_it() -> None:
    """A DELETE whose answer was lost is sent again; the first one is done when the new endpoint is there by then."""
    emulated, plan = replacing()
    puts: list[str] = []

    def late(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == PUT:
            puts.append(target)
        elif method == "GET" and len(puts) == 1:
            puts.append("gone")
            emulated.call("DELETE", "/_inference/completion/a")
        return None

    emulated.override = late
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")
    assert len(puts) == 3
    assert "created once more" in ran["a"].detail


# What a replace finds in its way may be its own.


def test_what_a_replace_has_made_itself_is_not_somebody_elses() -> None:
    emulated, plan = replacing()
    emulated.after = executed_then(PUT)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")
    assert "somebody else" not in ran["a"].detail


def test_a_create_that_comes_while_it_is_sent_again_is_ours() -> None:
    """The first PUT is cut and executed only when the second one arrives."""
    emulated, plan = replacing()
    puts: list[str] = []

    def late(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == PUT:
            puts.append(target)
            if len(puts) == 1:
                raise Cut
            emulated.call(
                "PUT", "/_inference/completion/a", {**OTHER, "service_settings": {"model_id": "n", "api_key": "k"}}
            )
        return None

    emulated.override = late
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, len(puts)) == (0, Result.DONE, 2)
    assert "somebody else" not in ran["a"].detail


def test_a_create_that_comes_while_the_old_one_is_restored_is_ours() -> None:
    emulated, plan = replacing()
    puts: list[str] = []

    def late(method: str, target: str) -> Reply | None:
        if f"{method} {target}" == PUT:
            puts.append(target)
            if len(puts) == 1:
                raise Cut
            if len(puts) == 2:
                return error(400, reason="no")
            emulated.call(
                "PUT", "/_inference/completion/a", {**OTHER, "service_settings": {"model_id": "n", "api_key": "k"}}
            )
        return None

    emulated.override = late
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, model(emulated)) == (0, Result.DONE, "n")
    assert "came after all" in ran["a"].detail


@pytest.mark.parametrize("refused", [error(400), error(403, "security_exception")], ids=["400", "403"])
def test_exit_1_is_for_what_was_not_done(refused: Reply) -> None:
    """Refused by the server itself: nothing was written, and that is known."""
    emulated = Emulated()
    plan = plan_for(emulated, remote())
    emulated.override = lambda method, _: refused if method == "PUT" else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (1, Result.FAILED, False)
    assert only(plan_for(emulated, remote())).action is Action.CREATE
