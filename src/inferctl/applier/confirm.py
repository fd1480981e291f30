"""After a stage: does the cluster still say what each answer said?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.applier.events import Result, SubStep
from inferctl.applier.finish import Section
from inferctl.applier.result import WriteResult
from inferctl.applier.side_by_side import side_by_side
from inferctl.errors import InferctlError, TransportError
from inferctl.observe.cluster import observe
from inferctl.planner.action import Action
from inferctl.planner.region_policy import PolicyChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.applier.interrupt import StopSignal
    from inferctl.applier.writer import Writer
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Observation

Written = tuple["Change", WriteResult]


def confirm(
    writer: Writer, written: Sequence[Written], stop: StopSignal, *, workers: int
) -> list[tuple[Change, WriteResult]]:
    """Those that the cluster does not confirm, with what it says instead.

    One list for all; each on its own only where the list fails. A run that is to end, and whose list gets no answer,
    asks no further: one dead call is enough.
    """
    # A region policy is read back as soon as it is set.
    written = [(c, w) for c, w in written if not isinstance(c, PolicyChange)]
    good = [(c, w) for c, w in written if w.wrote and w.result in (Result.DONE, Result.NOT_READY)]
    if not good:
        return []
    seen: Observation | None = None
    try:
        seen = observe(writer.client, [change.inference_id for change, _ in good], version=writer.version)
    except TransportError as error:
        if stop.is_set():
            return [(change, _unconfirmed(str(error))) for change, _ in good]
    except InferctlError:
        pass

    def judged(pair: Written) -> WriteResult:
        return _confirmed(*pair, seen, writer)

    results = side_by_side(judged, good, workers, is_overdue=stop.is_overdue)
    late = _unconfirmed("no answer in time")
    return [
        (change, after or late) for (change, before), after in zip(good, results, strict=True) if after is not before
    ]


def _unconfirmed(why: str) -> WriteResult:
    return WriteResult(Result.UNKNOWN, f"written, and not confirmed: {why}", wrote=True)


def _confirmed(change: Change, written: WriteResult, seen: Observation | None, writer: Writer) -> WriteResult:
    """The same value where the cluster agrees, else what it says."""
    unreadable = seen.unreadable.get(change.inference_id) if seen else None
    if unreadable is not None:
        return _unconfirmed(unreadable)
    now: ObservedEndpoint | None = seen.endpoints.get(change.inference_id) if seen else None
    if now is None and (seen is None or not seen.complete):
        try:
            now = writer.read(change)
        except InferctlError as error:
            return _unconfirmed(str(error))
    if change.action is Action.DELETE:
        if now is None:
            return written
        return WriteResult(Result.FAILED, "the server said it was deleted, and it is still there", wrote=True)
    if now is None and change.action is Action.REPLACE and not writer.is_over():
        return _put_there_again(writer, change)
    judged = writer.judge(change, now)
    return written if judged.result is Result.DONE else replace(judged, answered=written.answered)


def _put_there_again(writer: Writer, change: Change) -> WriteResult:
    """The DELETE of a replace can be done late, or twice: its answer was lost, and it was on its way still."""
    writer.emit(SubStep(change.inference_id, "it is gone again"))
    section = Section(writer.going_on(change), change, writer.now())
    again = section.finish("the new one was there, and is gone again", None)
    is_there = again.result in (Result.DONE, Result.NOT_READY)
    detail = "it was gone again soon after it was created, and was created once more"
    return replace(again, wrote=True, detail="\n".join(filter(None, (detail, again.detail)))) if is_there else again
