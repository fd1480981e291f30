"""What an apply tells the ledger: what it is about to create, what came of each step, how the run ended.

The claim on an id is written before the endpoint is touched, so that of two scopes one gets it, and so that a run that
dies leaves behind whose endpoint it was.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from inferctl.applier.events import Result
from inferctl.applier.step_records import step_record, within_bounds
from inferctl.applier.unwell import unwell_after
from inferctl.errors import LedgerError
from inferctl.json_types import object_of, path_text, value_at
from inferctl.ledger.fingerprints import UNSURE
from inferctl.planner.action import Action
from inferctl.planner.ownership import CREATE, REPLACE, TRIAL, Owned
from inferctl.planner.region_policy import PolicyChange
from inferctl.secrets.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.applier.outcome import Outcome
    from inferctl.applier.result import WriteResult
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.ledger.backend import Ledger
    from inferctl.ledger.fingerprints import Fingerprints
    from inferctl.ledger.records import RunRecord
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

Fingerprint: TypeAlias = "Callable[[Change, Path, str], dict[str, Json]]"
_HOLDS = frozenset({Result.DONE, Result.NOT_READY})
SETTLE_AT = 50


@dataclass(slots=True)
class LedgerNotes:
    """The ledger's side of one run. `now` gives ISO 8601 times. `before` is what the ledger held at its start.

    `fingerprint` makes what is kept of a secret that was sent, from the change, its path and the day. `hide_in` takes
    known secrets out of a value that is kept.

    `refused` says which ids turned out to be somebody else's, and why; nothing may be sent for them. `unwritten` is why
    the last write of the ledger failed: until one succeeds nothing may be removed. `failure` is why the ledger does not
    hold what the run did, known at its end.

    `began` and `finished` are called from several threads.
    """

    ledger: Ledger
    plan: Plan
    run: RunRecord
    now: Callable[[], str]
    before: Mapping[str, Owned] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    hide_in: Callable[[Json], Json] = lambda value: value
    refused: dict[str, str] = field(default_factory=dict)
    unwritten: str = ""
    failure: str = ""
    # What the ledger holds of what this run touches, and what it has yet to hear: None where no record is wanted.
    _held: dict[str, Owned | None] = field(default_factory=dict)
    _unsettled: dict[str, Owned | None] = field(default_factory=dict)
    _claims: dict[str, Owned] = field(default_factory=dict)
    _under_way: set[str] = field(default_factory=set)
    _ended: set[str] = field(default_factory=set)
    _is_over: bool = False
    _conflicts: dict[str, str] = field(default_factory=dict)
    _buffer: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Note the run, and of what it will touch all that the next one needs if this one dies.

        That is: whose it is, which secrets are about to be sent, and that a replace is about to delete. Raises
        LedgerError: then nothing was sent.
        """
        if self.plan.scope:
            claims = {change.inference_id: self._claim(change) for change in self.plan.runnable}
            self._claims = {name: claim for name, claim in claims.items() if claim is not None}
        planned = {c.inference_id: f"{c.action.word}, {c.standing.word}" for c in self.plan.steps}
        self.run = replace(self.run, planned=planned)
        self.refused = dict(self.ledger.start(self.run, self._claims))
        self._held = {**self.before, **{i: o for i, o in self._claims.items() if i not in self.refused}}

    def began(self, change: Change) -> None:
        """From now on nobody knows what the server holds of it, until it is finished."""
        with self._buffer:
            self._under_way.add(change.inference_id)

    def finished(self, change: Change, written: WriteResult) -> None:
        """A step ended, or is found to have ended otherwise: the last word counts. Settles when enough are waiting."""
        name = change.inference_id
        if not self.plan.scope or name in self.refused:
            return
        with self._buffer:
            self._under_way.discard(name)
            self._ended.add(name)
            self._unsettled[name] = self._with_health(change, written, self._after(change, written))
            enough = len(self._unsettled) % SETTLE_AT == 0
        # The next replace removes again: what came of this one is noted before.
        if enough or change.action is Action.REPLACE:
            self.settle()

    def settle(self) -> None:
        """Write what has ended: what is there is ours as declared, what is gone is nobody's. Never raises.

        What cannot be written is kept, and tried again by the next call.
        """
        with self._writing:
            if self._is_over:
                return  # a step that nobody waited for: another run may be at work by now
            with self._buffer:
                entries = dict(self._unsettled)
            news = self._news(entries)
            if news and not self._write(news, lambda: self.ledger.note(news)):
                return
            with self._buffer:  # but what ended otherwise meanwhile
                self._unsettled = {
                    i: owned for i, owned in self._unsettled.items() if i not in entries or owned is not entries[i]
                }

    def trying(self, trial_id: str, change: Change) -> str:
        """Note a throw-away endpoint before its PUT. Answers why it must not be sent; empty where it may."""
        declared = {"task_type": change.task_type, "service": change.service}
        return self._noted(trial_id, Owned(self.plan.scope, declared, intent=TRIAL))

    def tried(self, trial_id: str) -> str:
        """It is gone. Answers why that could not be noted: then nothing more may begin."""
        return self._noted(trial_id, None)

    def replacing(self, change: Change) -> str:
        """Note that a repair is about to replace. Answers why it must not; empty where it may."""
        name = change.inference_id
        owned = replace(self._claims.get(name) or self.before.get(name) or self._record(change), intent=REPLACE)
        with self._buffer:
            self._claims[name] = owned
        return self._noted(name, owned)

    def _noted(self, name: str, owned: Owned | None) -> str:
        """Write one record now. Why that did not work, or nothing."""
        if not self.plan.scope:
            return ""
        entries = {name: owned}
        with self._writing:
            self._write(entries, lambda: self.ledger.note(entries))
            return self.unwritten or self._conflicts.get(name, "")

    def end(self, outcome: Outcome) -> None:
        """The rest: what was not settled, claims of steps that never began, renewed declarations; and the run."""
        with self._buffer:
            entries = dict(self._unsettled)
            untouched = self._claims.keys() - self.refused.keys() - self._ended - self._under_way
        if self.plan.scope:
            entries |= {name: self.before.get(name) for name in untouched}
            entries |= {c.inference_id: self._record(c) for c in self.plan.changes if c.renews_record}
        changes = {change.inference_id: change for change in self.plan.changes}
        steps = within_bounds(
            step_record(
                ended,
                changes.get(ended.inference_id),
                self.before.get(ended.inference_id),
                self._fingerprint_of,
                self.hide_in,
            )
            for ended in outcome.results
        )
        self.run = replace(self.run, ended_at=self.now(), exit_code=outcome.exit_code, results=steps)
        with self._writing:
            news = self._news(entries)
            written = self._write(news, lambda: self.ledger.finish(self.run, news))
            self._is_over = True
        problems = [] if written else [self.unwritten]
        if self._conflicts:
            named = "; ".join(f"{inference_id}: {text}" for inference_id, text in sorted(self._conflicts.items()))
            problems.append(f"the ledger could not note {named}")
        self.failure = "; ".join(problems)

    def _news(self, entries: Mapping[str, Owned | None]) -> dict[str, Owned | None]:
        """Those that the ledger does not hold already."""
        return {i: owned for i, owned in entries.items() if owned != self._held.get(i)}

    def _write(self, entries: Mapping[str, Owned | None], write: Callable[[], Mapping[str, str]]) -> bool:
        """Whether the ledger heard it. A record that somebody else has by now is not written again."""
        try:
            conflicts = write()
        except LedgerError as error:
            self.unwritten = str(error)
            return False
        self.unwritten = ""
        self._conflicts |= conflicts
        self._held |= {i: owned for i, owned in entries.items() if i not in conflicts}
        return True

    def _claim(self, change: Change) -> Owned | None:
        """What the record says while nobody knows how the step ends; None where it stays as it is."""
        if change.action in (Action.DELETE, Action.FORGET):
            return None  # it is ours until it is gone
        last = self.before.get(change.inference_id)
        ours = last if last is not None and last.scope == self.plan.scope else None
        if change.action is Action.CREATE:
            # What was lost in the middle of a replace was ours before, and stays so.
            intent = REPLACE if ours is not None and ours.intent == REPLACE else CREATE
            return replace(self._record(change), secrets=self._in_doubt(change, {}), intent=intent)
        becomes_ours = change.claims or change.action is Action.ADOPT
        record = self._record(change) if becomes_ours else ours
        if record is None or not (becomes_ours or change.secrets or change.action is Action.REPLACE):
            return None
        return replace(
            record,
            secrets=self._in_doubt(change, record.secrets) if change.secrets else record.secrets,
            intent=REPLACE if change.action is Action.REPLACE else record.intent,
        )

    def _in_doubt(self, change: Change, known: JsonObject) -> dict[str, Json]:
        """What is known of its secrets, marked: nobody knows which ones are stored until the answer is noted.

        A server takes secrets as a set, so all are in doubt where one is sent. What was known of one stays, with its
        day; of one that is new the fingerprint of what is sent is noted. The next run sends them again.
        """
        marked: dict[str, Json] = {name: {**object_of(entry), UNSURE: True} for name, entry in known.items()}
        for path in change.secrets:
            name = path_text(path)
            if "digest" not in object_of(marked.get(name)):
                marked[name] = {**self._fingerprint_of(change, path), UNSURE: True}
        return marked

    def _fingerprint_of(self, change: Change, path: Path) -> dict[str, Json]:
        return self.fingerprint(change, path, self.now()[:10]) if self.fingerprint is not None else {}

    def _secrets_of(self, change: Change, *, sent: bool) -> dict[str, Json]:
        """`sent`: the server stored the secrets that went with the step. Else what was known of them still is."""
        last = self.before.get(change.inference_id)
        secrets: dict[str, Json] = {}
        for path in sorted(change.secret_fields, key=path_text):
            if sent and path in change.secrets:
                secrets[path_text(path)] = self._fingerprint_of(change, path)
            else:
                secrets[path_text(path)] = last.secrets.get(path_text(path), {}) if last is not None else {}
        if change.action is Action.ADOPT:
            # It is there as it was to be created, so these were stored with it.
            stored = {path_text(check.path) for check in change.secret_checks if check.same}
            secrets |= {name: _without_mark(secrets[name]) for name in stored & secrets.keys()}
        return secrets

    def _record(self, change: Change, *, sent: bool = False) -> Owned:
        return Owned(self.plan.scope, change.declared or {}, change.protect, self._secrets_of(change, sent=sent))

    def _with_health(self, change: Change, written: WriteResult, record: Owned | None) -> Owned | None:
        """The record, with how the endpoint was found. What a run only means to do needs no such mark."""
        before, cluster = self.before.get(change.inference_id), self.plan.capabilities
        if record is None or record.scope != self.plan.scope or record.intent or isinstance(change, PolicyChange):
            return record
        last = before.unwell if before is not None else None
        version = cluster.exact if cluster is not None else ""
        return replace(
            record, unwell=unwell_after(change, written, last, run=self.run.run, now=self.now(), version=version)
        )

    def _after(self, change: Change, written: WriteResult) -> Owned | None:
        """What the record must say after a step that ended so; None where it must be gone."""
        name, action, result = change.inference_id, change.action, written.result
        before = self.before.get(name)
        claim = self._claims.get(name, before)
        if action in (Action.DELETE, Action.FORGET):
            return None if result is Result.DONE else before
        if result in _HOLDS:
            return self._record(change, sent=written.wrote)
        if result is Result.UNKNOWN:
            return claim  # the next run looks, and sends the secrets again
        if not written.wrote or written.untouched:
            return before  # nothing was stored: what was known still is
        if action is Action.CREATE or (action is Action.REPLACE and written.answered):
            # Made by us, whatever the read-back says of its leaves.
            return self._record(change, sent=True)
        if claim is None:
            return None
        if action is Action.UPDATE and written.answered:
            return replace(claim, secrets=self._secrets_of(change, sent=True))  # only settings were ignored
        if action in (Action.REPLACE, Action.REPAIR) and written.after is not None:
            return replace(claim, intent="")  # it is there, so no replace is in the middle
        return claim


def _without_mark(entry: Json) -> Json:
    return {key: value for key, value in object_of(entry).items() if key != UNSURE}


def noting(fingerprints: Fingerprints, secrets: Mapping[SecretRef, Secret]) -> Fingerprint:
    """What is kept of a secret that a step sent; empty (unknown) where the step names none at that path."""

    def note(change: Change, path: Path, since: str) -> dict[str, Json]:
        body = change.update_body if change.action is Action.UPDATE else change.put_body
        reference = parse_reference(value_at(body or {}, path))
        secret = secrets.get(reference) if reference is not None else None
        return {} if secret is None else fingerprints.entry(change.inference_id, path, secret, since)

    return note
