"""One step, carried out. The server has the last word on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from inferctl.applier.create import create
from inferctl.applier.delete import delete
from inferctl.applier.events import Left, Result
from inferctl.applier.repair import repair, start_and_update
from inferctl.applier.replace import replace
from inferctl.applier.result import WriteResult
from inferctl.applier.update import update
from inferctl.errors import InferctlError
from inferctl.planner.action import Action

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.planner.change import Change


def write(writer: Writer, change: Change) -> WriteResult:
    """Carry out one step. Never raises for what a server or a network does."""
    match change.action:
        case Action.CREATE:
            return create(writer, change)
        case Action.UPDATE:
            return start_and_update(writer, change) if change.starts_first else update(writer, change)
        case Action.REPAIR:
            return repair(writer, change)
        case Action.DELETE:
            return delete(writer, change)
        case Action.REPLACE:
            return replace(writer, change)
        case Action.VERIFY:
            return _verify(writer, change)
        case Action.ADOPT if change.resumes:
            return _verify(writer, change)
        case Action.FORGET:
            return _forget(writer, change) if change.observed is None else WriteResult(Result.DONE)
        case Action.ADOPT | Action.NOOP:
            return WriteResult(Result.DONE)
        case _:
            assert_never(change.action)


def _forget(writer: Writer, change: Change) -> WriteResult:
    """Whether it is gone, by a read of it alone: the plan has it from a list, which can be short.

    Who gives up one that the plan saw there asks for just that.
    """
    try:
        now = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.FAILED, f"whether it is gone could not be read: {error}", error=error)
    if now is not None:
        return WriteResult(Result.BLOCKED, "it is in the cluster, so its record stays: plan again")
    return WriteResult(Result.DONE)


def _verify(writer: Writer, change: Change) -> WriteResult:
    """Whether it is there; whoever runs the step waits for its model and makes its inference call.

    An endpoint that was not well, or that nobody saw work, is looked at. Nothing of it is written.
    """
    try:
        now = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.NOT_READY, f"it could not be read: {error}", unwell="unknown", error=error)
    if now is None:
        return WriteResult(Result.FAILED, "it is gone since the plan: plan again", left=Left.DOWN)
    return WriteResult(Result.DONE, after=now)
