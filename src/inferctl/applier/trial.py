"""New settings, tried on a throw-away endpoint before the old one goes.

The server asks the provider before it stores an endpoint (docs/reference/server/create.md#validation-call), so a PUT
under another id is the only way to know that the settings will be accepted. The ledger knows of the throw-away endpoint
from before its PUT until after its DELETE: where a run dies in between, the next one removes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.events import SubStep
from inferctl.applier.result import difference, endpoint_in, no_endpoint, not_acknowledged, put_timeout
from inferctl.errors import AlreadyExists, InferctlError, NotFound
from inferctl.planner.readback import compare_after
from inferctl.planner.trial_endpoints import PREFIX

if TYPE_CHECKING:
    from inferctl.applier.writer import Writer
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change


@dataclass(frozen=True, slots=True)
class Tried:
    """How a trial ended. `problem`: why nothing may be removed, empty where the settings are accepted.

    `left`: the throw-away endpoint may still be there. `shown`: what the server made of the settings. `error`: what the
    server said to them, where it was no yes.
    """

    problem: str = ""
    left: bool = False
    shown: ObservedEndpoint | None = None
    error: InferctlError | None = None


def try_settings(writer: Writer, change: Change) -> Tried:
    """PUT under a temporary id, then DELETE. Anything but a clean yes to both is a problem. Never raises."""
    trial_id = PREFIX + token_hex(4)
    problem = writer.notes.trying(trial_id, change) if writer.notes else ""
    if problem:
        return Tried(f"the trial of the new settings could not be noted, so nothing was removed: {problem}")
    writer.emit(SubStep(change.inference_id, f"trying the new settings as {trial_id}"))
    try:
        answer = writer.client.put(
            task_type=change.task_type,
            inference_id=trial_id,
            inference_config=with_secrets(change.put_body or {}, change.secrets, writer.secrets),
            timeout=put_timeout(change, in_cluster=False),
        )
        shown = endpoint_in(answer, trial_id)
        if shown is None:
            raise no_endpoint()
    except InferctlError as error:
        return _not_accepted(writer, change, trial_id, error)
    left = _remove(writer, change, trial_id)
    if left:
        why = "the new settings are accepted, and the throw-away endpoint could not be removed, so nothing else was"
        return Tried(f"{why}\n{left}", left=True)
    problem = _note_end(writer, trial_id)
    if problem:
        return Tried(f"the new settings are accepted, and nothing was removed: {problem}")
    found = compare_after(change, None, shown, serverless=writer.version.serverless)
    if not found.holds:
        return Tried(
            f"the server makes something else of the new settings, so nothing was removed: {difference(found)}"
        )
    return Tried(shown=shown)


def _not_accepted(writer: Writer, change: Change, trial_id: str, error: InferctlError) -> Tried:
    # Nobody else has drawn this id: where it exists already, a proxy has sent our PUT twice, and the first one made it.
    is_there = isinstance(error, AlreadyExists)
    if not error.may_have_happened and not is_there:
        _note_end(writer, trial_id)
        return Tried(f"the new settings were refused before anything was removed: {error}", error=error)
    # The record stays: a request whose answer was lost may be at work still, and store its endpoint later.
    left = _remove(writer, change, trial_id, absent_is_gone=is_there)
    text = f"whether the new settings are accepted is not known, so nothing was removed: {error}"
    return Tried(f"{text}\n{left}" if left else text, left=bool(left), error=error)


def _remove(writer: Writer, change: Change, trial_id: str, *, absent_is_gone: bool = True) -> str:
    """Why it may still be there and who removes it, or nothing.

    `absent_is_gone`: it was there, so where it is absent now it has gone; else it may still come.
    """
    problem = _delete(writer, change, trial_id, absent_is_gone)
    for pause_s in writer.trial_pauses_s():  # the id is ours alone, so a removal may be sent again
        if not problem or writer.is_over():
            break
        writer.sleep(pause_s)
        problem = _delete(writer, change, trial_id, absent_is_gone)
    if not problem:
        return ""
    way = "the next run removes it" if writer.is_noted else f"remove it (DELETE /_inference/{trial_id})"
    return f"{trial_id} may still be there, {way}: {problem}"


def _delete(writer: Writer, change: Change, trial_id: str, absent_is_gone: bool) -> str:  # noqa: FBT001
    """One DELETE. Why the endpoint may still be there, or nothing."""
    try:
        answer = writer.client.delete(task_type=change.task_type, inference_id=trial_id)
    except NotFound:
        return "" if absent_is_gone else "it is not there, and may still come"
    except InferctlError as error:
        return str(error)
    return "" if answer.get("acknowledged") is True else str(not_acknowledged())


def _note_end(writer: Writer, trial_id: str) -> str:
    return writer.notes.tried(trial_id) if writer.notes else ""
