"""`chunking_settings` by version: a class for each strategy, told apart by `if`/`then`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.chunking import STRATEGIES, Recursive, limits
from inferctl.model.fact_words import since_text
from inferctl.model.json_schema.generator import ServerSchema, closed
from inferctl.model.services.setting import settings_of
from inferctl.syntax.schema_words import not_both, when_key

if TYPE_CHECKING:
    from inferctl.model.chunking import Chunking
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_words import Schema


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
