"""What is wrong at a place, in one sentence that quotes no value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.json_types import path_text, value_at
from inferctl.syntax.document import DECIMAL_POINT
from inferctl.syntax.model_places import Place, known_names

if TYPE_CHECKING:
    from pydantic import BaseModel

    from inferctl.json_types import Path

KINDS = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    DECIMAL_POINT: "a number with a decimal point",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "date_type": "a date",
    "datetime_type": "a date and time",
    "none_required": "null",
    "union_tag_not_found": "a mapping",
    "no_arm": "a mapping of another form",
}
RANGES = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "finite_number": "a finite number",
}
_LIMITS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))
WORDS = ("literal_error", "enum", "union_tag_invalid")


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a union that is at `path`."""

    path: Path
    tag: str
    place: Place


@dataclass(frozen=True, slots=True)
class Fault:
    """One error: where it is in the value, what the model says there, and the arm of a union it belongs to."""

    kind: str
    path: Path
    context: Mapping[str, Any]
    place: Place
    owner: type[BaseModel] | None
    arm: Arm | None

    @property
    def own(self) -> bool:
        return "." in self.kind


def sentence(here: Sequence[Fault], value: Any, noun: str = "field", document: str = "the document") -> str:
    """What the faults of one place of `value` say together."""
    fault = here[0]
    path, owner = fault.path, path_text(fault.path[:-1])
    if fault.own:
        return str(fault.context["what"])
    if fault.kind == "extra_forbidden":
        return f"{str(path[-1])!r} is not a {noun} of {owner or document}"
    if fault.kind == "missing":
        return f"{path[-1]} is missing" + (f" in {owner}" if owner else "")
    text = path_text(path) or document
    other = next((one for one in here if one.kind not in KINDS), None)
    if other is not None:
        return f"{text} must be {_asked(other)}"
    kinds = " or ".join(dict.fromkeys(KINDS[one.kind] for one in here))
    found = _forms(fault.place) if fault.kind == "no_arm" else f"not {_unlike(kinds, value_at(value, path))}"
    return f"{text} must be {kinds}, {found}"


def _unlike(kinds: str, value: object) -> str:
    is_fraction = isinstance(value, float) and "a whole number" in kinds
    return "one with a decimal point" if is_fraction else kind_of(value)


def _asked(fault: Fault) -> str:
    kind, context, place = fault.kind, fault.context, fault.place
    if kind in WORDS:
        words = [str(word) for word in place.words] or [str(context.get("expected", "another"))]
        return f"one of {', '.join(words)}" if len(words) > 1 else words[0]
    if kind in RANGES:
        limits = [f"{word} {place.bound(name):.15g}" for name, word in _LIMITS if place.bound(name) is not None]
        exact = kind == "multiple_of" or not limits
        return RANGES[kind].format(**context) if exact else " and ".join(limits)
    if kind in ("string_too_short", "too_short"):
        least = context["min_length"]
        unit = "character" if kind == "string_too_short" else "item"
        return f"at least {least} {unit}{'s' if least != 1 else ''} long"
    if kind in ("string_too_long", "too_long"):
        return f"at most {context['max_length']} {'characters' if kind == 'string_too_long' else 'items'} long"
    if kind == "string_pattern_mismatch" and place.examples:
        return f"of the form of {' or '.join(map(str, place.examples))}"
    return "a date" if kind.startswith("date_") else "of another form"


def _forms(place: Place) -> str:
    """`as in {env: …} or {file: …}`."""
    return "as in " + " or ".join(
        "{" + ", ".join(f"{name}: …" for name in known_names(model)) + "}" for model in place.models
    )


def kind_of(value: object) -> str:
    """`null`, `a boolean`, `a number`, `a string`, `a mapping`, `a list`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a mapping" if isinstance(value, Mapping) else "a list"
