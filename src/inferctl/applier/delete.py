"""A delete: only what the plan saw, and only while nothing refers to it.

Where it is maybe done and the endpoint is still there, and still what the plan saw, it is sent again: a few times.

Source: docs/reference/server/delete.md, reconciling.md#replacing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.applier.events import Result
from inferctl.applier.result import Next, WriteResult, not_acknowledged
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

_TRIES = 3


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
        return WriteResult(Result.FAILED, str(error), error=error)
    return WriteResult(Result.BLOCKED, in_the_way) if in_the_way else Removable(now, references)


def unmoved(writer: Writer, change: Change) -> ObservedEndpoint | WriteResult:
    """The endpoint, if it is still what the plan saw. DONE where it is gone."""
    try:
        now = writer.read(change)
    except InferctlError as error:
        return WriteResult(Result.FAILED, f"nothing was deleted: {error}", error=error)
    if now is None:
        return WriteResult(Result.DONE, "it was gone already")
    if _moved(change, now):
        return WriteResult(Result.FAILED, "it changed since the plan: nothing was deleted, plan again")
    return now


def _moved(change: Change, now: ObservedEndpoint) -> bool:
    """Whether another endpoint has the id by now."""
    return canonical(normalise_observed(now)) != canonical(change.observed or {})


def remove(writer: Writer, change: Change, removable: Removable) -> WriteResult:
    """DELETE, with `force` only for what was named."""
    removed = _send(writer, change, removable, maybe_done=False)
    for _ in range(_TRIES - 1):
        if removed.next is not Next.SEND or writer.is_over():
            break
        removed = _send(writer, change, removable, maybe_done=True)
    return removed


def _send(writer: Writer, change: Change, removable: Removable, *, maybe_done: bool) -> WriteResult:
    """One DELETE and what came of it. `maybe_done`: an earlier one of ours may have done it."""
    forced = change.inference_id in writer.force
    try:
        # DELETE looks at the task type it is told, so tell it what is there, not what a file wants.
        answer = writer.insist(
            lambda: writer.client.delete(
                task_type=removable.now.task_type, inference_id=change.inference_id, force=forced or None
            )
        )
    except NotFound as error:
        return _after_not_found(writer, change, error, maybe_done=maybe_done)
    except Referenced as error:
        return WriteResult(Result.BLOCKED, str(error), wrote=maybe_done, error=error)
    except InferctlError as error:
        if error.may_have_happened:
            return look_whether_gone(writer, change, error)
        return WriteResult(Result.FAILED, str(error), wrote=maybe_done, error=error)
    if answer.get("acknowledged") is not True:
        return look_whether_gone(writer, change, not_acknowledged())
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


def _after_not_found(writer: Writer, change: Change, error: InferctlError, *, maybe_done: bool) -> WriteResult:
    """The server says "gone". It is read all the same: the record of an endpoint that lives on would be lost."""
    try:
        if writer.read(change) is not None:
            return WriteResult(Result.FAILED, f"{error}\nit is still there", wrote=maybe_done, error=error)
    except InferctlError as second:
        text = f"{error}\nand it could not be read back: {second}"
        return WriteResult(Result.UNKNOWN, text, wrote=maybe_done, next=Next.LOOK, error=error)
    return _gone(writer, change) if maybe_done else WriteResult(Result.DONE, "it was gone already")


def _gone(writer: Writer, change: Change) -> WriteResult:
    """A DELETE of ours did it, whatever its answer said."""
    left = _still_running(writer, change)
    return WriteResult(Result.DONE, "\n".join(filter(None, ["the answer was lost; it is gone", left])), wrote=True)


def look_whether_gone(writer: Writer, change: Change, error: InferctlError) -> WriteResult:
    """What came of a DELETE that `error` leaves maybe done."""
    after = writer.read_after(change, error, lambda seen: seen is None)
    if isinstance(after, WriteResult):
        return after
    if after is None:
        return _gone(writer, change)
    if _moved(change, after):
        text = f"{error}\nread back: it is there, and not what the plan saw; plan again"
        return WriteResult(Result.FAILED, text, wrote=True, after=after, error=error)
    text = f"{error}\nread back: it is still there, and may still go"
    return WriteResult(Result.UNKNOWN, text, wrote=True, after=after, next=Next.SEND, error=error)


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
