"""The published API description, and what in a request or an answer is not as it says.

The description closes nothing: an unknown key would always pass. Here objects that name their properties are
closed, so that each key is looked up. Error answers are not described, so they are not looked at.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# On every route, and in no description (docs/reference/server/requests.md#parameters).
COMMON_PARAMETERS = frozenset({"pretty", "human", "error_trace", "filter_path", "format"})
_BODY = re.compile(r"\[\d+\]")


@dataclass(frozen=True, order=True)
class Problem:
    """`where` is "operation side:path", list positions left out; `what` says what is the matter."""

    where: str
    what: str


@dataclass(frozen=True)
class Operation:
    """One operation of the description. `service` is the one it is for, "" for the general ones."""

    template: str
    spec: Mapping[str, Any]
    service: str

    @property
    def name(self) -> str:
        return re.sub(r"-\d+$", "", str(self.spec["operationId"]))


@dataclass(frozen=True)
class Description:
    """One file of the description."""

    file: Path

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return document

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        return {"components": {"schemas": _as_json_schema(self.document["components"]["schemas"])}}

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a $ref stands for."""
        while "$ref" in node:
            found: Any = self.document
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def operations(self, method: str, target: str, service: str = "") -> list[Operation]:
        """The operations for a request: most literal path first; of those for one service only that one's."""
        segments = [unquote(part) for part in target.partition("?")[0].strip("/").split("/")]
        found = []
        for template, item in self.document["paths"].items():
            parts = template.strip("/").split("/")
            fits = len(parts) == len(segments) and all(
                part == segment or (part.startswith("{") and (segment == "_all" or not segment.startswith("_")))
                for part, segment in zip(parts, segments, strict=True)
            )
            if fits and method.lower() in item:
                operation = Operation(template, item[method.lower()], self._service_of(item[method.lower()]))
                if operation.service in {"", service}:
                    found.append(operation)
        literal = max((_literals(each.template) for each in found), default=0)
        return [each for each in found if _literals(each.template) == literal]

    def request_problems(self, operation: Operation, target: str, body: Any) -> list[Problem]:
        """What is wrong with the query and the body (None: none was sent)."""
        label = f"{operation.name} request"
        parameters = [self.resolve(parameter) for parameter in operation.spec.get("parameters", [])]
        known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
        given = {name for name, _ in parse_qsl(target.partition("?")[2], keep_blank_values=True)}
        found = [Problem(f"{label}:?", f"no parameter {name}") for name in sorted(given - known - COMMON_PARAMETERS)]
        for parameter in parameters:
            if parameter["in"] == "path":
                value = _variable(operation.template, target, parameter["name"])
                found += self._problems(f"{label}/{parameter['name']}", parameter["schema"], value)
        described = operation.spec.get("requestBody")
        if described is None:
            return found if body is None else [*found, Problem(f"{label}:", "no body")]
        described = self.resolve(described)
        if body is None:
            return [*found, Problem(f"{label}:", "lacks a body")] if described.get("required") else found
        return [*found, *self._problems(label, described["content"]["application/json"]["schema"], body)]

    def answer_problems(self, operation: Operation, status: int, body: Any) -> list[Problem]:
        """What is wrong with a good answer."""
        label = f"{operation.name} answer"
        responses = operation.spec["responses"]
        if str(status) not in responses:
            return [Problem(f"{label}:", f"no status {status}")]
        described = self.resolve(responses[str(status)])
        content = described.get("content", {}).get("application/json")
        return self._problems(label, content["schema"], body) if content else []

    def _service_of(self, operation: Mapping[str, Any]) -> str:
        if "requestBody" not in operation:
            return ""
        content = self.resolve(operation["requestBody"])["content"]
        schema = self.resolve(content.get("application/json", {}).get("schema", {}))
        word = schema.get("properties", {}).get("service", {})
        for part in word.get("allOf", [word]):
            words = self.resolve(part).get("enum", [])
            if len(words) == 1:
                return str(words[0])
        return ""

    def _problems(self, label: str, schema: Mapping[str, Any], body: Any) -> list[Problem]:
        validator = Draft202012Validator({**_as_json_schema(schema), **self._schemas})
        found = {
            Problem(f"{label}:{_place(error.absolute_path)}", _what(error)) for error in validator.iter_errors(body)
        }
        found |= {
            Problem(f"{label}:{_BODY.sub('[]', place)}", f"no key {name}")
            for place, name in self._unknown([schema], body, "")
        }
        return sorted(found)

    def _unknown(self, schemas: list[Mapping[str, Any]], body: Any, place: str) -> Iterator[tuple[str, str]]:
        """Keys that none of the schemas for a value names. One schema that names none lets all pass."""
        parts = [part for schema in schemas for part in self._parts(schema)]
        if isinstance(body, list):
            inner = [part["items"] for part in parts if "items" in part]
            for item in body if inner else ():
                yield from self._unknown(inner, item, f"{place}[]")
        elif isinstance(body, dict):
            objects = [part for part in parts if part.get("type") == "object" or "properties" in part]
            named = [part for part in objects if "properties" in part]
            if not named or any("additionalProperties" in part for part in objects):
                return
            for name, value in body.items():
                below = [part["properties"][name] for part in named if name in part["properties"]]
                if not below:
                    yield place, name
                else:
                    yield from self._unknown(below, value, f"{place}.{name}" if place else name)

    def _parts(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The schema and all that it is put together from."""
        schema = self.resolve(schema)
        yield schema
        for kind in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(kind, ()):
                yield from self._parts(part)


def _variable(template: str, target: str, name: str) -> str:
    pairs = zip(template.split("/"), target.partition("?")[0].split("/"), strict=True)
    return next(unquote(segment) for part, segment in pairs if part == f"{{{name}}}")


def _literals(template: str) -> int:
    return sum(not part.startswith("{") for part in template.strip("/").split("/"))


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 in the words of JSON Schema. Unions there are "one of these": several may fit a value."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {
        ("anyOf" if key == "oneOf" and isinstance(value, list) else key): _as_json_schema(value)
        for key, value in node.items()
    }
    if made.pop("nullable", False) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _place(path: Any) -> str:
    return ".".join("[]" if isinstance(part, int) else str(part) for part in path).replace(".[]", "[]")


def _what(error: Any) -> str:
    match error.validator:
        case "required":
            return "lacks " + str(error.message).split("'")[1]
        case "enum":
            return f"{error.instance!r} is not one of its words"
        case "type":
            return f"is {type(error.instance).__name__}, not {error.validator_value}"
        case _:
            return f"breaks {error.validator}"
