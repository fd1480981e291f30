"""An update: the changed settings, and the secrets where a version wants them beside those.

Source: docs/reference/server/update.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.cause import replace_instead, unknown_secrets
from inferctl.applier.events import Left, Result
from inferctl.applier.result import WriteResult, endpoint_in, no_endpoint
from inferctl.errors import InferctlError, InvalidRequest

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.planner.change import Change


def update(writer: Writer, change: Change) -> WriteResult:
    """Update one endpoint. Never raises for what a server or a network does."""
    return _send(writer, change, maybe_done=False)


def _send(writer: Writer, change: Change, *, maybe_done: bool) -> WriteResult:
    """One update, and again while the cluster asks for patience: twice is the same as once.

    `maybe_done`: an earlier one may have been stored.
    """
    body = with_secrets(change.update_body or {}, change.secrets, writer.secrets)
    try:
        answer = writer.insist(
            lambda: writer.client.update(
                task_type=change.task_type, inference_id=change.inference_id, inference_config=body
            )
        )
    except InferctlError as error:
        maybe_done = maybe_done or error.may_have_happened
        if writer.will_pass(error):
            return _send(writer, change, maybe_done=maybe_done)
        if maybe_done:
            return _after_lost_answer(writer, change, error)
        kept = "\nnothing was stored: the old secret is still in use" if change.rotates_secrets else ""
        if refused := unknown_secrets(error, change):
            return WriteResult(Result.FAILED, f"{error}{kept}", leaves=refused, unwell="refused", error=error)
        if change.tried and isinstance(error, InvalidRequest):
            return WriteResult(Result.FAILED, f"{error}", leaves=change.tried, unwell="refused", error=error)
        return WriteResult(Result.FAILED, f"{error}{kept}", error=error)
    after = endpoint_in(answer, change.inference_id)
    if after is None:
        return _after_lost_answer(writer, change, no_endpoint())
    judged = replace(writer.judge(change, after), answered=True)
    if change.tried and judged.result is Result.IGNORED:
        return replace(judged, detail=f"{judged.detail}\n{replace_instead(change)}")
    return judged


def _after_lost_answer(writer: Writer, change: Change, error: InferctlError) -> WriteResult:
    if all(field.sensitive for field in change.fields):
        text = f"{error}\na secret cannot be read back: send it again"
        return WriteResult(Result.UNKNOWN, text, wrote=True, error=error)
    after = writer.read_after(change, error, lambda seen: writer.judge(change, seen).result is not Result.IGNORED)
    if isinstance(after, WriteResult):
        return after
    if after is None:
        text = f"{error}\nread back: it is not there"
        return WriteResult(Result.FAILED, text, wrote=True, left=Left.DOWN, error=error)
    judged = writer.judge(change, after)
    if judged.result is Result.IGNORED:
        text = f"{error}\nread back: nothing changed, and it may still come"
        return WriteResult(Result.UNKNOWN, text, wrote=True, leaves=judged.leaves, after=after, error=error)
    if judged.result is Result.DONE:
        if change.rotates_secrets:
            return WriteResult(Result.UNKNOWN, f"{error}\nthe settings are there, the secret cannot be read back",
                           wrote=True, after=after, error=error)  # fmt: skip
        return WriteResult(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)
    return WriteResult(Result.FAILED, f"{error}\n{judged.detail}", wrote=True, leaves=judged.leaves, after=after,
                       error=error)  # fmt: skip
