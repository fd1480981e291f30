"""Pydantic's errors as findings: place, code, what, why, and a fix that works when typed (its grammar: `fixes`).

One mistake is one finding: a misspelled key is not missing as well, a union of which every arm fails has one fault,
and of several faults at one place ours counts first. No value of the input is quoted, but in a fix, where it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inferctl.json_types import path_text
from inferctl.syntax.document import DECIMAL_POINT, Why
from inferctl.syntax.finding import Finding
from inferctl.syntax.fixes import Mender, nearest
from inferctl.syntax.model_places import Place, at, known_names, root

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from inferctl.json_types import Path

_KINDS = {
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
_RANGES = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "finite_number": "a finite number",
}
_LIMITS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))
_WORDS = ("literal_error", "enum", "union_tag_invalid")


@dataclass(frozen=True, slots=True)
class Wording:
    """How a document speaks of its faults: the codes, and the reasons where the model has no better one (`Why`)."""

    unknown: str
    missing: str
    wrong_type: str
    value: str  # whatever has no code of its own below
    range: str = ""
    enum: str = ""
    noun: str = "field"
    document: str = "the document"
    why_type: str = "nothing is converted"
    why_missing: str = ""
    why_value: str = "another value is refused before anything is sent"


@dataclass(frozen=True, slots=True)
class _Arm:
    """One arm of a union that is at `path`."""

    path: Path
    tag: str
    place: Place


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error: where it is in the value, what the model says there, and the arm of a union it belongs to."""

    kind: str
    path: Path
    context: Mapping[str, Any]
    place: Place
    owner: type[BaseModel] | None
    arm: _Arm | None

    @property
    def own(self) -> bool:
        return "." in self.kind


def findings(
    error: ValidationError,
    value: Any,
    model: type[BaseModel],
    wording: Wording,
    *,
    validate: Callable[[Any], object] | None = None,
    known: Callable[[type[BaseModel]], Sequence[str]] = known_names,
) -> list[Finding]:
    """The findings of `error`, which `model` raised for `value`; paths from the root of the value.

    `validate` tries a value (where a context is needed), and `known` says which keys of a model count here.
    """
    faults = _one_arm([_fault(one, value, model) for one in _errors(error)])
    judge = _Judge(value, model, validate or model.model_validate, faults)
    translator = _Translator(value, wording, known, Mender(value, judge.mends))
    return translator.findings(faults)


def first_sentence(error: ValidationError, value: Any, model: type[BaseModel]) -> tuple[Path, str]:
    """The place of the first fault and what is wrong there: for values that no person writes."""
    fault = _one_arm([_fault(one, value, model) for one in _errors(error)])[0]
    words = Wording("", "", "", "")
    return fault.path, _Translator(value, words, known_names, Mender(value, lambda *_: False)).what([fault])


def _errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _fault(error: ErrorDetails, value: Any, model: type[BaseModel]) -> _Fault:
    path: list[str | int] = []
    arm: _Arm | None = None
    place, owner = root(model), None
    location, kind = error["loc"], error["type"]
    for index, part in enumerate(location):
        names_a_key = index == len(location) - 1 and kind in ("missing", "extra_forbidden")
        if isinstance(value, Mapping):
            is_part = names_a_key or not place.is_tag(part, value)
        else:
            is_part = isinstance(part, int) and isinstance(value, Sequence) and part < len(value)
        if is_part:
            owner, place = place.model, place.inside(part)
            path.append(part)
            value = at(value, (part,))
        else:
            if arm is None and part != "[key]" and len(place.arms) > 1:
                arm = _Arm(tuple(path), str(part), place)
            place = place.narrowed(part)
    context = error.get("ctx", {})
    path += context.get("at", ()) if "." in kind else ()
    tag = str(context.get("discriminator", "")).strip("'")
    if kind.startswith("union_tag") and tag.isidentifier() and isinstance(value, Mapping):
        # The field that says which model is meant is like any other field with a few words.
        path.append(tag)
        kind, place = "literal_error" if tag in value else "missing", place.shared(tag)
    return _Fault(kind, tuple(path), context, place, owner, arm)


