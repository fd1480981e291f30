"""Carries out a plan, stage by stage, and says so in events. Does what the plan says and nothing else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.apply.events import Interrupted, Result, StageStarted, StepFinished, StepStarted
from inferctl.apply.outcome import Outcome, outcome
from inferctl.apply.ready import Waiter
from inferctl.apply.write import Writer, Written
from inferctl.errors import InferctlError
from inferctl.model.endpoint import ObservedEndpoint
from inferctl.plan.action import Action
from inferctl.plan.order import Stage, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.apply.events import Event
    from inferctl.apply.interrupt import StopSignal
    from inferctl.client.sync import InferenceClient
    from inferctl.plan.change import Change
    from inferctl.plan.plan import Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about it. `force` are the ids named by --force-delete."""

    parallelism: int = 4
    force: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Run:
    """One apply. `emit` is called from several threads, one at a time."""

    plan: Plan
    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    emit: Callable[[Event], None]
    stop: StopSignal
    options: Options = field(default_factory=Options)
    _finished: dict[str, StepFinished] = field(default_factory=dict)
    _after: dict[str, ObservedEndpoint] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def carry_out(self) -> Outcome:
        """All stages in order. A failure holds back the deletes; independent endpoints go on."""
        capabilities = self.plan.capabilities
        serverless = capabilities is not None and capabilities.version.serverless
        writer = Writer(self.client, self.secrets, serverless, self.options.force, self.stop.sleep)
        for stage in stages(self.plan):
            if self.stop.is_set():
                break
            if stage.name == "delete" and self._something_failed():
                self._hold_back(stage)
                continue
            self._say(StageStarted(stage.name, tuple(c.inference_id for c in stage.changes)))
            self._stage(stage, writer)
        if self.stop.is_set():
            self._say(Interrupted(self.stop.name))
        return outcome(self.plan, self._finished.values(), interrupted=self.stop.is_set())

    def _stage(self, stage: Stage, writer: Writer) -> None:
        workers = 1 if stage.one_by_one else self.options.parallelism
        with ThreadPoolExecutor(workers) as pool:
            written = list(pool.map(lambda change: self._step(change, writer), stage.changes))
        confirmed = self._confirm(
            stage, writer, dict(zip([c.inference_id for c in stage.changes], written, strict=True))
        )
        for change in stage.changes:
            result, elapsed = confirmed[change.inference_id]
            if result is not None:
                self._finish(change, result, elapsed)

    def _step(self, change: Change, writer: Writer) -> tuple[Written | None, float]:
        if self.stop.is_set():
            return None, 0.0
        self._say(StepStarted(change.inference_id, change.action))
        start = self.options.clock()
        result = writer.write(change)
        if result.result is Result.DONE and change.action is not Action.DELETE:
            waiter = Waiter(self.client, self._say, self.options.clock, self.stop.sleep, self.stop.is_set)
            found = waiter.until_ready(change, result.after)
            if not found.ready:
                result = Written(Result.NOT_READY, found.note, result.wrote, after=result.after)
            elif found.note:
                result = Written(Result.DONE, found.note, result.wrote, after=result.after)
        return result, self.options.clock() - start

    def _confirm(
        self, stage: Stage, writer: Writer, written: dict[str, tuple[Written | None, float]]
    ) -> dict[str, tuple[Written | None, float]]:
        """One list per stage: does the cluster still say what each answer said?"""
        good = {
            change.inference_id: change
            for change in stage.changes
            if (result := written[change.inference_id][0]) is not None
            and result.wrote
            and result.result in (Result.DONE, Result.NOT_READY)
        }
        if not good:
            return written
        try:
            listed = self.client.get(inference_id="_all").get("endpoints", [])
            now = {raw["inference_id"]: ObservedEndpoint.from_json(raw) for raw in listed}
        except (InferctlError, ValueError, KeyError, TypeError):
            return self._confirm_singly(good, writer, written)
        for inference_id, change in good.items():
            result, elapsed = written[inference_id]
            assert result is not None
            written[inference_id] = _confirmed(change, result, now.get(inference_id), writer), elapsed
        return written

    @staticmethod
    def _confirm_singly(
        good: dict[str, Change], writer: Writer, written: dict[str, tuple[Written | None, float]]
    ) -> dict[str, tuple[Written | None, float]]:
        """Where the list cannot be read (one bad endpoint breaks it), each endpoint on its own."""
        for inference_id, change in good.items():
            result, elapsed = written[inference_id]
            assert result is not None
            try:
                after = writer.read(change)
            except InferctlError as error:
                failed = Written(Result.UNKNOWN, f"written, and not confirmed: {error}", wrote=True)
                written[inference_id] = failed, elapsed
            else:
                written[inference_id] = _confirmed(change, result, after, writer), elapsed
        return written

    def _finish(self, change: Change, written: Written, elapsed_s: float) -> None:
        self._say(
            StepFinished(
                change.inference_id,
                change.action,
                written.result,
                written.detail,
                written.leaves,
                written.wrote,
                elapsed_s,
            )
        )

    def _hold_back(self, stage: Stage) -> None:
        for change in stage.changes:
            why = "an earlier step failed, so nothing is deleted"
            self._say(StepFinished(change.inference_id, change.action, Result.NOT_STARTED, why))

    def _something_failed(self) -> bool:
        return any(r.result not in (Result.DONE, Result.HELD) for r in self._finished.values())

    def _say(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, StepFinished):
                self._finished[event.inference_id] = event
            self.emit(event)


def _confirmed(change: Change, written: Written, now: ObservedEndpoint | None, writer: Writer) -> Written:
    if change.action is Action.DELETE:
        if now is None:
            return written
        return Written(Result.FAILED, "the server said it was deleted, and it is still there", wrote=True)
    judged = writer.judge(change, now)
    return written if judged.result is Result.DONE else judged
