"""Would the mappings of those who use an endpoint accept another one in its place?

A `semantic_text` field fixes task type, dimensions, similarity and element type at its first document. Newer servers
refuse a PUT that does not match them, older ones break later (docs/reference/server/create.md#steps 11,
reconciling.md#replacing); both come too late for the old endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inferctl.json_types import object_of
from inferctl.planner.reference_search import fields_in

if TYPE_CHECKING:
    from inferctl.client.sync import InferenceClient
    from inferctl.json_types import Json
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change

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
