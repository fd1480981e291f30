"""One setting of one service, as everything but pydantic asks for it: read from the class of a page and its marks."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from inferctl.json_types import Json, JsonObject
from inferctl.model.services.marks import FIRST_UPDATE, By, Mark
from inferctl.model.services.types import LARGEST
from inferctl.model.versions import Since, Version
from inferctl.secrets.reference import SecretRef, variable_name
from inferctl.syntax.document import DecimalNumber

# `float` is a number that must be written with a decimal point: 1.0, not 1.
Kind = Literal["string", "integer", "number", "float", "boolean", "list", "object"]
# What a list or a free mapping holds. `scalar` is a string, a number, true or false; `pair` a list of two strings.
Model = type[BaseModel]
Items = Literal["", "string", "scalar", "pair"]


@dataclass(frozen=True, slots=True)
class Setting:
    """All that is known of a setting. The attributes have the meaning of the marks of the same name (`marks.py`).

    From the annotation: `type`, `items` and `fields` (what it holds), `enum`, `minimum`, `maximum`, `pattern` (a regular
    expression for all of the text), `may_be_empty`, `secret`, and `required` where the class has no default for it.
    From the type: `address` (it names the host that is asked, or its scheme; of headers `Host` does). `task_types` empty means all of the service.
    `updatable_since` None means never. `required_when` says in words when the conditions of the page ask for it.
    """

    name: str
    type: Kind
    description: str = ""
    required: bool = False
    required_since: Since | None = None
    secret: bool = False
    enum: tuple[str, ...] = ()
    enum_since: Mapping[str, Since] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    address: Literal["", "url", "host", "scheme", "headers"] = ""
    default: "Json | By" = None
    filled: bool = False
    hidden: bool = False
    unseen: frozenset[str] = frozenset()
    live: bool = False
    fold: Literal["lower", "upper"] | None = None
    synonyms: Mapping[str, str] = field(default_factory=dict)
    shown_as: str = ""
    aliases: tuple[str, ...] = ()
    put_allowed: bool | frozenset[str] = True
    may_be_empty: bool = False
    since: Since | None = None
    until: Version | None = None
    updatable_since: Since | None = None
    updatable_uncertain: bool = False
    task_types: frozenset[str] = frozenset()
    items: Items = ""
    fields: Mapping[str, "Setting"] = field(default_factory=dict)
    note: str = ""
    update_note: str = ""
    uncertain: bool = False
    evidence: str = ""
    sent_to: str | None = None
    sent_to_host: str = ""
    required_when: tuple[str, ...] = ()
    model: Model | None = field(default=None, repr=False)

    @property
    def example(self) -> Json:
        """A value that would do, for a fix: what the class offers."""
        # Only a fault asks.
        from inferctl.syntax.fixes import offered  # noqa: PLC0415
        from inferctl.syntax.model_places import place_of  # noqa: PLC0415

        assert self.model is not None
        return next(iter(offered(self.name, place_of(self.model, self.name))), None)

    @property
    def is_optional(self) -> bool:
        """Whether no server and no condition of the page ever asks for it."""
        return not (self.required or self.required_since or self.required_when)

    def applies_to(self, task_type: str) -> bool:
        """Whether an endpoint of this task type may have the setting."""
        return not self.task_types or task_type in self.task_types

    def may_be_put(self, task_type: str) -> bool:
        """Whether a PUT of this task type may carry the setting."""
        return self.put_allowed if isinstance(self.put_allowed, bool) else task_type in self.put_allowed

    def exists_in(self, version: Version) -> bool:
        """Whether a server of this version knows the setting."""
        if self.until is not None and version.effective() > self.until:
            return False
        return self.since is None or self.since.includes(version)

    def required_in(self, version: Version) -> bool:
        """Whether a server of this version refuses a PUT without it, whatever else is given."""
        if self.required_since is not None:
            return self.required_since.includes(version)
        return self.required

    def words(self, version: Version) -> tuple[str, ...]:
        """The words of an enum that a server of this version takes."""
        return tuple(w for w in self.enum if w not in self.enum_since or self.enum_since[w].includes(version))

    def default_for(self, task_type: str, settings: JsonObject | None = None) -> Json:
        """What the server fills in or works with; None when nothing, or when it is computed.

        `settings` are those of the endpoint: some defaults depend on another setting.
        """
        if not isinstance(self.default, By):
            return self.default
        by = self.default
        asked = task_type if by.name == "task_type" else str((settings or {}).get(by.name, ""))
        return by.values.get(asked, by.otherwise)


@cache
def settings_of(model: type[BaseModel]) -> Mapping[str, Setting]:
    """The settings of a class, in its order."""
    asking = [condition.asks for condition in getattr(model, "conditions", ())]
    return {
        name: _setting(model, name, tuple(text for asks in asking if (text := asks(name))))
        for name in model.model_fields
    }


def _setting(model: type[BaseModel], name: str, required_when: tuple[str, ...]) -> Setting:
    known, usual = model.model_fields[name], getattr(model, "usual", {})
    kind, metadata = _unwrapped(known.annotation)
    facts: dict[str, Any] = {**usual, "required": known.is_required(), **_held(kind)}
    if facts.get("secret"):
        facts["updatable_since"] = FIRST_UPDATE  # every _update takes secrets
    for mark in (*metadata, *known.metadata):
        facts |= _said(mark)
    facts |= _described(known)
    return Setting(name=name, required_when=required_when, model=model, **facts)


def _said(mark: Any) -> dict[str, Any]:
    match mark:
        case Mark():
            return mark.says
        case Ge():
            return {"minimum": mark.ge}
        case Le():
            return {} if mark.le == LARGEST else {"maximum": mark.le}  # the width of an integer is nobody's bound
        case MinLen():
            return {"may_be_empty": False}
        case BeforeValidator() if mark in get_args(DecimalNumber):
            return {"type": "float"}
        case FieldInfo():
            inside = {key: value for part in mark.metadata for key, value in _said(part).items()}
            return inside | _described(mark)
        case _:
            # pydantic has no public name for the mark that it makes of `pattern`.
            pattern = getattr(mark, "pattern", None)
            return {"pattern": pattern} if isinstance(pattern, str) else {}


def give_secret_examples(model: type[BaseModel], owner: str) -> None:
    """Each secret of a class gets the reference that a file would hold: `{env: OPENAI_API_KEY}`."""
    for name, known in model.model_fields.items():
        kind, _ = _unwrapped(known.annotation)
        if kind is SecretRef and not known.examples:
            known.examples = [{"env": variable_name(owner, name)}]


def _described(known: FieldInfo) -> dict[str, Any]:
    return {"description": known.description} if known.description else {}


def _unwrapped(annotation: Any) -> tuple[Any, list[Any]]:
    """The type under `X | None` and `Annotated`, with what is said at each level, the inner first."""
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        kind, metadata = _unwrapped(inner)
        return kind, [*metadata, *said]
    if get_origin(annotation) in (Union, types.UnionType):
        arms = [arm for arm in get_args(annotation) if arm is not type(None)]
        if len(arms) == 1:
            return _unwrapped(arms[0])
    return annotation, []


_PLAIN: Mapping[Any, Kind] = {int: "integer", float: "number", bool: "boolean", Any: "object"}


def _held(kind: Any) -> dict[str, Any]:
    """What values of a type hold."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind is SecretRef:
        return {"type": "string", "secret": True}
    if origin is Literal:
        return {"type": "string", "enum": inside}
    if origin is list:
        return {"type": "list", "items": _items(inside[0])}
    if origin is dict:
        held, _ = _unwrapped(inside[1])
        return {"type": "object", "secret": held is SecretRef, "items": _items(inside[1])}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {"type": "object", "fields": settings_of(kind), "description": (kind.__doc__ or "").split("\n")[0]}
    if kind is str:
        return {"type": "string", "may_be_empty": True}
    return {"type": _PLAIN[kind]}


def _items(held: Any) -> Items:
    kind, _ = _unwrapped(held)
    if kind in (str, SecretRef):
        return "string"
    if get_origin(kind) is list:
        return "pair"
    arms = set(get_args(kind))
    if arms == {str, SecretRef}:
        return "string"
    return "scalar" if arms >= {str, bool} else ""
