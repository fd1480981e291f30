"""What an apply tells the ledger: what it is about to create, what came of each step, how the run ended.

The claim on an id is written before the endpoint is touched, so that of two scopes one gets it, and so that a run that
dies leaves behind whose endpoint it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from inferctl.applier.events import Result, StepFinished
from inferctl.errors import LedgerError
from inferctl.json_types import path_text, value_at
from inferctl.ledger.records import StepRecord
from inferctl.planner.action import Action
from inferctl.planner.ownership import TRIAL, Owned
from inferctl.secrets.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from inferctl.applier.outcome import Outcome
    from inferctl.json_types import Json, Path
    from inferctl.ledger.backend import Ledger
    from inferctl.ledger.fingerprints import Fingerprints
    from inferctl.ledger.records import RunRecord
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

Fingerprint: TypeAlias = "Callable[[Change, Path, str], dict[str, Json]]"
_HOLDS = frozenset({Result.DONE, Result.NOT_READY})
_DETAIL = 500


@dataclass(slots=True)
class LedgerNotes:
    """The ledger's side of one run. `now` gives ISO 8601 times. `before` is what the ledger held at its start.

    `fingerprint` makes what is kept of a secret that was sent, from the change, its path and the day.

    `refused` says which ids turned out to be somebody else's, and why; nothing may be sent for them. `failure` is why
    the ledger could not be written any more: then nothing new may begin.
    """

    ledger: Ledger
    plan: Plan
    run: RunRecord
    now: Callable[[], str]
    before: Mapping[str, Owned] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    refused: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    _claimed: dict[str, Owned] = field(default_factory=dict)
    _marked: dict[str, Owned] = field(default_factory=dict)
    _settled: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Note the run and claim what it will touch and does not own yet. Raises LedgerError: then nothing was sent."""
        if self.plan.scope:
            self._claimed = {c.inference_id: self._claim(c) for c in self.plan.runnable if _needs_claim(c)}
            self._marked = {
                change.inference_id: marked
                for change in self.plan.runnable
                if change.inference_id not in self._claimed and (marked := self._unsure(change)) is not None
            }
        planned = {c.inference_id: f"{c.action.word}, {c.standing.word}" for c in self.plan.steps}
        self.run = replace(self.run, planned=planned)
        self.refused = dict(self.ledger.start(self.run, self._claimed | self._marked))

    def settle(self, changes: Iterable[Change], finished: Mapping[str, StepFinished]) -> None:
        """After a stage: what is there is ours as declared, what is gone is nobody's. Never raises."""
        if not self.plan.scope:
            return
        entries: dict[str, Owned | None] = {}
        for change in changes:
            step = finished.get(change.inference_id)
            if step is not None and change.inference_id not in self.refused:
                entries |= self._entry(change, step)
        self._keep(lambda: self.ledger.note(entries))

    def trying(self, trial_id: str, change: Change) -> str:
        """Note a throw-away endpoint before its PUT. Answers why it must not be sent; empty where it may."""
        declared = {"task_type": change.task_type, "service": change.service}
        return self._trial(trial_id, Owned(self.plan.scope, declared, intent=TRIAL))

    def tried(self, trial_id: str) -> str:
        """It is gone. Answers why that could not be noted: then nothing more may begin."""
        return self._trial(trial_id, None)

    def _trial(self, trial_id: str, owned: Owned | None) -> str:
        if self.plan.scope:
            self._keep(lambda: self.ledger.note({trial_id: owned}))
        return self.failure

    def end(self, outcome: Outcome) -> None:
        """The rest: claims of steps that never began, endpoints whose declaration changed and nothing else; the run."""
        entries: dict[str, Owned | None] = {}
        if self.plan.scope:
            entries = {
                i: None for i, o in self._claimed.items() if o.intent and i not in self._settled | set(self.refused)
            }
            # Nothing was stored of what they were to send: what was known of their secrets still is.
            entries |= {i: self.before[i] for i in self._marked if i not in self._settled | set(self.refused)}
            entries |= {c.inference_id: self._record(c) for c in self.plan.changes if c.renews_record}
        steps = tuple(
            StepRecord(r.inference_id, r.action.word, r.result.value, r.detail[:_DETAIL]) for r in outcome.results
        )
        self.run = replace(self.run, ended_at=self.now(), exit_code=outcome.exit_code, results=steps)
        self._keep(lambda: self.ledger.finish(self.run, entries))

    def _keep(self, write: Callable[[], Mapping[str, str]]) -> None:
        if self.failure:
            return
        try:
            problems = write()
        except LedgerError as error:
            self.failure = str(error)
            return
        if problems:
            named = "; ".join(f"{inference_id}: {text}" for inference_id, text in sorted(problems.items()))
            self.failure = f"the ledger could not note {named}"

    def _claim(self, change: Change) -> Owned:
        record = self._record(change)
        return replace(record, intent="create") if change.action is Action.CREATE else record

    def _record(self, change: Change, *, sent: bool = False) -> Owned:
        """`sent`: the server stored the secrets that went with the step. Else what was known of them still is."""
        last = self.before.get(change.inference_id)
        secrets: dict[str, Json] = {}
        for path in sorted(change.secret_fields, key=path_text):
            if sent and path in change.secrets and self.fingerprint is not None:
                secrets[path_text(path)] = self.fingerprint(change, path, self.now()[:10])
            else:
                secrets[path_text(path)] = last.secrets.get(path_text(path), {}) if last is not None else {}
        return Owned(self.plan.scope, change.declared or {}, change.protect, secrets)

    def _unsure(self, change: Change) -> Owned | None:
        """The old record, marked before secrets go out: until the answer is noted nobody knows which ones are stored.

        A run that dies in between leaves the mark, and the next one sends the secrets again.
        """
        last = self.before.get(change.inference_id)
        writes = change.action in (Action.UPDATE, Action.REPLACE)
        if last is None or last.scope != self.plan.scope or not change.secrets or not writes:
            return None
        sent = {path_text(path) for path in change.secrets}
        marked = {
            name: {**entry, "unsure": True} if name in sent and isinstance(entry, Mapping) else entry
            for name, entry in last.secrets.items()
        }
        return replace(last, secrets=marked)

    def _entry(self, change: Change, step: StepFinished) -> dict[str, Owned | None]:
        """What to note for one step; empty where the record stands as it is."""
        name, action = change.inference_id, change.action
        if action in (Action.DELETE, Action.FORGET):
            return {name: None} if step.result is Result.DONE else {}
        # A create that was answered with yes is ours, whatever the read-back says of its leaves.
        stored = action is Action.CREATE and step.wrote and step.result is not Result.UNKNOWN
        if step.result in _HOLDS or stored:
            self._settled.add(name)
            return {name: self._record(change, sent=step.wrote)}
        if action is Action.CREATE and step.result is Result.UNKNOWN:
            self._settled.add(name)  # the intent stays: the next run looks
        if step.wrote and name in self._marked:
            self._settled.add(name)  # the mark stays: the next run sends them again
        return {}


def _needs_claim(change: Change) -> bool:
    """Creates and adoptions. What is ours already needs none, and what leaves is released afterwards."""
    if change.action in (Action.DELETE, Action.FORGET):
        return False
    return change.action in (Action.CREATE, Action.ADOPT) or change.claims


def noting(fingerprints: Fingerprints, secrets: Mapping[SecretRef, Secret]) -> Fingerprint:
    """What is kept of a secret that a step sent; empty (unknown) where the step names none at that path."""

    def note(change: Change, path: Path, since: str) -> dict[str, Json]:
        body = change.update_body if change.action is Action.UPDATE else change.put_body
        reference = parse_reference(value_at(body or {}, path))
        secret = secrets.get(reference) if reference is not None else None
        return {} if secret is None else fingerprints.entry(change.inference_id, path, secret, since)

    return note
