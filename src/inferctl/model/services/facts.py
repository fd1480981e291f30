"""What is known of one field of one service. Plain data; the modules beside this one are full of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from inferctl.json_types import Json
    from inferctl.model.versions import Since, Version

Kind = Literal["string", "integer", "number", "boolean", "enum", "list", "object", "map"]
Fold = Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One field.

    `required` is True, False, or the condition in words. `default` is what the server fills in; a
    mapping means by task type. `task_types` empty means all of the service. `updatable_since` is the
    first version whose `_update` really changes the field; None means never (before it most servers
    answer 200 and change nothing). `fold` is how GET spells the value; `synonyms` maps what may be PUT
    to what GET shows. `live` values move by themselves. `uncertain` facts are to be read back.
    """

    type: Kind
    description: str = ""
    required: bool | str = False
    secret: bool = False
    enum: tuple[str | int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    default: Json = None
    filled: bool = False
    hidden: bool = False
    live: bool = False
    fold: Fold | None = None
    synonyms: Mapping[str, str] = field(default_factory=dict)
    put_allowed: bool = True
    since: Since | None = None
    until: Version | None = None
    updatable_since: Since | None = None
    task_types: frozenset[str] = frozenset()
    fields: Mapping[str, Fact] = field(default_factory=dict)
    note: str = ""
    uncertain: bool = False
    evidence: str = ""

    def applies_to(self, task_type: str) -> bool:
        """Whether an endpoint of this task type may have the field."""
        return not self.task_types or task_type in self.task_types

    def exists_in(self, version: Version) -> bool:
        """Whether a server of this version knows the field."""
        if self.until is not None and version.effective() > self.until:
            return False
        return self.since is None or self.since.includes(version)

    def updatable_in(self, version: Version) -> bool:
        """Whether `_update` changes it on a server of this version."""
        return self.updatable_since is not None and self.updatable_since.includes(version)

    def default_for(self, task_type: str) -> Json:
        """What the server fills in for this task type; None when nothing, or when it is computed."""
        if isinstance(self.default, Mapping) and self.type not in ("object", "map"):
            return self.default.get(task_type)
        return self.default


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task type as one service offers it. `rate_limit` is the default of requests per minute."""

    since: Since
    rate_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with settings: where (from `service_settings` or `task_settings` down), what, why, fix."""

    path: tuple[str | int, ...]
    code: str
    message: str
    why: str
    fix: str = ""
    points_at: Literal["key", "value"] = "value"
