"""A page of the catalogue -> what it asks of an endpoint, by task type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.chunking import LARGEST
from inferctl.model.fact_words import put_text, since_text
from inferctl.model.json_schema.generator import ServerSchema, closed
from inferctl.model.services.asked import Asked
from inferctl.model.services.in_cluster import BUILT_IN, ELSER, spelled
from inferctl.model.services.names import PARTS, place_of_alias
from inferctl.syntax.schema_conditions import has, in_part, refused, unless_loose, when_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.model.services.service import Offered, Service
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_conditions import Schema


def task_text(facts: Offered) -> str:
    """Since when, and the rate limit that the server fills in."""
    parts = [f"since {since_text(facts.since)}" if since_text(facts.since) else "in no release"]
    if facts.rate_limit is not None:
        until = f" until {facts.rate_limit_until}" if facts.rate_limit_until is not None else ""
        parts.append(f"{facts.rate_limit} requests per minute{until}")
    return ", ".join(parts)


def service_text(service: Service) -> str:
    """`OpenAI, since 8.12`."""
    old = f", deprecated since {since_text(service.deprecated)}" if service.deprecated is not None else ""
    return f"{service.title}, since {since_text(service.since)}{old}"


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
    schema: Schema = {"title": service_text(service), "allOf": [unless_loose(task_type), *tasks]}
    if service.deprecated is not None and service.deprecated.includes(version):
        said = f"{service.name} is deprecated since {since_text(service.deprecated)}"
        if service.shown_as:
            said += f": the server makes {service.observed_name} of it"
        schema["properties"] = {"service": {"deprecationMessage": said}}
    return schema


def task_schema(service: Service, task_type: str, version: Version) -> Schema:
    """What an endpoint of this service and task type must hold."""
    classes = dict(zip(PARTS, (service.settings_class, service.task_settings_class), strict=True))
    parts = {part: ServerSchema(version, service, task_type).schema_of(cls) for part, cls in classes.items()}
    facts = {part: service.fields(part, task_type) for part in PARTS}
    for (home, key), (part, name) in _aliases(facts, version).items():
        own = parts[part]["properties"][name]
        text = f"Another name of {part}.{name}. {own['description']}"
        parts[home]["properties"][key] = {**own, "description": text, "markdownDescription": text, "doNotSuggest": True}
    needed = [part for part in PARTS if "required" in parts[part]]
    unset = [
        refused(part, name, f"{name} {put_text(fact)}")
        for part in PARTS
        for name, fact in facts[part].items()
        if not fact.may_be_put(task_type)
    ]
    asked = Asked(service.name, task_type, facts, {}, version)
    return {
        "title": f"{service.title}: {task_type}",
        **({"required": needed} if needed else {}),
        "properties": parts,
        "allOf": [
            unless_loose({"properties": {part: closed(schema) for part, schema in parts.items()}}),
            *unset,
            *_one_name(facts, version),
            *(rule for condition in service.conditions for rule in condition.schema(asked)),
            *_elser_chunks(service, task_type),
        ],
    }


def _aliases(facts: Mapping[str, Mapping[str, Setting]], version: Version) -> dict[tuple[str, str], tuple[str, str]]:
    """Where a setting may stand under another name -> its own place."""
    return {
        place_of_alias(alias, part): (part, name)
        for part in PARTS
        for name, fact in facts[part].items()
        if fact.exists_in(version)
        for alias in fact.aliases
    }


def _one_name(facts: Mapping[str, Mapping[str, Setting]], version: Version) -> list[Schema]:
    """A setting stands under one of its names; one must be there where the setting is required."""
    schemas: list[Schema] = []
    for part, name in dict.fromkeys(_aliases(facts, version).values()):
        fact = facts[part][name]
        places = [(part, name), *(place_of_alias(alias, part) for alias in fact.aliases)]
        if fact.required_in(version):
            because = f"{name} is missing"
            schemas.append({"anyOf": [{**has(*place), "errorMessage": because} for place in places]})
        for number, (home, first) in enumerate(places):
            schemas += [
                {"if": has(home, first), "then": refused(away, other, f"{other} is another name of {first}")}
                for away, other in places[number + 1 :]
            ]
    return schemas


def _elser_chunks(service: Service, task_type: str) -> list[Schema]:
    """ELSER keeps the upper limit of max_chunk_size in every version (docs/reference/server/chunking.md)."""
    limit = in_part("chunking_settings", {"properties": {"max_chunk_size": {"maximum": LARGEST}}})
    if service.name == "elser":
        return [limit]
    if service.name != "elasticsearch" or task_type != BUILT_IN[ELSER]:
        return []
    named = in_part(
        "service_settings", {"required": ["model_id"], "properties": {"model_id": {"enum": spelled([ELSER])}}}
    )
    return [{"if": {"required": ["service_settings"], **named}, "then": limit}]
