"""Our own search for the users of endpoints, in documents that somebody else has read.

It looks where the server is known not to look (docs/reference/server/delete.md#who-uses-it): `on_failure` of a whole
pipeline and of inference and foreach processors, templates, default and final pipelines, pipelines that call pipelines.
A `semantic_text` field without `inference_id` uses an endpoint of the server's own, so it is nobody's user here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.json_types import object_of
from inferctl.planner.references import Reference, UserKind

if TYPE_CHECKING:
    from typing import TypeAlias

    from inferctl.json_types import Json, JsonObject

    ById: TypeAlias = "defaultdict[str, set[Reference]]"

_RUNS = ("default_pipeline", "final_pipeline")


@dataclass(frozen=True, slots=True)
class SearchedDocuments:
    """What a scan reads, as the server answers it; parts that name no endpoint may be left out.

    `pipelines` by id; `mappings` (`{"mappings": ...}`) and `settings` (`{"settings": ...}`) by index; templates by
    name, each its `{"mappings", "settings"}`.
    """

    pipelines: Mapping[str, Json] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    index_templates: Mapping[str, Json] = field(default_factory=dict)
    component_templates: Mapping[str, Json] = field(default_factory=dict)


def search_references(documents: SearchedDocuments) -> dict[str, tuple[Reference, ...]]:
    """All references by endpoint id, sorted."""
    references: ById = defaultdict(set)
    runs = _pipelines(documents.pipelines, references)
    for index, answer in documents.mappings.items():
        for inference_id, how in _ids_in_mappings(object_of(answer).get("mappings")):
            references[inference_id].add(Reference(UserKind.INDEX, index, how))
    for index, answer in documents.settings.items():
        _add_runs_of_pipelines(UserKind.INDEX, index, object_of(answer).get("settings"), runs, references)
    templates = (
        (UserKind.INDEX_TEMPLATE, documents.index_templates),
        (UserKind.COMPONENT_TEMPLATE, documents.component_templates),
    )
    for kind, bodies in templates:
        for name, body in bodies.items():
            template = object_of(body)
            for inference_id, how in _ids_in_mappings(template.get("mappings")):
                references[inference_id].add(Reference(kind, name, how))
            _add_runs_of_pipelines(kind, name, template.get("settings"), runs, references)
    return {
        inference_id: tuple(sorted(uses, key=lambda use: use.order))
        for inference_id, uses in sorted(references.items())
    }


def _pipelines(pipelines: Mapping[str, Json], references: ById) -> dict[str, set[str]]:
    """Adds what pipelines use; answers pipeline -> ids that a run of it may reach."""
    direct: defaultdict[str, set[str]] = defaultdict(set)
    callers: defaultdict[str, set[str]] = defaultdict(set)
    for name, pipeline in pipelines.items():
        for kind, body, how in _processors(object_of(pipeline)):
            if kind == "inference" and isinstance(model := body.get("model_id"), str):
                direct[model].add(name)
                references[model].add(Reference(UserKind.PIPELINE, name, how))
            elif kind == "pipeline" and isinstance(called := body.get("name"), str):
                callers[called].add(name)
    runs: defaultdict[str, set[str]] = defaultdict(set)
    for model, users in direct.items():
        reached, todo = set(users), sorted(users)
        while todo:
            called = todo.pop(0)
            runs[called].add(model)
            for caller in sorted(callers[called] - reached):
                references[model].add(Reference(UserKind.PIPELINE, caller, through=called))
                reached.add(caller)
                todo.append(caller)
    return runs


def _processors(pipeline: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json], str]]:
    """Every processor of a pipeline, at any depth: its kind, its body, and where it stands."""
    todo: list[tuple[Json, tuple[str, ...]]] = [
        (pipeline.get("processors"), ()),
        (pipeline.get("on_failure"), ("on_failure",)),
    ]
    while todo:
        processors, trail = todo.pop()
        for kind, value in _entries(processors):
            body = object_of(value)
            yield kind, body, ", ".join(trail)
            todo.append((body.get("on_failure"), (*trail, f"on_failure of {kind}")))
            if kind == "foreach":
                todo.append(([body.get("processor")], (*trail, "foreach")))


def _add_runs_of_pipelines(
    kind: UserKind,
    name: str,
    settings: Json,
    runs: Mapping[str, set[str]],
    references: defaultdict[str, set[Reference]],
) -> None:
    """Adds an index (or a template for one) whose documents go through a pipeline that uses an endpoint."""
    flat = object_of(settings)
    nested = object_of(flat.get("index"))
    for key in _RUNS:
        pipeline = flat.get(f"index.{key}", nested.get(key))
        if isinstance(pipeline, str):
            for inference_id in runs.get(pipeline, ()):
                references[inference_id].add(Reference(kind, name, key, pipeline))


def _ids_in_mappings(mappings: Json) -> Iterator[tuple[str, str]]:
    """The ids that fields name, and where: (id, "field a.b"). Objects, multi-fields and dynamic templates too."""
    for name, body in fields_in(mappings):
        yield from _ids_of_a_field(body, f"field {name}")
    for name, rule in _entries(object_of(mappings).get("dynamic_templates")):
        yield from _ids_of_a_field(object_of(object_of(rule).get("mapping")), f"dynamic template {name}")


def fields_in(mappings: Json) -> Iterator[tuple[str, JsonObject]]:
    """Every field by its dotted name; objects, their fields and multi-fields too."""
    todo = [("", object_of(mappings))]
    while todo:
        prefix, body = todo.pop()
        for group in ("properties", "fields"):
            for name, value in object_of(body.get(group)).items():
                inner = object_of(value)
                yield f"{prefix}{name}", inner
                todo.append((f"{prefix}{name}.", inner))


def _ids_of_a_field(body: Mapping[str, Json], where: str) -> Iterator[tuple[str, str]]:
    """No other kind of field has these two; where they are objects, they are fields of that name."""
    ingest, search = body.get("inference_id"), body.get("search_inference_id")
    if isinstance(ingest, str):
        yield ingest, where
    if isinstance(search, str) and search != ingest:
        yield search, f"{where}, search_inference_id"


def _entries(value: Json) -> Iterator[tuple[str, Json]]:
    """The pairs of a list of objects."""
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        for item in value:
            yield from object_of(item).items()
