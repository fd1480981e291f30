"""What a pydantic model of ours needs beside pydantic: words for values of the program, and faults in our own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError, core_schema

from inferctl.json_types import path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import Enum

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
    from pydantic_core import CoreSchema

_OURS: Final = "ours"  # the type of a fault whose message is a sentence of ours
# What is said of pydantic's own: its words could quote the value.
_SENTENCES: Final = {
    "string_type": "a string is expected",
    "bool_type": "true or false is expected",
    "tuple_type": "a list is expected",
    "frozen_set_type": "a list is expected",
    "dict_type": "an object is expected",
    "model_type": "an object is expected",
    "too_short": "a path is expected",
    "invalid_key": "there is a key that is no text",
}


def fault(what: str) -> PydanticCustomError:
    """To be raised by a validator. No value of the document belongs in it."""
    return PydanticCustomError(_OURS, "{what}", {"what": what})


def first_fault(error: ValidationError) -> tuple[str, str]:
    """Its place (`plan.changes[3].action`) and what is wrong there, in one sentence without a value."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    kind, keys = first["type"], first["loc"]
    # Keys can be a stranger's: one line, and none of its characters steers anything.
    place = tuple(key if isinstance(key, int) or key.isprintable() else ascii(key) for key in keys)
    if kind == "missing":
        return path_text(place[:-1]), f"{place[-1]} is missing"
    if kind == "extra_forbidden":
        return path_text(place[:-1]), f"unknown key {str(keys[-1])[:60]!r}"
    return path_text(place), first["msg"] if kind == _OURS else _SENTENCES.get(kind, "another value is expected")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A mark: what is said, once, where the value is something else."""

    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(handler(source), _OURS, custom_error_message=self.what)


@dataclass(frozen=True, slots=True)
class Word:
    """A mark: a value of the program that stands in the document as a text.

    `read` raises LookupError or ValueError for a text that means none. `form` is the rest of its JSON Schema.
    """

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    expected: str
    form: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: object) -> Any:
            if isinstance(value, str):
                try:
                    return self.read(value)
                except (LookupError, ValueError):
                    pass
            elif isinstance(value, source):
                return value
            raise fault(f"{self.expected} is expected")

        written = core_schema.plain_serializer_function_ser_schema(self.write)
        return core_schema.no_info_plain_validator_function(read, serialization=written)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", **self.form}


def one_of(members: Iterable[Enum]) -> Word:
    """The members of an enum by their words."""
    words = {_word(member): member for member in members}
    return Word(words.__getitem__, _word, f"one of {', '.join(words)}", {"enum": list(words)})


def _word(member: Enum) -> str:
    return str(getattr(member, "word", member.value))
