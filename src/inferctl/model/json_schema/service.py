"""A page of the catalogue -> what it asks of an endpoint, by task type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.model.json_schema.conditions import alias_places, conditions, elser_chunks, offered_words
from inferctl.model.json_schema.settings import Place, closed_schema, field_schema, markdown
from inferctl.model.json_schema.words import LOOSE, refused, unless_loose, when_key
from inferctl.model.services.names import PARTS
from inferctl.model.task_types import TASK_TYPES
from inferctl.model.wording import field_text, put_text, service_text, since_text, task_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.model.json_schema.words import Schema
    from inferctl.model.services.service import Service
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Version


def offered(service: Service, version: Version) -> list[str]:
    """The task types that a server of this version has for the service."""
    if not service.since.includes(version):
        return []
    return [name for name, facts in service.task_types.items() if facts.since.includes(version)]


def task_types_schema(service: Service, version: Version) -> Schema:
    """The `task_type` of an endpoint of this service."""
    names = offered(service, version)
    return {"enum": names, "enumDescriptions": [task_text(service.task_types[name]) for name in names]}


def service_schema(service: Service, version: Version) -> Schema:
    """What an endpoint of this service must hold; its task types are definitions beside it."""
    tasks = [when_key("task_type", n, {"$ref": f"#/definitions/{service.name}.{n}"}) for n in offered(service, version)]
    task_type = {"properties": {"task_type": task_types_schema(service, version)}}
    known: Schema = {"if": LOOSE, "then": {"properties": {"task_type": {"enum": list(TASK_TYPES)}}}, "else": task_type}
    schema: Schema = {"title": service_text(service), "allOf": [known, *tasks]}
    if service.deprecated is not None and service.deprecated.includes(version):
        said = f"{service.name} is deprecated since {since_text(service.deprecated)}"
        if service.shown_as:
            said += f": the server makes {service.observed_name} of it"
        schema["properties"] = {"service": {"deprecationMessage": said}}
    return schema


def task_schema(service: Service, task_type: str, version: Version) -> Schema:
    """What an endpoint of this service and task type must hold."""
    facts = {part: _known(service, part, task_type, version) for part in PARTS}
    parts = {part: _part(service, facts[part], Place(service.name, part, task_type, version)) for part in PARTS}
    closed = {part: closed_schema(facts[part], task_type, version) for part in PARTS}
    for (home, key), (part, name) in alias_places(service, task_type, version).items():
        own = field_schema(name, facts[part][name], Place(service.name, part, task_type, version))
        text = f"Another name of {part}.{name}. {own['description']}"
        parts[home]["properties"][key] = {**own, "description": text, "markdownDescription": text, "doNotSuggest": True}
        closed[home]["properties"][key] = True
    unset = [
        refused(part, name, f"{name} {put_text(fact)}")
        for part in PARTS
        for name, fact in service.fields(part, task_type).items()
        if not fact.may_be_put(task_type)
    ]
    needed = [part for part in PARTS if "required" in parts[part]]
    return {
        "title": f"{service.title}: {task_type}",
        **({"required": needed} if needed else {}),
        "properties": parts,
        "allOf": [
            unless_loose({"properties": closed}),
            *unset,
            *conditions(service, task_type, version),
            *elser_chunks(service, task_type),
        ],
    }


def _known(service: Service, part: str, task_type: str, version: Version) -> dict[str, Setting]:
    return {name: fact for name, fact in service.fields(part, task_type).items() if fact.exists_in(version)}


def _part(service: Service, facts: Mapping[str, Setting], place: Place) -> Schema:
    required = [n for n, fact in facts.items() if fact.required_in(place.version) and not fact.aliases]
    schema: Schema = {
        "type": "object",
        "properties": {n: _field(service, n, fact, place) for n, fact in facts.items()},
    }
    return {**schema, **({"required": required} if required else {})}


def _field(service: Service, name: str, fact: Setting, place: Place) -> Schema:
    if not fact.may_be_put(place.task_type):
        return {"description": field_text(fact), "markdownDescription": markdown(fact), "doNotSuggest": True}
    fewer = offered_words(service, place.task_type, name)
    if fewer:
        fact = replace(fact, enum=tuple(word for word in fact.enum if word in fewer))
    schema = field_schema(name, fact, place)
    limit = service.task_types[place.task_type].rate_limit_in(place.version)
    if name == "rate_limit" and limit is not None and "requests_per_minute" in schema.get("properties", {}):
        schema["properties"]["requests_per_minute"]["default"] = limit
    return schema
