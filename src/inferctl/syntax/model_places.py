"""What a model says about one place of a value: its types, bounds, examples, and the fields beside it."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

_UNIONS = (Union, types.UnionType)


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `marks` is all that stands in `Annotated` there: bounds, `Why`, and marks of others."""

    arms: tuple[Any, ...]  # the types without Annotated, Optional and Union
    marks: tuple[object, ...] = ()
    field: FieldInfo | None = None
    optional: bool = True

    @property
    def model(self) -> type[BaseModel] | None:
        """The model of a mapping that stands here."""
        return next(iter(self.models), None)

    @property
    def models(self) -> list[type[BaseModel]]:
        """All models that a mapping may be of here."""
        return [arm for arm in self.arms if _is_model(arm)]

    @property
    def words(self) -> tuple[Any, ...]:
        """The words of a `Literal` or an enum."""
        return tuple(word for arm in self.arms if get_origin(arm) is Literal for word in get_args(arm))

    @property
    def examples(self) -> tuple[Any, ...]:
        """Those of the field, and of the types it may have."""
        found: list[Any] = []
        for info in (self.field, *(mark for mark in self.marks if isinstance(mark, FieldInfo))):
            found += (info and info.examples) or ()
        return tuple(found)

    def bound(self, *names: str) -> Any:
        """The first of these limits (`ge`, `gt`, `le`, `lt`, `multiple_of`, `min_length`) that is set; else None."""
        for mark in self.marks:
            for name in names:
                limit = getattr(mark, name, None)
                if limit is not None and not isinstance(mark, FieldInfo):
                    return limit
        return None

    def inside(self, part: str | int) -> Place:
        """The place of a key or of a list position."""
        for arm in self.arms:
            if _is_model(arm) and isinstance(part, str):
                name = field_name(arm, part)
                if name is not None:
                    return place_of(arm, name)
            kind, arguments = get_origin(arm), get_args(arm)
            if isinstance(kind, type) and arguments:
                if issubclass(kind, Mapping) and isinstance(part, str):
                    return _place(arguments[-1])
                if issubclass(kind, Sequence | Set) and not issubclass(kind, str) and isinstance(part, int):
                    return _place(arguments[0])
        return Place(())

    def shared(self, key: str) -> Place:
        """The place of a field that all models of a union have: the words of all."""
        inner = [place_of(arm, key) for arm in self.models if key in arm.model_fields]
        return Place(tuple(arm for one in inner for arm in one.arms), optional=False)

    def is_tag(self, part: str | int, raw: object) -> bool:
        """Whether a part of an error's location names an arm of a union, and no key of the value."""
        if not isinstance(part, str):
            return False
        if not isinstance(raw, Mapping) or part not in raw:
            return self.model is None or field_name(self.model, part) is None or len(self.arms) > 1
        if len(self.arms) < 2 or not self.models:
            return False
        tags = {mark.tag for mark in self.marks if isinstance(mark, Tag)}
        for arm in self.models:
            tags |= {word for info in arm.model_fields.values() for word in _place(info.annotation).words}
        return part in tags or part in {arm.__name__ for arm in self.models}

    def narrowed(self, tag: str | int) -> Place:
        """The place once it is known which arm of the union is meant."""
        named = [arm for arm in self.models if arm.__name__ == tag]
        tagged = [
            arm
            for arm in self.models
            if any(tag in _place(info.annotation).words for info in arm.model_fields.values())
        ]
        return Place(tuple(named or tagged or self.arms), self.marks, self.field, self.optional)


@lru_cache(maxsize=2_048)
def place_of(model: type[BaseModel], name: str) -> Place:
    """The place of a field, by its name in Python."""
    info = model.model_fields[name]
    found = _place(info.annotation)
    return Place(found.arms, (*info.metadata, *found.marks), info, not info.is_required())


def root(model: type[BaseModel]) -> Place:
    """The place of the whole value."""
    return Place((model,), optional=False)


def known_names(model: type[BaseModel]) -> list[str]:
    """The keys of the model as a file spells them."""
    return [_spelled(name, info)[0] for name, info in model.model_fields.items()]


@lru_cache(maxsize=4_096)
def field_name(model: type[BaseModel], key: str) -> str | None:
    """The name in Python of the field that a file spells `key`."""
    if key in model.model_fields:
        return key
    return next((name for name, info in model.model_fields.items() if key in _spelled(name, info)), None)


def _spelled(name: str, info: FieldInfo) -> list[str]:
    alias = info.validation_alias or info.alias
    choices = [alias] if isinstance(alias, str) else list(getattr(alias, "choices", ()))
    return [choice for choice in choices if isinstance(choice, str)] or [name]


def _place(annotation: Any) -> Place:
    arms: list[Any] = []
    marks: list[object] = []
    for arm, found in _arms(annotation):
        arms.append(arm)
        marks += found
    return Place(tuple(arm for arm in arms if arm is not type(None)), tuple(marks))


def _arms(annotation: Any) -> Iterator[tuple[Any, list[object]]]:
    kind = get_origin(annotation)
    if kind is Annotated:
        inner, *marks = get_args(annotation)
        more = [limit for mark in marks if isinstance(mark, FieldInfo) for limit in mark.metadata]
        for index, (arm, found) in enumerate(_arms(inner)):
            yield arm, [*found, *((*marks, *more) if index == 0 else ())]
    elif kind in _UNIONS:
        for inner in get_args(annotation):
            yield from _arms(inner)
    elif hasattr(annotation, "__value__"):
        yield from _arms(annotation.__value__)
    else:
        yield annotation, []


def _is_model(arm: Any) -> bool:
    return isinstance(arm, type) and issubclass(arm, BaseModel)
