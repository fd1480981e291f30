"""A model's JSON Schema as editors like it: draft-07, in one piece, without null and without made-up titles.

Pydantic's own generator does the work. What an editor shows beside it (`patternErrorMessage`, `enumDescriptions`,
`defaultSnippets`) stands in the model's `json_schema_extra`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import CoreSchema, core_schema

DRAFT = "http://json-schema.org/draft-07/schema#"


class EditorSchema(GenerateJsonSchema):
    """For documents that people write. No model may hold itself."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """The schema with every model where it is used: beside a `$ref`, draft-07 has no room for a description."""
        made = super().generate(schema, mode)
        models = made.pop("$defs", {})
        inlined: JsonSchemaValue = _inlined(made, models)
        return inlined

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """An absent key may be written as null; an editor does not propose it."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default only where there is a value to show."""
        made = super().default_schema(schema)
        if made.get("default") is None or isinstance(made["default"], Mapping | list):
            made.pop("default", None)
        return made

    def union_schema(self, schema: core_schema.UnionSchema) -> JsonSchemaValue:
        """Types that differ are one list of types: an editor then says what is wrong, and not that no arm fits."""
        made = super().union_schema(schema)
        arms = made.get("anyOf", [])
        kinds = [arm.get("type") for arm in arms]
        if (
            arms
            and len(set(map(str, kinds))) == len(kinds)
            and all(kind in _SIMPLE and "enum" not in arm for kind, arm in zip(kinds, arms, strict=True))
        ):
            return {**{key: inner for arm in arms for key, inner in arm.items()}, "type": kinds}
        return made

    def frozenset_schema(self, schema: core_schema.FrozenSetSchema) -> JsonSchemaValue:
        """What is said twice is said once."""
        made = super().frozenset_schema(schema)
        made.pop("uniqueItems", None)
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """A key is its own title."""
        del schema
        return False


_SIMPLE = ("string", "integer", "number", "boolean", "array")


def editor_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema of a document."""
    made = model.model_json_schema(schema_generator=EditorSchema)
    return {"$schema": DRAFT, **made, "title": title}


def _inlined(value: Any, models: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(item, models) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        beside = {key: inner for key, inner in value.items() if key != "$ref"}
        model = {key: inner for key, inner in models[value["$ref"].rpartition("/")[2]].items() if key != "title"}
        return _inlined({**model, **beside}, models)
    return {key: _inlined(inner, models) for key, inner in value.items()}
