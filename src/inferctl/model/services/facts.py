"""What is known of one field of one service. Plain data; the modules beside this one are full of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.json_types import Json, JsonObject
    from inferctl.model.versions import Since, Version

# `float` is a number that must be written with a decimal point: 1.0, not 1.
Kind = Literal["string", "integer", "number", "float", "boolean", "enum", "list", "object", "map"]
Fold = Literal["lower", "upper"]
# What a list or a free mapping holds. `scalar` is a string, a number, true or false; `pair` a list of two strings.
Items = Literal["", "string", "scalar", "pair"]


@dataclass(frozen=True, slots=True)
class By:
    """A default that depends: on the task type, or on another setting of the endpoint."""

    name: str
    values: Mapping[str, Json]
    otherwise: Json = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One field.

    Given (strings are not empty, but for `may_be_empty`): `required` is True, False, or the condition in words (a rule of the service then checks it);
    `required_since` the first version that requires it. `put_allowed` is False where a PUT that carries the
    field is refused, or names the task types that may carry it. `aliases` are other names that a PUT may use,
    with the name of the part where that is another one (`task_settings.model`). `enum_since` holds the words
    of `enum` that came later than the field.

    Shown: `default` is what the server fills in or works with; `filled` says that GET then shows it. `hidden`
    is never shown; `unseen` names the task types for which some versions do not show it. `fold` is how GET
    spells the word, `synonyms` maps what may be PUT to what GET shows, `shown_as` is the key in GET where it is
    another. `live` values move by themselves.

    Changed: `updatable_since` is the first version whose `_update` really changes the field; None means never
    (before it most servers answer 200 and change nothing).

    `task_types` empty means all of the service. `uncertain` facts, and `updatable_uncertain` versions, are to
    be read back. `evidence` is S source, C specification, P pull request, R recollection, V run, W wire tables.
    """

    type: Kind
    description: str = ""
    required: bool | str = False
    required_since: Since | None = None
    secret: bool = False
    enum: tuple[str | int, ...] = ()
    enum_since: Mapping[str, Since] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    default: Json | By = None
    filled: bool = False
    hidden: bool = False
    unseen: frozenset[str] = frozenset()
    live: bool = False
    fold: Fold | None = None
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
    fields: Mapping[str, Fact] = field(default_factory=dict)
    note: str = ""
    update_note: str = ""
    uncertain: bool = False
    evidence: str = ""

    def applies_to(self, task_type: str) -> bool:
        """Whether an endpoint of this task type may have the field."""
        return not self.task_types or task_type in self.task_types

    def may_be_put(self, task_type: str) -> bool:
        """Whether a PUT of this task type may carry the field."""
        return self.put_allowed if isinstance(self.put_allowed, bool) else task_type in self.put_allowed

    def exists_in(self, version: Version) -> bool:
        """Whether a server of this version knows the field."""
        if self.until is not None and version.effective() > self.until:
            return False
        return self.since is None or self.since.includes(version)

    def required_in(self, version: Version) -> bool:
        """Whether a server of this version refuses a PUT without it, whatever else is given."""
        if self.required_since is not None:
            return self.required_since.includes(version)
        return self.required is True

    def words(self, version: Version) -> tuple[str, ...]:
        """The words of an enum that a server of this version takes."""
        every = tuple(str(word) for word in self.enum)
        return tuple(w for w in every if w not in self.enum_since or self.enum_since[w].includes(version))

    def default_for(self, task_type: str, settings: JsonObject | None = None) -> Json:
        """What the server fills in or works with; None when nothing, or when it is computed.

        `settings` are those of the endpoint: some defaults depend on another setting.
        """
        if not isinstance(self.default, By):
            return self.default
        by = self.default
        asked = task_type if by.name == "task_type" else str((settings or {}).get(by.name, ""))
        return by.values.get(asked, by.otherwise)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task type as one service offers it. `rate_limit` is the default of requests per minute.

    `rate_limit_until` is the last version line that has a rate limit at all.
    """

    since: Since
    rate_limit: int | None = None
    rate_limit_until: Version | None = None
    uncertain: bool = False
    note: str = ""

    def rate_limit_in(self, version: Version) -> int | None:
        """Requests per minute that a server of this version fills in; None where there is no such setting."""
        if self.rate_limit_until is not None and version.effective() > self.rate_limit_until:
            return None
        return self.rate_limit


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with settings: where (from `service_settings` or `task_settings` down), what, why, fix."""

    path: tuple[str | int, ...]
    code: str
    message: str
    why: str
    fix: str = ""
    points_at: Literal["key", "value"] = "value"
