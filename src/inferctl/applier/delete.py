"""A delete: only what the plan saw, and only while nothing refers to it.

Source: docs/reference/server/delete.md, reconciling.md#replacing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.applier.events import Result
from inferctl.applier.result import WriteResult, not_acknowledged
from inferctl.errors import Forbidden, InferctlError, NotFound, Referenced
from inferctl.json_types import canonical, object_of
from inferctl.model.versions import Version
from inferctl.observe.cluster import observe
from inferctl.observe.references import ask_server, both_views
from inferctl.planner.make_plan import sharers_of
from inferctl.planner.normalise import normalise_observed
from inferctl.planner.references import reference_text

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.client.sync import InferenceClient
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.references import References


@dataclass(frozen=True, slots=True)
class Removable:
    """An endpoint that may go: as it is now, and who uses it (nobody, unless it is forced)."""

    now: ObservedEndpoint
    references: References


def delete(writer: Writer, change: Change) -> WriteResult:
    """Delete one endpoint. Never raises for what a server or a network does."""
    removable = look(writer, change)
    return removable if isinstance(removable, WriteResult) else remove(writer, change, removable)


def look(writer: Writer, change: Change) -> Removable | WriteResult:
    """What may be removed: what the plan saw, and nothing else that has its id by now. Or why not."""
    now = unmoved(writer, change)
    if isinstance(now, WriteResult):
        return now
    try:
        scan = writer.scan()
        references = both_views(ask_server(writer.client, change.inference_id, now.task_type), scan, now.inference_id)
        if references and change.inference_id not in writer.force:
            return WriteResult(Result.BLOCKED, f"{reference_text(references)} since the plan")
        in_the_way = _sharing(writer, change)
    except InferctlError as error:
        return WriteResult(Result.FAILED, str(error))
    return WriteResult(Result.BLOCKED, in_the_way) if in_the_way else Removable(now, references)


def unmoved(writer: Writer, change: Change) -> ObservedEndpoint | WriteResult:
    """The endpoint, if it is still what the plan saw. DONE where it is gone."""
    try:
        now = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.FAILED, f"nothing was deleted: {error}")
    if now is None:
        return WriteResult(Result.DONE, "it was gone already")
    if canonical(normalise_observed(now)) != canonical(change.observed or {}):
        return WriteResult(Result.FAILED, "it changed since the plan: nothing was deleted, plan again")
    return now


def remove(writer: Writer, change: Change, removable: Removable) -> WriteResult:
    """DELETE, with `force` only for what was named."""
    forced = change.inference_id in writer.force
    try:
        # DELETE looks at the task type it is told, so tell it what is there, not what a file wants.
        answer = writer.insist(
            lambda: writer.client.delete(
                task_type=removable.now.task_type, inference_id=change.inference_id, force=forced or None
            )
        )
    except NotFound as error:
        return _after_not_found(writer, change, error)
    except Referenced as error:
        return WriteResult(Result.BLOCKED, str(error))
    except InferctlError as error:
        if error.may_have_happened:
            return _after_lost_answer(writer, change, error)
        return WriteResult(Result.FAILED, str(error))
    if answer.get("acknowledged") is not True:
        return _after_lost_answer(writer, change, not_acknowledged())
    return WriteResult(Result.DONE, _still_running(writer, change), wrote=True)


def _still_running(writer: Writer, change: Change) -> str:
    """Only force passes over a model that cannot be stopped."""
    return stray_deployment(writer.client, change, writer.version) if change.inference_id in writer.force else ""


def _sharing(writer: Writer, change: Change) -> str:
    """Who would lose the deployment together with its owner; the server does not ask.

    Source: docs/reference/server/delete.md#side-effects.
    """
    if not change.owns_deployment:
        return ""
    seen = observe(writer.client, (), version=writer.version)
    if not seen.listed:
        return "the list of endpoints failed: who shares its deployment cannot be seen"
    sharers = sharers_of(seen, change.inference_id)
    return f"its deployment is shared by {', '.join(sharers)} since the plan" if sharers else ""


def _after_not_found(writer: Writer, change: Change, error: InferctlError) -> WriteResult:
    """404 says "gone", and "no such service" of an endpoint that is still there.

    Source: docs/reference/server/delete.md#steps.
    """
    try:
        if writer.read(change) is not None:
            return WriteResult(Result.FAILED, f"{error}\nit is still there")
    except InferctlError as second:
        return WriteResult(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}")
    return WriteResult(Result.DONE, "it was gone already")


def _after_lost_answer(writer: Writer, change: Change, error: InferctlError) -> WriteResult:
    after = writer.read_after(change, error)
    if isinstance(after, WriteResult):
        return after
    if after is None:
        left = _still_running(writer, change)
        return WriteResult(Result.DONE, "\n".join(filter(None, ["the answer was lost; it is gone", left])), wrote=True)
    # Its deployment may be stopped by now, so `wrote`.
    return WriteResult(Result.FAILED, f"{error}\nread back: it is still there", wrote=True, after=after)


def stray_deployment(client: InferenceClient, change: Change, version: Version) -> str:
    """What runs on without its endpoint, and how to stop it; empty where nothing does.

    From 9.2 on (some 8.19 and 9.1 too) `force` also passes over a deployment that could not be stopped
    (docs/reference/server/delete.md#steps; elastic/elasticsearch#129090). Older ones fail instead.
    """
    may_stay = version.effective() >= Version(9, 1) or version.effective() == Version(8, 19)
    if not may_stay or not change.owns_deployment:
        return ""
    settings = (change.observed or {}).get("service_settings")
    model = object_of(settings).get("model_id")
    try:
        deployments = client.trained_model_stats(model if isinstance(model, str) else "_all")
    except Forbidden:
        return "whether its deployment still runs could not be seen: no privilege (monitor_ml)"
    except InferctlError as error:
        return f"whether its deployment still runs could not be seen: {error}"
    left = [d for d in deployments if d.deployment_id == change.inference_id and d.state not in ("", "stopping")]
    if not left:
        return ""
    stop = f"POST /_ml/trained_models/{change.inference_id}/deployment/_stop?force=true"
    return f"its deployment was left behind and still runs ({left[0].state}); stop it: {stop}"
