"""A repair: the deployment of an endpoint's own model is started again, with the settings that the endpoint shows.

The inference API does the same when it creates an endpoint (docs/reference/server/in-cluster.md#stats). Where the
server refuses it, or the privilege is missing, a replace makes the endpoint anew, if the operator permits replaces.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from inferctl.applier.events import Left, Result, SubStep
from inferctl.applier.replace import replace
from inferctl.applier.result import WriteResult, put_timeout
from inferctl.applier.update import update
from inferctl.errors import (
    Conflict,
    Forbidden,
    InferctlError,
    InvalidRequest,
    NotFound,
    Unauthorised,
)
from inferctl.json_types import object_of
from inferctl.planner.action import Action
from inferctl.planner.health import Health, health_of

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change


def repair(writer: Writer, change: Change) -> WriteResult:
    """Start the deployment of one endpoint again. Never raises for what a server or a network does."""
    now = _there(writer, change)
    if isinstance(now, WriteResult):
        return now
    started = _start(writer, change, now)
    if started.result is not Result.BLOCKED:
        return started
    if not change.may_replace:
        text = f"{started.detail}\n--allow-replace deletes the endpoint and creates it again instead"
        return dataclasses.replace(started, detail=text)
    problem = writer.notes.replacing(change) if writer.notes else ""
    if problem:
        text = f"{started.detail}\nit is not replaced, since the ledger cannot note that: {problem}"
        return dataclasses.replace(started, detail=text)
    writer.emit(SubStep(change.inference_id, "replacing, because its deployment cannot be started"))
    replaced = replace(writer, dataclasses.replace(change, action=Action.REPLACE))
    detail = "\n".join(filter(None, (replaced.detail, f"its deployment could not be started: {started.detail}")))
    return dataclasses.replace(replaced, detail=detail, wrote=replaced.wrote or started.wrote)


def start_and_update(writer: Writer, change: Change) -> WriteResult:
    """An update needs a deployment that is there (docs/reference/server/in-cluster.md#update)."""
    now = _there(writer, change)
    if isinstance(now, WriteResult):
        return now
    started = _start(writer, change, now)
    return update(writer, change) if started.result is Result.DONE else started


def _there(writer: Writer, change: Change) -> ObservedEndpoint | WriteResult:
    try:
        now = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.FAILED, f"it could not be read, so nothing was started: {error}", error=error)
    return now or WriteResult(Result.FAILED, "it is gone since the plan: plan again", left=Left.DOWN)


def _start(writer: Writer, change: Change, now: ObservedEndpoint) -> WriteResult:
    """DONE where it starts, or runs by now: whoever runs the step waits for it. BLOCKED where nobody let us."""
    settings, client = now.service_settings, writer.client
    stopped = False
    try:
        health = _health(writer, change)
        if not health.is_dead:
            return WriteResult(Result.DONE, after=now)
        if health is Health.FAILED:  # its id is taken as long as it is there
            stopped = True
            _stop(writer, change)
        client.start_deployment(
            str(settings.get("model_id", "")),
            change.inference_id,
            allocations=_whole(settings.get("num_allocations")),
            threads=_whole(settings.get("num_threads")),
            adaptive=object_of(settings.get("adaptive_allocations")) or None,
            timeout=put_timeout(change, in_cluster=True) or "30s",
        )
    except (Forbidden, Unauthorised) as error:
        return WriteResult(
            Result.BLOCKED,
            f"no privilege to start a model (manage_inference): {error}",
            stopped,
            after=now,
            error=error,
        )
    except InferctlError as error:
        return _after_error(writer, change, error, now, stopped=stopped)
    return WriteResult(Result.DONE, wrote=True, after=now)


def _after_error(
    writer: Writer, change: Change, error: InferctlError, now: ObservedEndpoint, *, stopped: bool
) -> WriteResult:
    """It may start all the same: a timeout, a lost answer, somebody else's start."""
    try:
        is_dead = _health(writer, change).is_dead
    except InferctlError:
        is_dead = not error.may_have_happened
    wrote = stopped or error.may_have_happened
    if not is_dead:
        return WriteResult(Result.DONE, wrote=wrote, after=now)
    if isinstance(error, InvalidRequest | NotFound | Conflict):
        text = f"the server refuses to start its model: {error}"
        return WriteResult(Result.BLOCKED, text, stopped, after=now, error=error)
    return WriteResult(Result.NOT_READY, str(error), wrote=wrote, after=now, unwell="failed start", error=error)


def _health(writer: Writer, change: Change) -> Health:
    deployments = writer.client.trained_model_stats()
    return health_of(next((d for d in deployments if d.deployment_id == change.inference_id), None))


def _stop(writer: Writer, change: Change) -> None:
    try:
        writer.client.stop_deployment(change.inference_id)
    except NotFound:
        return  # somebody else did


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
