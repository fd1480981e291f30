"""Carries out a plan, stage by stage, and says so in events. Does what the plan says and nothing else."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.applier.body_secrets import references_of
from inferctl.applier.confirm import confirm
from inferctl.applier.events import (
    Interrupted,
    Left,
    Result,
    StageStarted,
    StepFinished,
    StepStarted,
    StepWaiting,
    SubStep,
)
from inferctl.applier.interrupt import Cause
from inferctl.applier.limits import Limits
from inferctl.applier.outcome import Outcome, outcome
from inferctl.applier.readiness import Waiter
from inferctl.applier.region_policy import write_policy
from inferctl.applier.result import WriteResult, step_finished
from inferctl.applier.side_by_side import side_by_side
from inferctl.applier.step_records import kept_reason
from inferctl.applier.write import write
from inferctl.applier.writer import Writer
from inferctl.client.redact import redact
from inferctl.durations import REPLACE_TIMEOUT_S
from inferctl.errors import InputError
from inferctl.model.versions import NEWEST
from inferctl.observe.references import LateScan
from inferctl.planner.action import Action
from inferctl.planner.order import Stage, stages
from inferctl.planner.region_policy import PolicyChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Set

    from inferctl.applier.events import Event
    from inferctl.applier.interrupt import StopSignal
    from inferctl.applier.ledger_notes import LedgerNotes
    from inferctl.client.sync import InferenceClient
    from inferctl.model.versions import Version
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

_LISTEN_S = 0.1
# What no removal may follow. A step that is blocked stops only itself, as in the plan.
_STOPS_REMOVALS = frozenset({Result.FAILED, Result.IGNORED, Result.UNKNOWN, Result.NOT_READY, Result.NOT_STARTED})


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about it. `force` are the ids named by --force-delete.

    What must follow the DELETE of a replace is sent for up to `replace_timeout_s`. `now` is UTC in ISO 8601.
    """

    parallelism: int = 4
    force: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.monotonic
    replace_timeout_s: float = REPLACE_TIMEOUT_S
    now: Callable[[], str] = str


