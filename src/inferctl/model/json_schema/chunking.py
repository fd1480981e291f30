"""`chunking_settings` by version. Source: model/chunking.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.chunking import (
    DEFAULT,
    GROUPS,
    MOST_SEPARATORS,
    MOST_SEPARATORS_SINCE,
    STRATEGIES,
    fields,
    largest,
)
from inferctl.model.json_schema.words import when_key
from inferctl.model.services.setting import settings_of
from inferctl.model.wording import since_text

if TYPE_CHECKING:
    from inferctl.model.json_schema.words import Schema
    from inferctl.model.versions import Version

_ABOUT = {
    "sentence": "Whole sentences, up to max_chunk_size words.",
    "word": "A number of words, overlapping.",
    "recursive": "Split at separators, the next one where a piece is still too long.",
    "none": "The text as it is, in one piece.",
}
_EXAMPLES: dict[str, Schema] = {
    "sentence": dict(DEFAULT),
    "word": {"strategy": "word", "max_chunk_size": 250, "overlap": 100},
    "recursive": {"strategy": "recursive", "max_chunk_size": 250, "separator_group": "plaintext"},
    "none": {"strategy": "none"},
}


def _strategies(version: Version) -> list[str]:
    return [name for name, cls in STRATEGIES.items() if cls.since.includes(version)]


def chunking_schema(version: Version) -> Schema:
    """The values of `chunking_settings`; which keys may stand there says `closed_chunking_schema`."""
    known = _strategies(version)
    return {
        "type": "object",
        "defaultSnippets": [{"label": name, "description": _ABOUT[name], "body": _EXAMPLES[name]} for name in known],
        "properties": {
            "strategy": {"description": "How the text is cut. There is no default once the object is given."}
        },
        "allOf": [when_key("strategy", name, _strategy(name, version)) for name in known if name != "none"],
    }


def closed_chunking_schema(version: Version) -> Schema:
    """Known strategies and their keys only. An empty object is as good as none."""
    known = _strategies(version)
    words = {
        "enum": known,
        "enumDescriptions": [f"{_ABOUT[name]} Since {since_text(STRATEGIES[name].since)}." for name in known],
    }
    closed = [
        when_key(
            "strategy",
            name,
            {"properties": dict.fromkeys(("strategy", *fields(name)), True), "additionalProperties": False},
        )
        for name in known
    ]
    return {
        "properties": {"strategy": words},
        "if": {"minProperties": 1},
        "then": {"required": ["strategy"]},
        "allOf": closed,
    }


def _strategy(name: str, version: Version) -> Schema:
    high = largest(version, elser=False)
    size: Schema = {
        "description": "Words per chunk.",
        "type": "integer",
        "minimum": settings_of(STRATEGIES[name])["max_chunk_size"].minimum,
        "default": 250,
    }
    if high is not None:
        size["maximum"] = high
    held: dict[str, Schema] = {"max_chunk_size": size}
    required = ["max_chunk_size"]
    match name:
        case "sentence":
            about = "Sentences that two chunks share."
            held["sentence_overlap"] = {
                "description": about,
                "type": "integer",
                "minimum": 0,
                "maximum": 1,
                "default": 1,
            }
        case "word":
            about = "Words that two chunks share, at most half of max_chunk_size."
            held["overlap"] = {"description": about, "type": "integer", "minimum": 1, "default": 100}
            required.append("overlap")
        case _:
            held |= _separators(version)
    schema: Schema = {"title": f"chunking: {name}", "properties": held, "required": required}
    if name == "recursive":
        because = "separators and separator_group exclude each other"
        group: Schema = {"properties": {"separator_group": False}, "errorMessage": because}
        schema["allOf"] = [{"if": {"required": ["separators"]}, "then": group}]
    return schema


def _separators(version: Version) -> dict[str, Schema]:
    own: Schema = {
        "description": "Regular expressions, the coarsest first.",
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
        "examples": [["\n\n", "\n"]],
    }
    if version >= MOST_SEPARATORS_SINCE:
        own["maxItems"] = MOST_SEPARATORS
    about = "A list of separators that the server knows by name."
    return {"separators": own, "separator_group": {"description": about, "enum": list(GROUPS), "default": "plaintext"}}
