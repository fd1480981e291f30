"""The whole schema: an endpoint or a list of them, our own keys, a branch per service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.chunking import STRATEGIES, Recursive, limits
from inferctl.model.endpoint import Endpoint
from inferctl.model.fact_words import since_text
from inferctl.model.ids import TASK_TYPE_PATTERN
from inferctl.model.json_schema.generator import ServerSchema, closed
from inferctl.model.json_schema.service import offered, service_schema, service_text, task_schema
from inferctl.model.services import find, service_names
from inferctl.model.services.names import PARTS
from inferctl.model.services.setting import settings_of
from inferctl.model.task_types import CHUNKED, DENSE, TASK_TYPES, USES
from inferctl.syntax.editor_schema import DRAFT
from inferctl.syntax.schema_conditions import LOOSE, not_both, one_of, unless_loose, when_key

if TYPE_CHECKING:
    from inferctl.model.chunking import Chunking
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_conditions import Schema


def document(version: Version) -> Schema:
    """One document: an endpoint, or a list of endpoints."""
    services = [page for name in service_names() if (page := find(name)) is not None and offered(page, version)]
    definitions: dict[str, Schema] = {"endpoint": _endpoint(services, version), **chunking_schemas(version)}
    for page in services:
        tasks = {name: task_schema(page, name, version) for name in offered(page, version)}
        definitions[page.name] = service_schema(page, version)
        definitions |= _shared(page.name, list(tasks.values()))
        definitions |= {f"{page.name}.{name}": schema for name, schema in tasks.items()}
    endpoint = {"$ref": "#/definitions/endpoint"}
    return {
        "$schema": DRAFT,
        "title": f"inferctl endpoint file, Elasticsearch {version}",
        "description": "One document of an endpoint file: an inference endpoint, or a list of them.",
        "if": {"type": "array"},
        "then": {"items": endpoint},
        "else": endpoint,
        "definitions": definitions,
    }


def _shared(service: str, tasks: list[Schema]) -> dict[str, Schema]:
    """Fields that are the same for several task types, said once: `tasks` then refer to them."""
    schemas: dict[str, Schema] = {}
    for part in PARTS:
        for name in {name: None for task in tasks for name in task["properties"][part]["properties"]}:
            holders = [fields for task in tasks if name in (fields := task["properties"][part]["properties"])]
            schema = holders[0][name]
            if len(holders) < 2 or "doNotSuggest" in schema or any(fields[name] != schema for fields in holders):
                continue
            key = f"{service}.{part}.{name}"
            schemas[key] = schema
            for fields in holders:
                fields[name] = {"$ref": f"#/definitions/{key}"}
    return schemas


def _endpoint(services: list[Service], version: Version) -> Schema:
    pages = {page.name: page for page in services}
    every = list(TASK_TYPES)
    known_task = {"required": ["task_type"], "properties": {"task_type": one_of(every)}}
    known_service = {"required": ["service"], "properties": {"service": one_of(pages)}}
    tasks = {"enum": every, "enumDescriptions": [USES[name] for name in every]}
    return {
        **ServerSchema(version).schema_of(Endpoint),
        "allOf": [
            {"if": known_service, "else": unless_loose({"properties": {"task_type": tasks}})},
            {"if": LOOSE, "then": {"properties": {"task_type": {"pattern": TASK_TYPE_PATTERN}}}},
            {"if": known_task, "else": unless_loose(_services(services))},
            *(when_key("task_type", name, _task(name, services, version)) for name in TASK_TYPES),
            *(when_key("service", name, {"$ref": f"#/definitions/{name}"}) for name in pages),
        ],
    }


def _services(services: list[Service]) -> Schema:
    names = [page.name for page in services]
    return {"properties": {"service": {"enum": names, "enumDescriptions": [service_text(page) for page in services]}}}


def _task(name: str, services: list[Service], version: Version) -> Schema:
    """What a task type asks, whatever the service."""
    able = [page for page in services if name in offered(page, version)]
    none: Schema = {"properties": {"service": False}, "errorMessage": f"no service of {version} offers {name}"}
    properties: dict[str, Schema] = {}
    conditions = [unless_loose(_services(able) if able else none)]
    if name == "chat_completion":
        because = "a chat_completion endpoint cannot be probed: it answers as a stream only"
        conditions.append({"properties": {"probe": False}, "errorMessage": because})
    else:
        properties["probe"] = _probe(name)
    if name in CHUNKED:
        properties["chunking_settings"] = {"$ref": "#/definitions/chunking"}
        closed = {"properties": {"chunking_settings": {"$ref": "#/definitions/closed_chunking"}}}
        conditions.append(unless_loose(closed))
    else:
        because = f"{name} has no chunking_settings"
        properties["chunking_settings"] = {"additionalProperties": False, "errorMessage": because}
    return {"properties": properties, "allOf": conditions}


def _probe(name: str) -> Schema:
    """What a probe of this task type may hold."""
    schemas: list[Schema] = []
    if name == "rerank":
        schemas.append({"required": ["query"]})
    else:
        schemas.append({"properties": {"query": False}, "errorMessage": f"a {name} endpoint takes no query"})
    if name not in DENSE:
        vector: Schema = {"properties": {"dimensions": False}, "errorMessage": f"{name} has no dimensions"}
        schemas.append({"properties": {"expect": vector}})
    return {"allOf": schemas}


def chunking_schemas(version: Version) -> dict[str, Schema]:
    """The values of `chunking_settings`, and (closed) which strategies and keys may stand there."""
    known = {name: cls for name, cls in STRATEGIES.items() if cls.since.includes(version)}
    strategies = {name: _strategy(name, cls, version) for name, cls in known.items()}
    about = [f"{cls.__doc__} Since {since_text(cls.since)}." for cls in known.values()]
    own_keys = {
        name: closed({"properties": {"strategy": {}, **held["properties"]}}) for name, held in strategies.items()
    }
    return {
        "chunking": {
            "type": "object",
            "defaultSnippets": [
                {"label": name, "description": cls.__doc__, "body": {"strategy": name, **_example(cls)}}
                for name, cls in known.items()
            ],
            "properties": {
                "strategy": {"description": "How the text is cut. There is no default once the object is given."}
            },
            "allOf": [when_key("strategy", name, held) for name, held in strategies.items() if held["properties"]],
        },
        # An empty object is as good as none.
        "closed_chunking": {
            "properties": {"strategy": {"enum": list(known), "enumDescriptions": about}},
            "if": {"minProperties": 1},
            "then": {"required": ["strategy"]},
            "allOf": [when_key("strategy", name, keys) for name, keys in own_keys.items()],
        },
    }


def _strategy(name: str, cls: type[Chunking], version: Version) -> Schema:
    made = ServerSchema(version).schema_of(cls)
    more = limits(version)
    # The condition around it says the strategy, and an editor would propose it here for all of them.
    properties = {key: {**held, **more.get(key, {})} for key, held in made["properties"].items() if key != "strategy"}
    required = [key for key in made["required"] if key != "strategy"]
    schema = {"title": f"chunking: {name}", **made, "properties": properties, "required": required}
    return {**schema, **(not_both("separators", "separator_group") if cls is Recursive else {})}


def _example(cls: type[Chunking]) -> Schema:
    settings = settings_of(cls)
    values = {key: one.example if one.required else one.default for key, one in settings.items() if key != "strategy"}
    return {key: value for key, value in values.items() if value is not None}
