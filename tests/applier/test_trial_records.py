"""A throw-away endpoint is in the ledger from before its PUT until after its DELETE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated, Reply
from tests.factories import owned, run_record

from inferctl.applier.events import Result
from inferctl.applier.ledger_notes import LedgerNotes
from inferctl.applier.runner import Options, Run
from inferctl.emulator.provider import ProviderRule
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.records import INDEX
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.plan import DesiredSet, Permissions, Plan

from .worlds import CANARY, SECRETS, Patience, Ran, remote

if TYPE_CHECKING:
    from inferctl.planner.ownership import Owned

TRIAL_PATH = "/_inference/completion/inferctl-trial-.*"


class Killed(BaseException):
    """The process is gone."""


class Repository:
    """One scope on one emulated cluster, with `a` in it."""

    def __init__(self, version: str = "9.5") -> None:
        self.emulated = Emulated(version)
        self.runs = 0
        assert self.apply("m").code == 0

    def plan(self, model: str, ledger: IndexLedger | None = None, **permissions: Any) -> Plan:
        ledger = ledger or IndexLedger(self.emulated.client, "mine")
        ledger.prepare()
        allowed = Permissions(**{"allow_replace": True, **permissions})
        client = self.emulated.client.read_only()
        return plan_cluster(client, DesiredSet((remote(model=model),)), allowed, ledger=ledger.view())

    def apply(self, model: str) -> Ran:
        self.runs += 1
        ledger = IndexLedger(self.emulated.client, "mine")
        plan = self.plan(model, ledger)
        self.emulated.sent.clear()
        record = run_record(f"r{self.runs}")
        notes = LedgerNotes(ledger, plan, record, lambda: "2026-01-01T00:00:01Z", before=ledger.view().owned)
        run = Run(plan, self.emulated.client, SECRETS, lambda _: None, Patience(self.emulated), Options(), notes)
        return Ran(run.carry_out())

    def trials(self) -> dict[str, Owned]:
        """The records of trials."""
        owned = IndexLedger(self.emulated.client, "mine").view().owned
        return {i: o for i, o in owned.items() if i.startswith("inferctl-trial-")}

    def left(self) -> list[str]:
        return [i for i in self.emulated.cluster.endpoints if i.startswith("inferctl-trial-")]


@pytest.mark.parametrize("version", ["8.17", "9.5"])
def test_noted_before_the_put_and_no_longer_after_the_delete(version: str) -> None:
    repository = Repository(version)
    during: list[dict[str, Owned]] = []

    def look(_method: str, target: str) -> None:
        if "/inferctl-trial-" in target:
            hook, repository.emulated.override = repository.emulated.override, lambda _method, _target: None
            during.append(repository.trials())
            repository.emulated.override = hook

    repository.emulated.override = look
    assert repository.apply("n").code == 0
    assert len(during) == 2  # PUT and DELETE
    for records in during:
        (record,) = records.values()
        assert record == owned(declared={"task_type": "completion", "service": "openai"}, intent="trial")
        assert CANARY not in repr(record)
    repository.emulated.calm()
    assert repository.trials() == {}
    assert repository.plan("n").is_empty


@pytest.mark.parametrize("moment", ["before the PUT", "after the PUT", "after the DELETE"])
@pytest.mark.parametrize("version", ["8.17", "9.5"])
def test_what_a_dead_run_left_is_cleaned_up_by_the_next(moment: str, version: str) -> None:
    repository = Repository(version)

    def kill(method: str, target: str) -> None:
        if moment == "before the PUT" and method == "PUT" and "/inferctl-trial-" in target:
            raise Killed

    def kill_after(method: str, target: str, answer: Reply) -> Reply:
        if method == moment.rpartition(" ")[2] and "/inferctl-trial-" in target and moment.startswith("after"):
            raise Killed
        return answer

    repository.emulated.override, repository.emulated.after = kill, kill_after
    with pytest.raises(Killed):
        repository.apply("n")
    repository.emulated.calm()
    (name,) = repository.trials()
    assert repository.left() == ([name] if moment == "after the PUT" else [])
    plan = repository.plan("m", allow_replace=False)  # whatever the files say by now
    (step,) = plan.steps
    assert (step.inference_id, step.action) == (name, Action.DELETE if repository.left() else Action.FORGET)
    assert repository.apply("n").code == 0
    assert (repository.left(), repository.trials()) == ([], {})
    assert repository.plan("n").is_empty
    assert repository.emulated.shown("a")["service_settings"]["model_id"] == "n"


def test_a_trial_that_could_not_be_removed_goes_with_the_next_run() -> None:
    repository = Repository()
    repository.emulated.fault("status", "DELETE", TRIAL_PATH, status=500, count=-1)
    ran = repository.apply("n")
    (name,) = repository.left()
    assert (ran.code, ran["a"].result) == (4, Result.FAILED)
    assert f"{name} may still be there, the next run removes it" in ran["a"].detail
    assert list(repository.trials()) == [name]
    repository.emulated.calm()
    assert not repository.plan("n").unfinished  # nothing was deleted, so no replace is in the middle
    assert repository.apply("n").code == 0
    assert (repository.left(), repository.trials()) == ([], {})


def test_an_answer_that_was_lost_keeps_its_record() -> None:
    """The request may be at work still, and store its endpoint when nobody looks any more."""
    repository = Repository()
    repository.emulated.fault("cut_before", "PUT", TRIAL_PATH)
    assert repository.apply("n").code == 4
    (name,) = repository.trials()
    late = {"service": "openai", "service_settings": {"model_id": "n", "api_key": "x"}}
    repository.emulated.call("PUT", f"/_inference/completion/{name}", late)
    assert repository.apply("n").code == 0
    assert (repository.left(), repository.trials()) == ([], {})


def test_a_refused_trial_leaves_no_record() -> None:
    repository = Repository()
    repository.emulated.cluster.script_provider(ProviderRule("401", count=1))
    assert repository.apply("n").code == 1
    assert (repository.left(), repository.trials()) == ([], {})


@pytest.mark.parametrize(("skip", "sent"), [(0, []), (1, ["PUT", "DELETE"])])
def test_a_ledger_that_cannot_be_written_stops_the_replace(skip: int, sent: list[str]) -> None:
    """Not noted, so not sent; and where the end could not be noted, nothing is removed."""
    repository = Repository()
    # The first bulk says that a run began.
    repository.emulated.fault("status", "POST", f"/{INDEX}/_bulk", status=403, skip=1 + skip, count=-1)
    ran = repository.apply("n")
    assert (ran["a"].result, ran["a"].wrote) == (Result.FAILED, False)
    assert "nothing was removed" in ran["a"].detail
    assert [line.partition(" ")[0] for line in repository.emulated.writes if "_inference" in line] == sent
    assert repository.emulated.shown("a")["service_settings"]["model_id"] == "m"
