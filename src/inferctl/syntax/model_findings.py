"""Pydantic's errors as findings: place, code, what, why, and a fix that works when typed (its grammar: `fixes`).

One mistake is one finding: a misspelled key is not missing as well, a union of which every arm fails has one fault,
and of several faults at one place ours counts first. No value of the input is quoted, but in a fix, where it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inferctl.json_types import object_of, path_text, value_at
from inferctl.nearest import nearest
from inferctl.syntax.document import Why
from inferctl.syntax.finding import MOST_SHOWN, Finding
from inferctl.syntax.fixes import Mender, removal
from inferctl.syntax.model_places import Place, known_names, root
from inferctl.syntax.model_sentences import KINDS, RANGES, WORDS, Arm, Fault, sentence

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from inferctl.json_types import Path
    from inferctl.syntax.locate import PointsAt

# Validations of changed values, and the faults these find, for all fixes of one value.
_TRIALS = 20_000
_FIRST = 100


@dataclass(frozen=True, slots=True)
class Wording:
    """How a document speaks of its faults: the codes, and the reasons where the model has no better one (`Why`)."""

    unknown: str
    missing: str
    wrong_type: str
    value: str  # whatever has no code of its own below
    range: str = ""
    enum: str = ""
    form: str = ""
    noun: str = "field"
    document: str = "the document"
    why_type: str = "nothing is converted"
    why_missing: str = ""
    why_value: str = "another value is refused before anything is sent"


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
    known_paths = frozenset(fault.path for fault in faults)
    judge = _Judge(value, model, validate or model.model_validate, known_paths)
    translator = _Translator(value, wording, known, Mender(value, judge.mends), judge)
    return translator.findings(faults)


def first_sentence(error: ValidationError, value: Any, model: type[BaseModel]) -> tuple[Path, str]:
    """The place of the first fault and what is wrong there: for values that no person writes."""
    # A stranger's file can be wrong everywhere.
    faults = _one_arm([_fault(one, value, model) for one in _errors(error)[:_FIRST]])
    path = faults[0].path
    return path, sentence([fault for fault in faults if fault.path == path], value)


def _errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _fault(error: ErrorDetails, value: Any, model: type[BaseModel]) -> Fault:
    path: list[str | int] = []
    arm: Arm | None = None
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
            value = value_at(value, (part,))
        else:
            if arm is None and part != "[key]" and len(place.arms) > 1:
                arm = Arm(tuple(path), str(part), place)
            place = place.narrowed(part)
    context = error.get("ctx", {})
    if context.get("located"):
        path = list(location)
    path += context.get("at", ()) if "." in kind else ()
    tag = str(context.get("discriminator", "")).strip("'")
    if kind.startswith("union_tag") and tag.isidentifier() and isinstance(value, Mapping):
        # The field that says which model is meant is like any other field with a few words.
        path.append(tag)
        kind, place = "literal_error" if tag in value else "missing", place.shared(tag)
    return Fault(kind, tuple(path), context, place, owner, arm)


def _one_arm(faults: list[Fault]) -> list[Fault]:
    """Of a union only the arm that is closest to what is written; one fault where even that one has several."""
    unions: dict[Path, dict[str, list[Fault]]] = {}
    for fault in faults:
        if fault.arm is not None:
            unions.setdefault(fault.arm.path, {}).setdefault(fault.arm.tag, []).append(fault)
    instead: dict[int, list[Fault]] = {}
    for path, arms in unions.items():
        shaped = [found for found in arms.values() if all(one.path != path for one in found)]
        if len(arms) > 1 and shaped:
            first = next(iter(arms.values()))[0]
            best = min(shaped, key=_mistakes)
            for one in (one for found in arms.values() for one in found):
                instead[id(one)] = []
            whole = Fault("no_arm", path, {}, first.arm.place if first.arm is not None else Place(()), None, None)
            instead[id(first)] = best if _mistakes(best) == 1 else [whole]
    return [one for fault in faults for one in instead.get(id(fault), [fault])]


def _mistakes(faults: Sequence[Fault]) -> int:
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
    known_paths: frozenset[Path]
    # Of a value that is wrong everywhere a trial costs as much as the reading: only the first fixes are tried then.
    budget: list[int] = field(default_factory=lambda: [_TRIALS])

    @property
    def is_tired(self) -> bool:
        return self.budget[0] < 0

    def mends(self, changed: Any, path: Path, alone: bool) -> bool:  # noqa: FBT001  the one flag of a callback
        if self.is_tired:
            return False
        self.budget[0] -= 1
        try:
            self.validate(changed)
        except ValidationError as error:
            self.budget[0] -= error.error_count()
            left = {_fault(one, changed, self.model).path for one in _errors(error)}
        else:
            return True
        if any(one[: len(path)] == path for one in left):
            return False
        return not alone or left <= self.known_paths


@dataclass(frozen=True, slots=True)
class _Translator:
    value: Any
    wording: Wording
    known: Callable[[type[BaseModel]], Sequence[str]]
    mender: Mender
    judge: _Judge
    sections: dict[type[BaseModel], dict[str, str]] = field(default_factory=dict)

    def findings(self, faults: list[Fault]) -> list[Finding]:
        at_place: dict[Path, list[Fault]] = {}
        for fault in faults:
            at_place.setdefault(fault.path, []).append(fault)
        meant: dict[Path, str] = {}
        taken: dict[Path, set[str]] = {}
        for path, here in at_place.items():
            if here[0].kind == "extra_forbidden" and not any(one.own for one in here):
                name = self._meant(here[0], taken.setdefault(path[:-1], set()))
                if name:
                    meant[path] = name
                    taken[path[:-1]].add(name)
        right = {(*path[:-1], name) for path, name in meant.items()}
        found: list[Finding] = []
        for path, here in at_place.items():
            finding = self._finding(here, meant.get(path, ""), mend=len(found) < MOST_SHOWN)
            if finding.code != self.wording.missing or path not in right:
                found.append(finding)
        return found

    def _section(self, fault: Fault) -> str:
        """The key of the mapping beside it in which the unknown key would be known."""
        if fault.owner is None:
            return ""
        if fault.owner not in self.sections:
            within = [(name, Place((fault.owner,)).inside(name).model) for name in self.known(fault.owner)]
            known = [(key, name) for name, model in within if model is not None for key in self.known(model)]
            self.sections[fault.owner] = dict(reversed(known))
        return self.sections[fault.owner].get(str(fault.path[-1]), "")

    def _meant(self, fault: Fault, taken: set[str]) -> str:
        if fault.owner is None or self._section(fault):
            return ""
        beside = value_at(self.value, fault.path[:-1])
        # Only a key that is not there can be meant.
        free = [name for name in self.known(fault.owner) if name not in object_of(beside) and name not in taken]
        return nearest(str(fault.path[-1]), free)

    def _finding(self, here: list[Fault], meant: str, *, mend: bool) -> Finding:
        fault = next((one for one in here if one.own), here[0])
        path, words = fault.path, self.wording
        what = sentence([fault] if fault.own else here, self.value, words.noun, words.document)
        points_at: PointsAt = "key"
        if fault.own:
            code, why, points_at = fault.kind, fault.context.get("why", ""), fault.context.get("points_at", "value")
        elif fault.kind == "extra_forbidden":
            names, section = self.known(fault.owner) if fault.owner is not None else (), self._section(fault)
            belongs = f"; {path[-1]} belongs in {section}" if section else ""
            code, why = words.unknown, f"known here: {', '.join(names) or 'none'}{belongs}"
        elif fault.kind == "missing":
            owner = path_text(path[:-1]) or words.document
            code, why = words.missing, self._why(fault, words.why_missing or f"{owner} is of no use without it")
        else:
            code, points_at = self._code(here), "value"
            why = self._reason(here, code)
        return Finding(path, code, what, why, self._fix(fault, meant) if mend else "", points_at)

    def _fix(self, fault: Fault, meant: str) -> str:
        path = fault.path
        if fault.own and fault.context.get("fix"):
            return str(fault.context["fix"])
        if self.judge.is_tired:
            return removal(str(path[-1])) if fault.kind == "extra_forbidden" else ""
        if fault.own or fault.kind != "extra_forbidden":
            return self.mender.replaced(path, fault.place)
        here, section, fix = Place((fault.owner,)), self._section(fault), ""
        if meant:
            fix = self.mender.renamed(path, meant, here.inside(meant))
        elif section:
            fix = self.mender.moved(path, section, here.inside(section).inside(str(path[-1])))
        return fix or removal(str(path[-1]))

    def _code(self, here: list[Fault]) -> str:
        words = self.wording
        kind = next((one.kind for one in here if one.kind not in KINDS), "")
        if not kind:
            return words.wrong_type
        if kind == "string_pattern_mismatch":
            return words.form or words.value
        return (words.enum if kind in WORDS else words.range if kind in RANGES else "") or words.value

    def _reason(self, here: list[Fault], code: str) -> str:
        if code == self.wording.wrong_type and all(one.kind in KINDS for one in here):
            return self.wording.why_type
        is_word = any(one.kind in WORDS for one in here)
        return self._why(here[0], "nothing else is known here" if is_word else self.wording.why_value)

    def _why(self, fault: Fault, otherwise: str) -> str:
        return next((mark.text for mark in fault.place.marks if isinstance(mark, Why)), otherwise)