@dataclass(slots=True)
class Run:
    """One apply. `emit` is called from several threads, one at a time.

    Each step is told when it ends; where the read-back of its stage finds otherwise, it is told again, and
    the last word counts. `finishing` is the client of what must follow the DELETE of a replace: nothing
    bounds it, and it goes on without a fresh lock. None: as `client`.
    `left_behind` are the steps whose calls were still under way when the run had to end.
    """

    plan: Plan
    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    emit: Callable[[Event], None]
    stop: StopSignal
    options: Options = field(default_factory=Options)
    notes: LedgerNotes | None = None
    finishing: InferenceClient | None = None
    _finished: dict[str, StepFinished] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _heard: bool = True
    _running: dict[str, Action] = field(default_factory=dict)
    _interruption_said: bool = False
    _is_over: bool = False
    _must_finish: set[str] = field(default_factory=set)
    left_behind: set[str] = field(default_factory=set)

    def carry_out(self) -> Outcome:
        """All stages in order. After a failure nothing is removed any more; independent endpoints go on.

        Raises InputError, before anything is sent, when a secret is missing that any step needs. Raises
        KeyboardInterrupt on the second signal; its text names the steps that nobody waited for.
        """
        self._check_secrets()
        writer = Writer(
            self.client, self.secrets, self._version, self.options.force, self.stop, LateScan(self.client),
            self._say, self.options.clock, self.notes, self._limits(),
            self.finishing, self.options.replace_timeout_s, self._must_finish,
            now=self.options.now,
        )  # fmt: skip
        if self.stop.is_set():
            return self._outcome()
        if self.notes is not None:
            self.notes.begin()
        with self._interruption_told_at_once():
            for stage in stages(self.plan):
                if self.stop.is_set():
                    break
                self._say(StageStarted(stage.name, tuple(c.inference_id for c in stage.changes)))
                self._confirm(writer, self._stage(stage, writer))
                if self.notes is not None:
                    self.notes.settle()
        return self._ended()

    def _limits(self) -> Limits:
        options, stop = self.options, self.stop
        return Limits(options.parallelism, options.clock, stop.sleep, stop.is_set, self._say)

    @contextmanager
    def _interruption_told_at_once(self) -> Iterator[None]:
        """A call can run for minutes: who pressed Ctrl-C hears at once that it was heard, or presses it again."""
        over = threading.Event()

        def listen() -> None:
            while not over.wait(_LISTEN_S):
                if self.stop.is_set():
                    self._tell_interruption()
                    return

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            yield
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_unanswered(dict(self._running), self._must_finish)) from None
        finally:
            over.set()
            listener.join()
        if self.stop.is_set():
            self._tell_interruption()

    def _tell_interruption(self) -> None:
        if not self._interruption_said:
            self._interruption_said = True
            self._say(Interrupted(self.stop.name))

    def _ended(self) -> Outcome:
        """The ledger hears how the run ended; a ledger that cannot hear it is part of how it ended."""
        found = self._outcome()
        if self.notes is not None:
            self.notes.end(found)
            found = self._outcome(self.notes.failure)
        with self._lock:
            self._is_over = True
        return found

    def _outcome(self, ledger_failure: str = "") -> Outcome:
        causes = self.stop.causes
        with self._lock:
            finished = tuple(self._finished.values())
        return outcome(
            self.plan,
            finished,
            interrupted=self.stop.by_signal,
            lock_lost=Cause.LOCK_LOST in causes,
            ended_by=[causes[cause] for cause in (Cause.GONE, Cause.DEADLINE) if cause in causes],
            ledger_failure=ledger_failure,
        )

    @property
    def _version(self) -> Version:
        return self.plan.capabilities.version if self.plan.capabilities else NEWEST

    def _check_secrets(self) -> None:
        needed = frozenset().union(*(references_of(change) for change in self.plan.runnable))
        missing = sorted(needed - self.secrets.keys())
        if missing:
            named = ", ".join(str(reference) for reference in missing)
            raise InputError(f"{len(missing)} secret(s) are not resolved, so nothing was sent: {named}")

    def _stage(self, stage: Stage, writer: Writer) -> list[tuple[Change, WriteResult]]:
        """What was written, step by step."""
        workers = 1 if stage.one_by_one else self.options.parallelism
        ended = side_by_side(lambda c: self._step(c, writer), stage.changes, workers, is_overdue=self._nobody_waits)
        if self.stop.is_set():
            self.stop.begin_ending()
        self._leave_behind(stage)
        return [(change, written) for change, written in zip(stage.changes, ended, strict=True) if written is not None]

    def _nobody_waits(self) -> bool:
        """The time of running calls is over. A replace that deletes must finish: it has a time of its own."""
        if not self.stop.is_overdue():
            return False
        with self._lock:
            return not self._must_finish & self._running.keys()

    def _leave_behind(self, stage: Stage) -> None:
        """What hangs is unknown, and nobody listens to it any more.

        A replace that hangs has deleted nothing, and will not: only the new settings may still be on trial.
        """
        with self._lock:
            late = [change for change in stage.changes if change.inference_id in self._running]
            self.left_behind |= {change.inference_id for change in late}
        why = f"the run was ended by {self.stop.name}"
        for change in late:
            written = WriteResult(Result.UNKNOWN, f"{why}, and there was no answer in time: plan again", wrote=True)
            if change.action is Action.REPLACE:
                text = f"{why} before anything was removed; the trial of its new settings had no answer yet"
                written = WriteResult(Result.NOT_STARTED, text, wrote=True, untouched=True)
            self._finish(change, written, 0.0)

    def _step(self, change: Change, writer: Writer) -> WriteResult | None:
        if self.stop.is_set():
            return None
        held = self._held_back(change)
        if held is not None:
            self._say(StepFinished(change.inference_id, change.action, *held))
            return None
        if self._why_nothing_is_removed():
            change = change.without_replace()
        self._say(StepStarted(change.inference_id, change.action))
        if self.notes is not None:
            self.notes.began(change)
        start = self.options.clock()
        try:
            written = self._written(change, writer.for_step(change))
        except Exception as error:  # noqa: BLE001  a defect of ours must not cost the report of what was written
            left = Left.MAYBE_DOWN if change.inference_id in self._must_finish else None
            text = f"a defect in inferctl: {type(error).__name__}"
            written = WriteResult(Result.UNKNOWN, text, wrote=True, left=left)
        if change.inference_id in self.left_behind:
            return None
        self._finish(change, written, self.options.clock() - start)
        return written

    def _written(self, change: Change, writer: Writer) -> WriteResult:
        """Write, then wait until it can be used."""
        if isinstance(change, PolicyChange):
            return write_policy(writer, change)
        written = write(writer, change)
        leaves_it = change.action in (Action.DELETE, Action.ADOPT, Action.FORGET) and not change.resumes
        if written.result is not Result.DONE or leaves_it:
            return written
        waiter = Waiter(writer.client, self._say, self.options.clock, self.stop.sleep, self.stop.is_set)
        found = waiter.until_ready(change, written.after)
        if not found.ready:
            return replace(written, result=Result.NOT_READY, detail=found.note, unwell=found.unwell, error=found.error)
        return replace(written, detail=found.note) if found.note else written

    def _held_back(self, change: Change) -> tuple[Result, str] | None:
        """How a step ends that must not begin, and why."""
        refused = self.notes.refused.get(change.inference_id) if self.notes is not None else None
        if refused:
            return Result.BLOCKED, refused  # somebody else was quicker: nothing went wrong
        takes_away = change.takes_away if isinstance(change, PolicyChange) else change.action.removes
        why = self._why_nothing_is_removed() if takes_away else ""
        if why:
            return Result.NOT_STARTED, why
        with self._lock:
            finished = dict(self._finished)
        if change.shares_deployment is None:
            return None
        owner = next((c for c in self.plan.steps if c.inference_id == change.shares_deployment), None)
        if owner is None or owner.action not in (Action.CREATE, Action.REPLACE, Action.REPAIR):
            return None
        ended = finished.get(owner.inference_id)
        if ended is not None and ended.result in (Result.DONE, Result.NOT_READY):
            return None
        if owner.action is Action.REPLACE and not owner.will_run and _keeps_its_model(owner):
            return None  # the owner stays as it is, and its deployment with it
        why = f"its deployment belongs to {owner.inference_id}, and that one is not there"
        # What waits for a blocked step is blocked with it: nothing went wrong.
        blocked = not owner.will_run or (ended is not None and ended.result is Result.BLOCKED)
        return (Result.BLOCKED if blocked else Result.NOT_STARTED), why

    def _why_nothing_is_removed(self) -> str:
        """Of no step, and by no repair; empty where something may be."""
        with self._lock:
            results = {finished.result for finished in self._finished.values()}
        if results & _STOPS_REMOVALS:
            return "an earlier step failed, so nothing is removed"
        if self.notes is not None and self.notes.unwritten:
            return f"nothing is removed while the ledger cannot be written: {self.notes.unwritten}"
        return ""

    def _confirm(self, writer: Writer, written: list[tuple[Change, WriteResult]]) -> None:
        for change, after in confirm(writer, written, self.stop, workers=self.options.parallelism):
            self._finish(change, after, self._finished[change.inference_id].elapsed_s)

    def _finish(self, change: Change, written: WriteResult, elapsed_s: float) -> None:
        # A provider may quote a key that the request itself did not carry: a probe, an update without secrets.
        step = step_finished(change, written, elapsed_s, self._without_secrets)
        if self.notes is not None:
            self.notes.finished(change, replace(written, detail=kept_reason(step, change)))
        self._say(step)

    def _without_secrets(self, text: str) -> str:
        return redact(text, (*self.secrets.values(), *self.client.known_secrets)) if text else text

    def _say(self, event: Event) -> None:
        if isinstance(event, SubStep | StepWaiting):
            event = replace(event, what=self._without_secrets(event.what))
        with self._lock:
            if self._is_over:
                return
            if isinstance(event, StepStarted):
                self._running[event.inference_id] = event.action
            if isinstance(event, StepFinished):
                self._running.pop(event.inference_id, None)
                self._finished[event.inference_id] = event
            if self._heard:
                try:
                    self.emit(event)
                except OSError:
                    self._heard = False  # the reader of our progress went away: the run goes on, its report counts


def _unanswered(running: Mapping[str, Action], removing: Set[str]) -> str:
    """What is not known after the second signal; "" where no call was under way. `removing`: no way back any more."""
    steps = [f"{action.word} {inference_id}" for inference_id, action in sorted(running.items())]
    if not steps:
        return ""
    text = f"nobody waited for the answer to {', '.join(steps)}: done or not, the next plan shows it"
    down = sorted(removing & running.keys())
    if down:
        text += (
            f"; {', '.join(down)} may be DOWN: deleted, and not created again: the next apply creates what is not there"
        )
    return text


def _keeps_its_model(owner: Change) -> bool:
    """Whether the deployment that is there now runs the model that the owner's file names."""
    other = {("task_type",), ("service",), ("service_settings", "model_id")}
    return owner.owns_deployment and not any(field.path in other for field in owner.fields)
