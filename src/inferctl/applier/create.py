"""A create: PUT, once. It is never sent again: after a lost answer the endpoint is read, and what is there decides.

Source: docs/reference/server/create.md, in-cluster.md#create, reconciling.md#creating.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.events import Result
from inferctl.applier.result import WriteResult, difference, endpoint_in, no_endpoint, put_timeout
from inferctl.errors import AlreadyExists, ApiError, DeploymentTimeout, InferctlError, Throttled, Unavailable
from inferctl.planner.readback import compare_after

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.planner.change import Change


def create(writer: Writer, change: Change) -> WriteResult:
    """Create one endpoint. Never raises for what a server or a network does."""
    body = with_secrets(change.put_body or {}, change.secrets, writer.secrets)
    timeout = put_timeout(change, in_cluster=change.runs_in_cluster)
    try:
        answer = writer.client.put(
            task_type=change.task_type, inference_id=change.inference_id, inference_config=body, timeout=timeout
        )
    except AlreadyExists:
        return _appeared(writer, change)
    except InferctlError as error:
        # In the cluster the endpoint is stored before its model starts, and stays when that fails.
        if error.may_have_happened or change.runs_in_cluster:
            return _after_lost_answer(writer, change, error)
        return WriteResult(Result.FAILED, str(error))
    after = endpoint_in(answer, change.inference_id)
    if after is None:
        return _after_lost_answer(writer, change, no_endpoint())
    return replace(writer.judge(change, after), answered=True)


def _appeared(writer: Writer, change: Change) -> WriteResult:
    try:
        after = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.UNKNOWN, f"it exists already, and could not be read: {error}")
    if after is None:
        return WriteResult(Result.FAILED, "somebody else made it and removed it again: plan again")
    if not compare_after(change, None, after, serverless=writer.version.serverless).holds:
        text = "somebody else made it between plan and apply, with other settings"
        return WriteResult(Result.FAILED, text, after=after)
    text = "somebody else made it meanwhile, with the same settings"
    if change.secrets:
        text += f"; its secret is theirs (--send-secrets {change.inference_id} sends ours)"
    return WriteResult(Result.DONE, text, after=after)


def _after_lost_answer(writer: Writer, change: Change, error: InferctlError) -> WriteResult:
    after = writer.read_after(change, error)
    if isinstance(after, WriteResult):
        return after
    if after is None:
        return WriteResult(Result.FAILED, f"{error}\nread back: it is not there")
    found = compare_after(change, None, after, serverless=writer.version.serverless)
    if not found.holds:
        return WriteResult(Result.FAILED, f"{error}\nit exists, with other settings: {difference(found)}", wrote=True,
                           leaves=found.leaves, after=after)  # fmt: skip
    if change.runs_in_cluster:
        if not _may_still_start(error):
            text = f"{error}\nit exists, and its model did not start: the next plan starts it again"
            return WriteResult(Result.NOT_READY, text, wrote=True, after=after, unwell="failed start")
        return WriteResult(Result.DONE, "the server did not wait for the model; read back, it is as declared",
                           wrote=True, after=after)  # fmt: skip
    return WriteResult(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)


def _may_still_start(error: InferctlError) -> bool:
    """The server gave up waiting, and the deployment may go on: 408, 429 or 504 by version.

    Source: docs/reference/server/in-cluster.md#create.
    """
    if isinstance(error, ApiError) and error.reason.startswith("Could not start "):
        return False  # the server waited, and saw it fail (docs/reference/server/in-cluster.md#stats)
    return error.may_have_happened or isinstance(error, DeploymentTimeout | Throttled | Unavailable)
