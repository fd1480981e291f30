"""One field of a page -> the schema of its value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.model.json_schema.words import any_case
from inferctl.model.services.marks import By
from inferctl.model.wording import (
    also_text,
    bounds_text,
    default_text,
    enum_text,
    field_text,
    life_text,
    put_text,
    required_text,
    shown_text,
    update_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.model.json_schema.words import Schema
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Version

_LARGEST = 2**31 - 1  # as in services/check.py: the server keeps whole numbers in 32 bits
_ITEMS: dict[str, Schema] = {
    "string": {"type": "string"},
    "scalar": {"type": ["string", "number", "boolean"]},
    "pair": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
}
SECRETS: Schema = {
    "env": {
        "description": "The environment variable that holds the secret.",
        "type": "string",
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
    },
    "file": {
        "description": "The file that holds the secret, below the folder in INFERCTL_SECRETS_ROOT.",
        "type": "string",
        "pattern": r"^[^\u0000]*\S[^\u0000]*$",
    },
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose setting it is, and for which server."""

    service: str
    part: str
    task_type: str
    version: Version


def field_schema(name: str, fact: Setting, place: Place, owner: Setting | None = None) -> Schema:
    """The value of one setting, with all that an editor can show about it. `owner` is the setting it is inside."""
    schema: Schema = {"description": field_text(fact), "markdownDescription": markdown(fact, owner)}
    if fact.secret:
        variable = "_".join(re.sub(r"[^A-Z0-9]+", "_", word.upper()) for word in (place.service, name))
        return {**schema, **(_secrets() if fact.items else _secret(variable))}
    if not isinstance(fact.default, By) and fact.default is not None:
        schema["default"] = fact.default
    elif isinstance(fact.default, By) and fact.default.name == "task_type":
        value = fact.default_for(place.task_type)
        if value is not None:
            schema["default"] = value
    if fact.enum:
        return {**schema, **_words(fact, place.version)}
    return {**schema, **_typed(fact, place)}


def _secret(variable: str) -> Schema:
    return {
        "type": "object",
        "errorMessage": "a secret is one reference: {env: NAME} or {file: PATH}",
        "properties": {kind: {"$ref": f"#/definitions/secret.{kind}"} for kind in SECRETS},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "defaultSnippets": [{"label": f"{{env: {variable}}}", "body": {"env": variable}}],
    }


def _secrets() -> Schema:
    return {"type": "object", "additionalProperties": _secret("SECRET")}


def _words(fact: Setting, version: Version) -> Schema:
    known = fact.words(version)
    # The enum is what an editor proposes; the pattern lets other cases by.
    return {"type": "string", "anyOf": [{"enum": list(known)}, {"pattern": any_case(known)}]}


def _typed(fact: Setting, place: Place) -> Schema:
    match fact.type:
        case "string":
            return {"type": "string"} if fact.may_be_empty else {"type": "string", "minLength": 1}
        case "boolean":
            return {"type": "boolean"}
        case "integer" | "number" | "float":
            return _number(fact)
        case "list":
            return {"type": "array", **({"items": _ITEMS[fact.items]} if fact.items else {})}
        case "object":
            return _object(fact, place)


def _number(fact: Setting) -> Schema:
    schema: Schema = {"type": "integer" if fact.type == "integer" else "number"}
    if fact.minimum is not None:
        schema["minimum"] = _plain(fact.minimum)
    high = _LARGEST if fact.maximum is None and fact.type == "integer" else fact.maximum
    if high is not None:
        schema["maximum"] = _plain(high)
    return schema


def _plain(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound


def _object(fact: Setting, place: Place) -> Schema:
    if not fact.fields:
        return {"type": "object", **({"additionalProperties": _item(fact, place)} if fact.items else {})}
    inner = {name: known for name, known in fact.fields.items() if known.applies_to(place.task_type)}
    taken = _taken(fact, place.task_type, place.version)
    schema: Schema = {
        "type": "object",
        "properties": {n: field_schema(n, f, place, fact) for n, f in taken.items()},
    }
    required = [name for name, known in inner.items() if known.required_in(place.version)]
    return {**schema, **({"required": required} if required else {})}


def _item(fact: Setting, place: Place) -> Schema:
    """A value of a free mapping. Headers of `custom` may be credentials: then a reference stands there."""
    item = _ITEMS[fact.items]
    if fact.items != "string" or place.part != "service_settings":
        return item
    return {"anyOf": [item, _secret(f"{place.service.upper()}_SECRET")]}


def _taken(fact: Setting, task_type: str, version: Version) -> dict[str, Setting]:
    return {
        name: inner
        for name, inner in fact.fields.items()
        if inner.applies_to(task_type) and inner.exists_in(version) and inner.may_be_put(task_type)
    }


def closed_schema(facts: Mapping[str, Setting], task_type: str, version: Version) -> Schema:
    """A mapping that holds these fields and no others, all the way down."""
    return {
        "properties": {
            name: closed_schema(_taken(fact, task_type, version), task_type, version) if fact.fields else True
            for name, fact in facts.items()
        },
        "additionalProperties": False,
    }


def markdown(fact: Setting, owner: Setting | None = None) -> str:
    """The page of a field, for a hover. `_update` takes a field inside another one with its owner."""
    moved = fact if owner is None or fact.updatable_since is not None else owner
    lines = [
        ("required", required_text(fact)) if fact.required or fact.required_since or fact.required_when else None,
        ("default", default_text(fact)) if fact.default is not None else None,
        ("one of", enum_text(fact)) if fact.enum else None,
        ("range", bounds_text(fact)) if bounds_text(fact) and not fact.enum else None,
        ("", life_text(fact)),
        ("", put_text(fact)),
        ("", shown_text(fact)),
        ("", also_text(fact)),
        ("`_update` changes it", update_text(moved) + (f": {fact.update_note}" if fact.update_note else "")),
        ("note", fact.note),
        ("", "uncertain: to be read back" if fact.uncertain else ""),
    ]
    said = [f"{head}: {text}" if head else text for head, text in filter(None, lines) if text]
    return "\n".join([field_text(fact), "", *(f"- {line}" for line in said)])
