"""A replace: there is no atomic one, so all that can be known is known before the delete.

Source: docs/reference/server/reconciling.md#replacing.

Read, dry run and scan, trial, mappings, read, delete; then what must finish (`applier.finish`): create, or the old
settings again. The trial comes after the questions, so that a blocked step costs no call to a provider. It may take a
minute, so the endpoint is read again after it: nothing but this keeps somebody else's edit from being deleted. The
references are not asked again: a DELETE without `force` asks for them itself at the very moment
(docs/reference/server/delete.md#steps), and one with `force` does not care.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inferctl.applier.delete import look, remove, unmoved
from inferctl.applier.events import Result, SubStep
from inferctl.applier.finish import Section
from inferctl.applier.result import WriteResult
from inferctl.applier.trial import try_settings
from inferctl.errors import Forbidden, InferctlError
from inferctl.json_types import object_of
from inferctl.planner.reference_search import fields_in
from inferctl.planner.references import UserKind

if TYPE_CHECKING:
    from inferctl.applier.delete import Removable
    from inferctl.applier.writer import Writer
    from inferctl.client.sync import InferenceClient
    from inferctl.json_types import Json
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change

_GONE_ALREADY = "the old one was gone already"


def replace(writer: Writer, change: Change) -> WriteResult:
    """Carry out one replace. Never raises for what a server or a network does."""
    removable = look(writer, change)
    if isinstance(removable, WriteResult):
        gone = removable.result is Result.DONE
        return Section(writer.going_on(change), change).finish(_GONE_ALREADY, None) if gone else removable
    problem, note = _check(writer, change, removable)
    if problem is not None:
        return problem
    if writer.is_over():
        return WriteResult(Result.NOT_STARTED, f"the run was ended by {writer.stop.name}: nothing was removed")
    writer.emit(SubStep(change.inference_id, "deleting"))
    section = Section(writer.going_on(change), change, writer.now())
    removed = section.known(remove(writer, change, removable))
    if removed.result is not Result.DONE:
        return removed
    if change.inference_id in writer.force and removed.wrote:
        note = "\n".join(filter(None, (note, removed.detail)))  # a deployment may be left behind
    # Gone although it was there just now: whoever did that, a request that was sent twice or somebody else.
    state = "the old one was deleted" if removed.wrote else _GONE_ALREADY
    if not removed.wrote:
        section.since = ""
    return _noted(section.finish(state, removable.now), note)


def _check(writer: Writer, change: Change, removable: Removable) -> tuple[WriteResult | None, str]:
    """Why the old endpoint must stay, or None; and what could not be checked."""
    shown = None
    if not change.runs_in_cluster:
        tried = try_settings(writer, change)
        if tried.problem:
            return WriteResult(Result.FAILED, tried.problem, wrote=tried.left, untouched=True, error=tried.error), ""
        shown = tried.shown
    note = ""
    if removable.references.names(UserKind.INDEX):
        problem, note = _fits(writer, change, shown)
        if problem:
            return WriteResult(Result.FAILED, problem), ""
    if change.runs_in_cluster:
        return None, note
    now = unmoved(writer, change)
    if isinstance(now, WriteResult):
        return (None, note) if now.result is Result.DONE else (now, "")
    return None, note


def _fits(writer: Writer, change: Change, shown: ObservedEndpoint | None) -> tuple[str, str]:
    """Why the mappings do not accept it, and what could not be looked at."""
    try:
        found = clashes(writer.client, change.inference_id, shape_of(change, shown))
    except Forbidden:
        return "", "whether the mappings accept the new settings was not checked: no privilege (view_index_metadata)"
    except InferctlError as error:
        return f"whether the mappings accept the new settings could not be read, so nothing was removed: {error}", ""
    if not found:
        return "", ""
    return f"the new settings do not fit those who use it, so nothing was removed: {'; '.join(found)}", ""


def _noted(written: WriteResult, note: str) -> WriteResult:
    return dataclasses.replace(written, detail="\n".join(filter(None, (written.detail, note)))) if note else written


FIXED = ("task_type", "dimensions", "similarity", "element_type")
_FILTER = "*.mappings.**.inference_id,*.mappings.**.model_settings"


def shape_of(change: Change, shown: ObservedEndpoint | None) -> dict[str, Json]:
    """What is known of the new endpoint's vectors: from the server's answer to the trial, else from the file."""
    known = object_of(shown.service_settings if shown else (change.put_body or {}).get("service_settings"))
    return {"task_type": change.task_type, **{key: known[key] for key in FIXED if known.get(key) is not None}}


def clashes(client: InferenceClient, inference_id: str, shape: Mapping[str, Json]) -> tuple[str, ...]:
    """One sentence for each field that fixes something else, sorted. Raises ApiError, TransportError.

    One read, hidden and closed indexes too; `filter_path` leaves only what names an endpoint.
    """
    problems = []
    for index, answer in client.mappings(expand_wildcards="all", filter_path=_FILTER).items():
        for field, body in fields_in(object_of(answer).get("mappings")):
            fixed = body.get("model_settings")
            if body.get("inference_id") != inference_id or not isinstance(fixed, Mapping):
                continue
            differs = [
                f"{key} {_said(fixed[key])} there, {_said(shape[key])} now"
                for key in FIXED
                if fixed.get(key) is not None and key in shape and _said(fixed[key]) != _said(shape[key])
            ]
            if differs:
                problems.append(f"index {index}, field {field}: {', '.join(differs)}")
    return tuple(sorted(problems))


def _said(value: Any) -> str:
    return str(value).lower()
