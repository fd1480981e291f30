"""Settings classes -> JSON Schema, by pydantic's generator, for one server and one task type of one service.

What the server or the task type does not have falls away. Which keys may stand there says `closed` by itself:
`passthrough` lets others by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inferctl.model.fact_words import hover_text
from inferctl.model.services.conditions import Providers
from inferctl.model.services.marks import By
from inferctl.model.services.setting import Setting, settings_of
from inferctl.model.services.settings import Settings
from inferctl.syntax.editor_schema import EditorSchema

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_conditions import Schema

_SETTING = "inferctl_setting"


class ServerSchema(EditorSchema):
    """For one document: a generator works once."""

    def __init__(self, version: Version, service: Service | None = None, task_type: str = "") -> None:
        super().__init__()
        self.version, self.service, self.task_type = version, service, task_type
        self.setting: Setting | None = None  # whose value is being made

    def schema_of(self, model: type[BaseModel]) -> Schema:
        """The schema of a class."""
        if not model.__pydantic_complete__:
            model.model_rebuild()
        made = self.generate(model.__pydantic_core_schema__)
        for name, setting in settings_of(model).items() if self.service is not None else ():
            fewer = self._narrowed(setting)
            if fewer is not setting and name in made["properties"]:
                made["properties"][name]["markdownDescription"] = hover_text(fewer, fewer)
        return {word: said for word, said in made.items() if word not in ("title", "description")}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A mapping of settings that exist here. Of those that only the server sets, the hover is left."""
        cls = schema["cls"]
        if not issubclass(cls, Settings):
            return super().model_schema(schema)
        known = {
            name: self._narrowed(setting)
            for name, setting in settings_of(cls).items()
            if setting.applies_to(self.task_type) and setting.exists_in(self.version)
        }
        inner: Any = schema["schema"]
        fields = {
            name: {**inner["fields"][name], "metadata": {**inner["fields"][name].get("metadata", {}), _SETTING: one}}
            for name, one in known.items()
            if one.may_be_put(self.task_type)
        }
        made = super().model_schema({**schema, "schema": {**inner, "fields": fields}})
        held = made["properties"]
        made["properties"] = {n: held.get(n, {"doNotSuggest": True}) for n in known if n in held or cls.part}
        required = [n for n in fields if known[n].required_in(self.version) and not known[n].aliases]
        made["required"] = required
        unsaid = {"title", "additionalProperties", *(() if required else ("required",))}
        return {word: said for word, said in made.items() if word not in unsaid}

    def model_field_schema(self, schema: core_schema.ModelField) -> JsonSchemaValue:
        """The value of a setting, with the default that this task type has."""
        outer, self.setting = self.setting, schema.get("metadata", {}).get(_SETTING)
        made = super().model_field_schema(schema)
        setting, self.setting = self.setting, outer
        if setting is not None and (default := self._default(setting)) is not None:
            made = {**made, "default": default}
        return made

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """The words that this server takes. No `const`: of one arm among several an editor proposes it for all."""
        words = schema["expected"]
        if self.setting is not None:
            words = [word for word in self.setting.words(self.version) if word in words]
        return {"type": "string", "enum": words}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """A mapping. What its tag decides stands in `if`/`then`, by version."""
        del schema
        return {"type": "object"}

    def _narrowed(self, setting: Setting) -> Setting:
        """With the providers that offer the task type."""
        asked = self.service.conditions if self.service is not None and setting.name == "provider" else ()
        fewer = [word for one in asked if isinstance(one, Providers) for word in one.words(self.task_type)]
        return replace(setting, enum=tuple(word for word in setting.enum if word in fewer)) if fewer else setting

    def _default(self, setting: Setting) -> Any:
        if setting.name == "requests_per_minute" and self.service is not None:
            return self.service.task_types[self.task_type].rate_limit_in(self.version)
        by_task = isinstance(setting.default, By) and setting.default.name == "task_type"
        return setting.default_for(self.task_type) if by_task else None


def closed(schema: Schema) -> Schema:
    """A mapping that holds the settings of this schema and no others, all the way down."""
    return {
        "properties": {
            name: closed(held) if "properties" in held and "additionalProperties" not in held else True
            for name, held in schema.get("properties", {}).items()
        },
        "additionalProperties": False,
    }
