"""Who refers to an endpoint: exactly what the server sees, and no more (delete.md#who-uses-it)."""

from collections.abc import Iterator, Mapping
from typing import Any

from .documents import Index
from .services.schema import DENSE

JsonObject = dict[str, Any]

DEPTH = 10
DEFAULT_ENDPOINT = ".elser-2-elasticsearch"
"""What a semantic_text field without an endpoint uses, where EIS is not connected."""


def pipelines_using(pipelines: Mapping[str, JsonObject], inference_id: str) -> list[str]:
    """Pipelines with an inference processor on this id.

    Not scanned: the pipeline's own `on_failure`, the `on_failure` of an inference or foreach
    processor, scripts, templated ids.
    """
    return sorted(
        name for name, pipeline in pipelines.items() if inference_id in _model_ids(pipeline.get("processors"), 0)
    )


def _model_ids(processors: Any, depth: int) -> Iterator[str]:
    if depth > DEPTH or not isinstance(processors, list):
        return
    for processor in processors:
        if not isinstance(processor, dict):
            continue
        for kind, body in processor.items():
            if not isinstance(body, dict):
                continue
            if kind == "inference":
                if isinstance(body.get("model_id"), str):
                    yield body["model_id"]
            elif kind == "foreach":
                yield from _model_ids([body.get("processor")], depth + 1)
            else:
                yield from _model_ids(body.get("on_failure"), depth + 1)


def semantic_fields(mappings: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """All `semantic_text` fields of a mapping with their dotted names, objects and multi-fields included."""
    yield from _fields(mappings.get("properties"), "")


def _fields(properties: Any, prefix: str) -> Iterator[tuple[str, JsonObject]]:
    if not isinstance(properties, dict):
        return
    for name, body in properties.items():
        if not isinstance(body, dict):
            continue
        if body.get("type") == "semantic_text":
            yield prefix + name, body
        yield from _fields(body.get("properties"), f"{prefix}{name}.")
        yield from _fields(body.get("fields"), f"{prefix}{name}.")


def indices_using(indices: Mapping[str, Index], inference_id: str, default_id: str) -> list[str]:
    """Concrete indexes whose semantic_text fields name this id; templates are not seen.

    A field without `inference_id` counts for the default endpoint.
    """
    return sorted(
        index.name
        for index in indices.values()
        if any(
            inference_id in {body.get("inference_id", default_id), body.get("search_inference_id")}
            for _, body in semantic_fields(index.mappings)
        )
    )


def incompatible_indices(indices: Mapping[str, Index], inference_id: str, shape: JsonObject) -> list[str]:
    """Indexes that fix model settings which a new endpoint would not match (create.md#steps 11)."""
    return sorted(
        index.name
        for index in indices.values()
        if any(
            body.get("inference_id") == inference_id and _differs(body.get("model_settings"), shape)
            for _, body in semantic_fields(index.mappings)
        )
    )


def name_defaults(mappings: JsonObject, default_id: str) -> None:
    """A field that names no endpoint gets the default one, and shows it; empty chunking settings are not shown."""
    for _, body in semantic_fields(mappings):
        body.setdefault("inference_id", default_id)
        if body.get("chunking_settings") in (None, {}):
            body.pop("chunking_settings", None)


def unfixed_fields(mappings: JsonObject, source: JsonObject) -> Iterator[JsonObject]:
    """Fields that a document is the first to fill. From then on they keep the settings of their model."""
    for name, body in semantic_fields(mappings):
        value: Any = source
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if (value is not None or source.get(name) is not None) and not body.get("model_settings"):
            yield body


def model_settings(service: str, task_type: str, settings: JsonObject) -> JsonObject:
    """What a field keeps of the endpoint that filled it."""
    dense = {"dimensions": settings.get("dimensions"), "similarity": settings.get("similarity")}
    element = {"element_type": settings.get("element_type", "float")}
    vector = dense | element if task_type in DENSE else {}
    return {"service": service, "task_type": task_type, **{k: v for k, v in vector.items() if v is not None}}


def _differs(fixed: Any, shape: JsonObject) -> bool:
    if not isinstance(fixed, dict):
        return False
    return any(fixed[key] != shape.get(key) for key in fixed if key != "service" and shape.get(key) is not None)


def in_use_text(inference_id: str, pipelines: list[str], indices: list[str]) -> str:
    """The sentence of the 409 and of a dry run; empty when nothing refers to the endpoint (delete.md#in-use)."""
    sentences = ""
    if pipelines:
        sentences += (
            f"Inference endpoint {inference_id} is referenced by pipelines: [{', '.join(pipelines)}]. "
            "Ensure that no pipelines are using this inference endpoint, "
            "or use force to ignore this warning and delete the inference endpoint."
        )
    if indices:
        sentences += (
            f" Inference endpoint {inference_id} is being used in the mapping for indexes: "
            f"[{', '.join(indices)}]. Ensure that no index mappings are using this inference endpoint, "
            "or use force to ignore this warning and delete the inference endpoint."
        )
    return sentences
