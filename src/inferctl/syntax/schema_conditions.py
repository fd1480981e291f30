"""JSON Schema for editors: the small pieces that conditions are built from.

`doNotSuggest`, `errorMessage`, `defaultSnippets`, `enumDescriptions` and `markdownDescription` are words that
the YAML and JSON language servers understand; validators pass over them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Schema = dict[str, Any]

# The endpoint asks for what this inferctl does not know (docs/reference/endpoint-file.md, passthrough).
LOOSE: Schema = {"required": ["passthrough"], "properties": {"passthrough": {"const": True}}}


def unless_loose(then: Schema) -> Schema:
    """Holds for endpoints without `passthrough: true`."""
    return {"if": LOOSE, "else": then}


def when_key(key: str, word: str, then: Schema) -> Schema:
    """Holds where a key of the mapping is this word. An absent key is not.

    A pattern and no `const`: an editor lists the `const` of every branch as a value that may stand there.
    """
    return {"if": {"required": [key], "properties": {key: one_of([word])}}, "then": then}


def one_of(words: Iterable[str]) -> Schema:
    """A condition: one of these words, as they stand."""
    return {"type": "string", "pattern": rf"^(?:{'|'.join(map(re.escape, words))})$"}


def any_case(words: Iterable[str]) -> str:
    """A pattern for these words in any case, white space around them: the server is as generous."""
    spelled = "|".join("".join(_letter(letter) for letter in word) for word in words)
    return rf"^\s*(?:{spelled})\s*$"


def _letter(letter: str) -> str:
    if letter.isalpha() and letter.lower() != letter.upper():
        return f"[{letter.lower()}{letter.upper()}]"
    return f"\\{letter}" if letter in r".*+?()[]{}|^$\/" else letter


def in_part(part: str, schema: Schema) -> Schema:
    """A condition on `service_settings` or `task_settings`; an absent part fulfils it."""
    return {"properties": {part: schema}}


def has(part: str, name: str) -> Schema:
    """The part is there and holds the setting."""
    return {"required": [part], "properties": {part: {"required": [name]}}}


def refused(part: str, name: str, because: str) -> Schema:
    """The part may not hold the setting."""
    return in_part(part, {"properties": {name: False}, "errorMessage": because})


def not_both(first: str, other: str) -> Schema:
    """A mapping that holds one of the two keys at most."""
    because = f"{other} cannot stand beside {first}"
    return {"if": {"required": [first]}, "then": {"properties": {other: False}, "errorMessage": because}}


def all_of(schemas: Sequence[Schema]) -> Schema:
    """All of them; one stands for itself."""
    return schemas[0] if len(schemas) == 1 else {"allOf": list(schemas)}
