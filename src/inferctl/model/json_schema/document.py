"""The whole schema: an endpoint or a list of them, our own keys, a branch per service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.ids import DENSE
from inferctl.model.json_schema.chunking import chunking_schema, closed_chunking_schema
from inferctl.model.json_schema.service import offered, service_schema, task_schema
from inferctl.model.json_schema.settings import SECRETS
from inferctl.model.json_schema.words import one_of, unless_loose, when_key
from inferctl.model.services import find, service_names
from inferctl.model.services.names import PARTS
from inferctl.model.task_types import CHUNKED, TASK_TYPES
from inferctl.model.wording import service_text

if TYPE_CHECKING:
    from inferctl.model.json_schema.words import Schema
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version

DIALECT = "http://json-schema.org/draft-07/schema#"
_TASKS = {
    "text_embedding": "One dense vector per text.",
    "sparse_embedding": "Words and weights per text.",
    "rerank": "Texts ordered by a query.",
    "completion": "Text for a text.",
    "chat_completion": "The next message of a conversation, as a stream.",
    "embedding": "One dense vector per input; texts and other kinds.",
}
ENVELOPE: dict[str, Schema] = {
    "inference_id": {
        "description": "The id of the endpoint, unique in the cluster over all task types. Lower-case letters, digits, "
        "hyphens, underscores and dots; a letter or digit first and last.",
        "type": "string",
        "pattern": r"^[a-z0-9]([a-z0-9_.\-]*[a-z0-9])?$",
        "patternErrorMessage": "an id has lower-case letters, digits, - _ and . and starts and ends with a letter or "
        "digit",
        "examples": ["product-search"],
    },
    "task_type": {"description": "What the endpoint does.", "type": "string"},
    "service": {"description": "The service that runs the model, as the API spells it.", "type": "string"},
    "service_settings": {
        "description": "Model, address, secret, rate limit. The service decides which keys there are.",
        "type": "object",
    },
    "task_settings": {"description": "How the task is done. GET returns it in clear: no secrets.", "type": "object"},
    "chunking_settings": {
        "description": "How long texts are cut. For text_embedding, sparse_embedding and embedding.",
        "type": "object",
    },
    "lifecycle": {
        "description": "How inferctl treats the endpoint. Never sent.",
        "type": "object",
        "properties": {
            "protect": {
                "description": "What must not happen to the endpoint.",
                "type": "array",
                "items": {"type": "string", "enum": ["delete", "replace"]},
                "default": [],
            },
            "ready_timeout": {
                "description": "How long apply waits for a model that runs in the cluster.",
                "type": "string",
                "pattern": r"^(?=.*[1-9])([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$",
                "patternErrorMessage": "a duration is hours, minutes and seconds in this order: 15m, 90s, 1h30m",
                "default": "15m",
            },
        },
        "additionalProperties": False,
    },
    "probe": {
        "description": "An inference call after a write, and what its answer must look like. Never sent as a setting.",
        "type": "object",
        "required": ["input"],
        "properties": {
            "input": {
                "description": "The text to send, or several.",
                "type": ["string", "array"],
                "items": {"type": "string"},
                "minItems": 1,
                "examples": ["a red shoe"],
            },
            "query": {"description": "The query that rerank orders by.", "type": "string"},
            "expect": {
                "description": "What the answer must look like.",
                "type": "object",
                "properties": {
                    "dimensions": {
                        "description": "Length of the vector. For text_embedding and embedding.",
                        "type": "integer",
                        "minimum": 1,
                    }
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
        "defaultSnippets": [{"label": "probe", "body": {"input": "a red shoe"}}],
    },
    "passthrough": {
        "description": "true lets through a service, a setting or a chunking strategy that this inferctl does not "
        "know. The plan says so. Never sent.",
        "type": "boolean",
        "default": False,
    },
}
_REQUIRED = ("inference_id", "task_type", "service", "service_settings")


def document(version: Version) -> Schema:
    """One document: an endpoint, or a list of endpoints."""
    services = [page for name in service_names() if (page := find(name)) is not None and offered(page, version)]
    definitions: dict[str, Schema] = {
        "endpoint": _endpoint(services, version),
        "chunking": chunking_schema(version),
        "closed_chunking": closed_chunking_schema(version),
    }
    definitions |= {f"secret.{kind}": schema for kind, schema in SECRETS.items()}
    for page in services:
        tasks = {name: task_schema(page, name, version) for name in offered(page, version)}
        definitions[page.name] = service_schema(page, version)
        definitions |= _shared(page.name, list(tasks.values()))
        definitions |= {f"{page.name}.{name}": schema for name, schema in tasks.items()}
    endpoint = {"$ref": "#/definitions/endpoint"}
    return {
        "$schema": DIALECT,
        "title": f"inferctl endpoint file, Elasticsearch {version}",
        "description": "One document of an endpoint file: an inference endpoint, or a list of them.",
        "if": {"type": "array"},
        "then": {"items": endpoint},
        "else": endpoint,
        "definitions": definitions,
    }


def _shared(service: str, tasks: list[Schema]) -> dict[str, Schema]:
    """Fields that are the same for several task types, said once: `tasks` then refer to them."""
    found: dict[str, Schema] = {}
    for part in PARTS:
        for name in {name: None for task in tasks for name in task["properties"][part]["properties"]}:
            holders = [fields for task in tasks if name in (fields := task["properties"][part]["properties"])]
            schema = holders[0][name]
            if len(holders) < 2 or "doNotSuggest" in schema or any(fields[name] != schema for fields in holders):
                continue
            key = f"{service}.{part}.{name}"
            found[key] = schema
            for fields in holders:
                fields[name] = {"$ref": f"#/definitions/{key}"}
    return found


def _endpoint(services: list[Service], version: Version) -> Schema:
    pages = {page.name: page for page in services}
    every = list(TASK_TYPES)
    known_task = {"required": ["task_type"], "properties": {"task_type": one_of(every)}}
    known_service = {"required": ["service"], "properties": {"service": one_of(pages)}}
    tasks = {"enum": every, "enumDescriptions": [_TASKS[name] for name in every]}
    return {
        "type": "object",
        "required": list(_REQUIRED),
        "properties": ENVELOPE,
        "additionalProperties": False,
        "allOf": [
            {"if": known_service, "else": {"properties": {"task_type": tasks}}},
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
    found: list[Schema] = []
    if name == "rerank":
        found.append({"required": ["query"]})
    else:
        found.append({"properties": {"query": False}, "errorMessage": f"a {name} endpoint takes no query"})
    if name not in DENSE:
        vector: Schema = {"properties": {"dimensions": False}, "errorMessage": f"{name} has no dimensions"}
        found.append({"properties": {"expect": vector}})
    return {"allOf": found}
