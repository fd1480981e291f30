"""A create: PUT, once. Where it is maybe done the endpoint is read, and what is there decides.

What is absent then may still come: the server may be at work on it. So that create is neither done nor failed, and its
id stays claimed. Only where the cluster asks for patience (429) it is sent again, once a read shows that it is absent.

Source: docs/reference/server/create.md, in-cluster.md#create, reconciling.md#creating.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.events import Result
from inferctl.applier.result import (
    Next,
    WriteResult,
    difference,
    endpoint_in,
    may_be_sent_again,
    no_endpoint,
    put_timeout,
)
from inferctl.errors import AlreadyExists, ApiError, InferctlError
from inferctl.planner.readback import compare_after

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.planner.change import Change


def create(writer: Writer, change: Change, *, maybe_ours: bool = False) -> WriteResult:
    """Create one endpoint. Never raises for what a server or a network does.

    `maybe_ours`: an earlier create of ours was maybe done, so what is there by now may be ours.
    """
    body = with_secrets(change.put_body or {}, change.secrets, writer.secrets)
    timeout = put_timeout(change, in_cluster=change.runs_in_cluster)
    try:
        answer = writer.client.put(
            task_type=change.task_type, inference_id=change.inference_id, inference_config=body, timeout=timeout
        )
    except AlreadyExists as error:
        return look_for(writer, change, error) if maybe_ours else _appeared(writer, change)
    except InferctlError as error:
        if maybe_ours and not writer.goes_on:
            error.may_have_happened = True  # this "no" does not take back what an earlier one may have done
        # In the cluster the endpoint is stored before its model starts, and stays when that fails.
        if error.may_have_happened or (change.runs_in_cluster and isinstance(error, ApiError)):
            seen = look_for(writer, change, error)
            again = seen.next is Next.SEND and writer.will_pass(error)
            return create(writer, change, maybe_ours=True) if again else seen
        send = Next.SEND if may_be_sent_again(error) else Next.NOTHING
        return WriteResult(Result.FAILED, str(error), next=send, error=error)
    after = endpoint_in(answer, change.inference_id)
    if after is None:
        return look_for(writer, change, no_endpoint())
    return replace(writer.judge(change, after), answered=True)


def _appeared(writer: Writer, change: Change) -> WriteResult:
    try:
        after = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.UNKNOWN, f"it exists already, and could not be read: {error}", next=Next.LOOK,
                           error=error)  # fmt: skip
    if after is None:
        return WriteResult(Result.FAILED, "somebody else made it and removed it again: plan again", next=Next.SEND)
    if not compare_after(change, None, after, serverless=writer.version.serverless).holds:
        text = "somebody else made it between plan and apply, with other settings"
        return WriteResult(Result.FAILED, text, after=after)
    # By somebody else, or by us: what is on the way may send a request twice.
    text = "it was made meanwhile, with the same settings"
    if change.secrets:
        text += f"; its secret may be another one (--send-secrets {change.inference_id} sends ours)"
    return WriteResult(Result.DONE, text, after=after)


def look_for(writer: Writer, change: Change, error: InferctlError) -> WriteResult:
    """What came of a create that is maybe done, or refused with its endpoint stored."""
    maybe_done = error.may_have_happened or isinstance(error, AlreadyExists)
    after = writer.read_after(change, error, lambda seen: seen is not None or not maybe_done)
    if isinstance(after, WriteResult):
        return after
    if after is None and not maybe_done:
        return WriteResult(Result.FAILED, f"{error}\nread back: it is not there", error=error)
    if after is None:
        text = f"{error}\nread back: it is not there, and it may still come"
        return WriteResult(Result.UNKNOWN, text, wrote=True, next=Next.SEND, error=error)
    found = compare_after(change, None, after, serverless=writer.version.serverless)
    if not found.holds:
        return WriteResult(Result.FAILED, f"{error}\nit exists, with other settings: {difference(found)}", wrote=True,
                           leaves=found.leaves, after=after, error=error)  # fmt: skip
    if change.runs_in_cluster:
        if not maybe_done or _saw_it_fail(error):
            text = f"{error}\nit exists, and its model did not start: the next plan starts it again"
            return WriteResult(Result.NOT_READY, text, wrote=True, after=after, unwell="failed start", error=error)
        # The server gave up waiting, and the model may go on starting (docs/reference/server/in-cluster.md#create).
        return WriteResult(Result.DONE, "the server did not wait for the model; read back, it is as declared",
                           wrote=True, after=after)  # fmt: skip
    return WriteResult(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)


def _saw_it_fail(error: InferctlError) -> bool:
    """The server waited for the model (docs/reference/server/in-cluster.md#stats)."""
    return isinstance(error, ApiError) and error.reason.startswith("Could not start ")