def _one_arm(faults: list[_Fault]) -> list[_Fault]:
    """Of a union only the arm that is closest to what is written; one fault where even that one has several."""
    unions: dict[Path, dict[str, list[_Fault]]] = {}
    for fault in faults:
        if fault.arm is not None:
            unions.setdefault(fault.arm.path, {}).setdefault(fault.arm.tag, []).append(fault)
    instead: dict[int, list[_Fault]] = {}
    for path, arms in unions.items():
        shaped = [found for found in arms.values() if all(one.path != path for one in found)]
        if len(arms) > 1 and shaped:
            first = next(iter(arms.values()))[0]
            best = min(shaped, key=_mistakes)
            for one in (one for found in arms.values() for one in found):
                instead[id(one)] = []
            whole = _Fault("no_arm", path, {}, first.arm.place if first.arm is not None else Place(()), None, None)
            instead[id(first)] = best if _mistakes(best) == 1 else [whole]
    return [one for fault in faults for one in instead.get(id(fault), [fault])]


def _mistakes(faults: Sequence[_Fault]) -> int:
    """How many there are, a misspelled key and the missing one that it stands for taken as one."""
    missing = [str(one.path[-1]) for one in faults if one.kind == "missing"]
    strange = [str(one.path[-1]) for one in faults if one.kind == "extra_forbidden"]
    return len(faults) - sum(bool(nearest(name, missing)) for name in strange)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Tries changed values: whether a fault is gone, and whether no other came."""

    value: Any
    model: type[BaseModel]
    validate: Callable[[Any], object]
    faults: list[_Fault]

    def mends(self, changed: Any, path: Path, alone: bool) -> bool:  # noqa: FBT001  the one flag of a callback
        try:
            self.validate(changed)
        except ValidationError as error:
            left = {_fault(one, changed, self.model).path for one in _errors(error)}
        else:
            return True
        if any(one[: len(path)] == path for one in left):
            return False
        return not alone or left <= {fault.path for fault in self.faults}


@dataclass(frozen=True, slots=True)
class _Translator:
    value: Any
    wording: Wording
    known: Callable[[type[BaseModel]], Sequence[str]]
    mender: Mender

    def findings(self, faults: list[_Fault]) -> list[Finding]:
        at_place: dict[Path, list[_Fault]] = {}
        for fault in faults:
            at_place.setdefault(fault.path, []).append(fault)
        meant: dict[Path, str] = {}
        for path, here in at_place.items():
            if here[0].kind == "extra_forbidden" and not any(one.own for one in here):
                name = self._meant(here[0], {other[-1] for other in meant if other[:-1] == path[:-1]})
                if name:
                    meant[path] = name
        right = {(*path[:-1], name) for path, name in meant.items()}
        found = []
        for path, here in at_place.items():
            finding = self._finding(here, meant.get(path, ""))
            if finding.code != self.wording.missing or path not in right:
                found.append(finding)
        return found

    def _meant(self, fault: _Fault, taken: set[str | int]) -> str:
        if fault.owner is None:
            return ""
        beside = at(self.value, fault.path[:-1])
        free = [name for name in self.known(fault.owner) if name not in beside and name not in taken]
        return nearest(str(fault.path[-1]), free)

    def _finding(self, here: list[_Fault], meant: str) -> Finding:
        fault = next((one for one in here if one.own), here[0])
        if fault.own:
            said = fault.context
            fix = said.get("fix", "") or self._fix(fault)
            return Finding(
                fault.path, fault.kind, said["what"], said.get("why", ""), fix, said.get("points_at", "value")
            )
        words, path = self.wording, fault.path
        if fault.kind == "extra_forbidden":
            code, points_at = words.unknown, "key"
            names = self.known(fault.owner) if fault.owner is not None else ()
            why = f"known here: {', '.join(names) or 'none'}"
            fix = self._renamed(fault, meant) if meant else f"remove {path[-1]}"
        elif fault.kind == "missing":
            owner = path_text(path[:-1]) or words.document
            code, points_at = words.missing, "key"
            why = self._why(fault, words.why_missing or f"{owner} is of no use without it")
            fix = self._fix(fault)
        else:
            code, points_at = self._code(here), "value"
            why = self._why(fault, self._reason(here, code))
            fix = self._fix(fault)
        return Finding(path, code, self.what(here), why, fix, "key" if points_at == "key" else "value")

    def what(self, here: list[_Fault]) -> str:
        """What is wrong at a place, in one sentence that quotes no value."""
        fault, words = here[0], self.wording
        path, name = fault.path, str(fault.path[-1]) if fault.path else words.document
        owner = path_text(fault.path[:-1])
        if fault.own:
            return str(fault.context["what"])
        if fault.kind == "extra_forbidden":
            return f"{name!r} is not a {words.noun} of {owner or words.document}"
        if fault.kind == "missing":
            return f"{name} is missing" + (f" in {owner}" if owner else "")
        text = path_text(path) or words.document
        other = next((one for one in here if one.kind not in _KINDS), None)
        if other is not None:
            return f"{text} must be {self._asked(other)}"
        kinds = list(dict.fromkeys(_KINDS[one.kind] for one in here))
        found = at(self.value, path)
        is_key = not isinstance(found, Mapping) and found is None and fault.kind == "string_type" and not path
        if fault.kind == "no_arm":
            return f"{text} must be {' or '.join(kinds)}: {_forms(fault.place)}"
        return f"{text} must be {' or '.join(kinds)}" + ("" if is_key else f", not {kind_of(found)}")

    def _asked(self, fault: _Fault) -> str:
        kind, context, place = fault.kind, fault.context, fault.place
        if kind in _WORDS:
            words = [str(word) for word in place.words] or [str(context.get("expected") or context["expected_tags"])]
            return f"one of {', '.join(words)}" if len(words) > 1 else words[0]
        if kind in _RANGES:
            limits = [f"{word} {place.bound(name):g}" for name, word in _LIMITS if place.bound(name) is not None]
            exact = kind == "multiple_of" or not limits
            return _RANGES[kind].format(**context) if exact else " and ".join(limits)
        if kind in ("string_too_short", "too_short"):
            least = context["min_length"]
            unit = "character" if kind == "string_too_short" else "item"
            return f"at least {least} {unit}{'s' if least != 1 else ''} long"
        if kind in ("string_too_long", "too_long"):
            return f"at most {context['max_length']} {'characters' if kind == 'string_too_long' else 'items'} long"
        return "a date" if kind.startswith("date_") else "of another form"

    def _code(self, here: list[_Fault]) -> str:
        words = self.wording
        kind = next((one.kind for one in here if one.kind not in _KINDS), "")
        if not kind:
            return words.wrong_type
        return (words.enum if kind in _WORDS else words.range if kind in _RANGES else "") or words.value

    def _reason(self, here: list[_Fault], code: str) -> str:
        if code == self.wording.wrong_type and all(one.kind in _KINDS for one in here):
            return self.wording.why_type
        near = next((one for one in here if one.kind in _WORDS), None)
        return "nothing else is known here" if near is not None else self.wording.why_value

    def _why(self, fault: _Fault, otherwise: str) -> str:
        return next((mark.text for mark in fault.place.marks if isinstance(mark, Why)), otherwise)

    def _fix(self, fault: _Fault) -> str:
        return self.mender.replaced(fault.path, fault.place)

    def _renamed(self, fault: _Fault, meant: str) -> str:
        assert fault.owner is not None
        return self.mender.renamed(fault.path, meant, root(fault.owner).inside(meant))


def _forms(place: Place) -> str:
    """`{env: …} or {file: …}`."""
    return " or ".join("{" + ", ".join(f"{name}: …" for name in known_names(model)) + "}" for model in place.models)


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
