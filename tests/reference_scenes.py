"""Who uses an endpoint: the same scenes for the emulator in this process and for a real node.

In bodies and names `{e}` is the endpoint, `{n}` the beginning of every other name, so that scenes do not meet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.model.versions import Version
from inferctl.observe.cluster import observe
from inferctl.observe.references import find_references
from inferctl.planner.references import Reference, UserKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.sync import InferenceClient
    from inferctl.planner.references import References

P, I, T, C = UserKind.PIPELINE, UserKind.INDEX, UserKind.INDEX_TEMPLATE, UserKind.COMPONENT_TEMPLATE  # noqa: E741
INFERENCE = {"inference": {"model_id": "{e}"}}
OTHER = {"inference": {"model_id": "{n}-other"}}
SET = {"set": {"field": "a", "value": 1}}


def pipeline(*processors: Any, **more: Any) -> dict[str, Any]:
    return {"processors": list(processors), **more}


def mapped(**properties: Any) -> dict[str, Any]:
    return {"mappings": {"properties": properties}}


def semantic(ingest: str | None = "{e}", search: str | None = None) -> dict[str, Any]:
    ids = {"inference_id": ingest, "search_inference_id": search}
    return {"type": "semantic_text", **{key: value for key, value in ids.items() if value}}


def template(body: dict[str, Any], name: str = "{n}-t") -> tuple[str, dict[str, Any]]:
    return f"/_index_template/{name}", {"index_patterns": [f"{name}-*"], "template": body}


@dataclass(frozen=True)
class Scene:
    """Documents to put, what our scan finds, and what the server names (pipelines, indexes)."""

    put: tuple[tuple[str, dict[str, Any]], ...]
    scan: tuple[Reference, ...] = ()
    server: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


PIPE, INDEX, COMPONENT = "/_ingest/pipeline/{n}-p", "/{n}-i", "/_component_template/{n}-c"
SEEN_PIPELINE, SEEN_INDEX = (("{n}-p",), ()), ((), ("{n}-i",))

SCENES = {
    "nobody": Scene(
        (
            (PIPE, pipeline(OTHER, SET)),
            (INDEX, mapped(t=semantic("{n}-other"), inference_id={"type": "keyword"})),
            (COMPONENT, {"template": {"settings": {"index.default_pipeline": "{n}-p"}}}),
        )
    ),
    "a pipeline": Scene(((PIPE, pipeline(SET, INFERENCE)),), (Reference(P, "{n}-p"),), SEEN_PIPELINE),
    "in a loop in a loop": Scene(
        (
            (
                PIPE,
                pipeline({"foreach": {"field": "a", "processor": {"foreach": {"field": "b", "processor": INFERENCE}}}}),
            ),
        ),
        (Reference(P, "{n}-p", "foreach, foreach"),),
        SEEN_PIPELINE,
    ),
    "on failure of a step": Scene(
        ((PIPE, pipeline({"set": {**SET["set"], "on_failure": [INFERENCE]}})),),
        (Reference(P, "{n}-p", "on_failure of set"),),
        SEEN_PIPELINE,
    ),
    "on failure of a pipeline": Scene(
        ((PIPE, pipeline(SET, on_failure=[INFERENCE])),),
        (Reference(P, "{n}-p", "on_failure"),),
    ),
    "on failure of an inference processor": Scene(
        ((PIPE, pipeline({"inference": {"model_id": "{n}-other", "on_failure": [INFERENCE]}})),),
        (Reference(P, "{n}-p", "on_failure of inference"),),
    ),
    "on failure of a loop": Scene(
        ((PIPE, pipeline({"foreach": {"field": "a", "processor": SET, "on_failure": [INFERENCE]}})),),
        (Reference(P, "{n}-p", "on_failure of foreach"),),
    ),
    "a field": Scene(((INDEX, mapped(t=semantic())),), (Reference(I, "{n}-i", "field t"),), SEEN_INDEX),
    "a field in an object, for searches": Scene(
        ((INDEX, mapped(o={"properties": {"t": semantic("{n}-other", "{e}")}})),),
        (Reference(I, "{n}-i", "field o.t, search_inference_id"),),
        SEEN_INDEX,
    ),
    "a hidden index": Scene(
        ((INDEX, {**mapped(t=semantic()), "settings": {"index.hidden": True}}),),
        (Reference(I, "{n}-i", "field t"),),
        SEEN_INDEX,
    ),
    "a field without an id": Scene(((INDEX, mapped(t=semantic(None))),)),
    "a default pipeline": Scene(
        ((PIPE, pipeline(INFERENCE)), (INDEX, {"settings": {"index": {"default_pipeline": "{n}-p"}}})),
        (Reference(P, "{n}-p"), Reference(I, "{n}-i", "default_pipeline", "{n}-p")),
        SEEN_PIPELINE,
    ),
    "a final pipeline that uses it on failure": Scene(
        ((PIPE, pipeline(SET, on_failure=[INFERENCE])), (INDEX, {"settings": {"index.final_pipeline": "{n}-p"}})),
        (Reference(P, "{n}-p", "on_failure"), Reference(I, "{n}-i", "final_pipeline", "{n}-p")),
    ),
    "an index template": Scene(
        (
            (PIPE, pipeline(INFERENCE)),
            template({**mapped(t=semantic()), "settings": {"default_pipeline": "{n}-p", "number_of_shards": 1}}),
        ),
        (Reference(P, "{n}-p"), Reference(T, "{n}-t", "default_pipeline", "{n}-p"), Reference(T, "{n}-t", "field t")),
        SEEN_PIPELINE,
    ),
    "a component template": Scene(
        (
            (PIPE, pipeline(INFERENCE)),
            (
                COMPONENT,
                {"template": {**mapped(t=semantic("{n}-other", "{e}")), "settings": {"index.final_pipeline": "{n}-p"}}},
            ),
        ),
        (
            Reference(P, "{n}-p"),
            Reference(C, "{n}-c", "field t, search_inference_id"),
            Reference(C, "{n}-c", "final_pipeline", "{n}-p"),
        ),
        SEEN_PIPELINE,
    ),
}


def play(scene: Scene, name: str, client: InferenceClient, call: Callable[[str, str, Any], Any]) -> None:
    """Put the scene's documents, look from both sides, and compare with what the scene says."""
    endpoint, prefix = f"{name}-e", f"{name}-x"

    def filled(value: Any) -> Any:
        return json.loads(json.dumps(value).replace("{e}", endpoint).replace("{n}", prefix))

    body = {"service": "cohere", "service_settings": {"model_id": "m", "api_key": "canary"}}
    for inference_id in (endpoint, f"{prefix}-other"):
        call("PUT", f"/_inference/text_embedding/{inference_id}", body)
    for path, document in scene.put:
        call("PUT", filled(path), filled(document))
    found = look(client, endpoint)
    expected = [Reference(u.kind, filled(u.name), u.how, filled(u.through)) for u in scene.scan]
    assert list(found.scan or ()) == expected
    assert (found.pipelines, found.indexes) == tuple(tuple(map(filled, names)) for names in scene.server)
    assert bool(found) is bool(expected)
    assert found.server_only == ()
    named = {*found.pipelines, *found.indexes}
    assert [use.name for use in found.scan_only] == [use.name for use in expected if use.name not in named]


def look(client: InferenceClient, endpoint: str) -> References:
    """Both views of one endpoint."""
    observation = observe(client, [endpoint], version=Version(9, 1))
    task_type = observation.endpoints[endpoint].task_type
    return find_references(client, {endpoint: task_type}, observation)[endpoint]
