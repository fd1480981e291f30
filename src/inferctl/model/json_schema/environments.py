"""The schema for a repository with environments: values may be variables, and overlays say only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.json_schema.document import document
from inferctl.model.versions import NEWEST
from inferctl.secrets.reference import KINDS

if TYPE_CHECKING:
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_conditions import Schema

# A value that is nothing but a variable, as a number must be; and a text with one in it.
_ALONE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
_INSIDE = r"(^|[^$])\$\{[A-Za-z_][A-Za-z0-9_]*\}"
_NUMBERS = frozenset({"integer", "number", "boolean"})
_OF_TEXTS = frozenset({"enum", "pattern", "const"})
_CHECKS = _OF_TEXTS | {"type", "anyOf", "not", "minLength", "maxLength", "format", "patternErrorMessage"}
_NAMED = ("properties", "definitions", "patternProperties")
_HELD = ("then", "else", "items", "additionalProperties")
_PARTS = ("service_settings", "task_settings", "chunking_settings", "lifecycle", "probe")


def schema_with_variables(version: Version | None = None) -> Schema:
    """The schema of endpoint files in which `${name}` may stand for a value; an id takes none, nor does a secret."""
    return _opened(document(version or NEWEST))


def overlay_schema(version: Version | None = None) -> Schema:
    """The schema of overlay files: an id and what differs, or a whole endpoint.

    Of which service an overlay is stands in its base, so what stands in the settings is not checked.
    """
    endpoints = schema_with_variables(version)
    properties = endpoints["definitions"]["endpoint"]["properties"]
    known = {name: _about(held) for name, held in properties.items()}
    parts = {name: {**known[name], "type": ["object", "null"]} for name in _PARTS}
    skip = {"type": "boolean", "description": "true leaves the endpoint out of this environment."}
    overlay = {
        "type": "object",
        "required": ["inference_id"],
        "properties": {**known, **parts, "inference_id": properties["inference_id"], "skip": skip},
        "additionalProperties": False,
        "if": {"required": ["task_type", "service", "service_settings"], "not": {"required": ["skip"]}},
        "then": endpoints["else"],
    }
    reference = {"$ref": "#/definitions/overlay"}
    return {
        **endpoints,
        "title": endpoints["title"].replace("endpoint file", "overlay file"),
        "description": "One document of an overlay file: what differs of an endpoint, or a list of such.",
        "then": {"items": reference},
        "else": reference,
        "definitions": {**endpoints["definitions"], "overlay": overlay},
    }


def _about(held: Schema) -> Schema:
    return {word: said for word, said in held.items() if word == "description"}


def _opened(schema: Schema) -> Schema:
    """The schema with room for variables in each value that it bounds. What only a condition asks stays as it is."""
    if _is_value(schema):
        return _or_variable(schema)
    opened = dict(schema)
    if KINDS[0] in schema.get("properties", {}):
        return opened
    for word in _NAMED:
        if word in schema:
            opened[word] = {
                name: held if name == "inference_id" else _opened_one(held) for name, held in schema[word].items()
            }
    for word in _HELD:
        if word in schema:
            opened[word] = _opened_one(schema[word])
    if "allOf" in schema:
        opened["allOf"] = [_opened_one(one) for one in schema["allOf"]]
    return opened


def _opened_one(held: Schema | bool) -> Schema | bool:  # noqa: FBT001  JSON Schema has true and false beside objects
    return held if isinstance(held, bool) else _opened(held)


def _is_value(schema: Schema) -> bool:
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if kinds & {"object", "array"} or "properties" in schema:
        return False
    return (
        bool(kinds & _NUMBERS) or not _OF_TEXTS.isdisjoint(schema) or ("anyOf" in schema and "required" not in schema)
    )


def _or_variable(schema: Schema) -> Schema:
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if set(kinds) <= _NUMBERS and kinds and _OF_TEXTS.isdisjoint(schema):
        # Bounds are asked of numbers alone and a pattern of texts alone, so both may stand side by side.
        return {**schema, "type": [*kinds, "string"], "pattern": _ALONE}
    checks = {word: said for word, said in schema.items() if word in _CHECKS or word == "enumDescriptions"}
    about = {word: said for word, said in schema.items() if word not in checks}
    return {**about, "anyOf": [checks, {"type": "string", "pattern": _INSIDE}]}
