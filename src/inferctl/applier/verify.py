"""A verify: an endpoint that was not well, or that nobody saw work, is looked at. Nothing of it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.applier.events import Left, Result
from inferctl.applier.result import WriteResult
from inferctl.errors import InferctlError

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.planner.change import Change


def verify(writer: Writer, change: Change) -> WriteResult:
    """Whether it is there; whoever runs the step waits for its model and makes its inference call."""
    try:
        now = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.NOT_READY, f"it could not be read: {error}", unwell="unknown", error=error)
    if now is None:
        return WriteResult(Result.FAILED, "it is gone since the plan: plan again", left=Left.DOWN)
    return WriteResult(Result.DONE, after=now)
