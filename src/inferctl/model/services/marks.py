"""Marks: what is known of a setting and pydantic has no word for. They stand in `Annotated`, beside plain types.

A mark is a value that says some attributes of a `Setting`; `setting.py` gathers them. Versions are written as in
`Since("8.12")`, `Since("8.19", "9.1")` (both lines) and `Since("9.3")` (the 8.x line never got it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from inferctl.json_types import Json
from inferctl.model.versions import UNRELEASED, Version
from inferctl.model.versions import Since as Versions
from inferctl.model.versions import since as versions

# _update exists since then, and took secrets and task settings from the start (docs/reference/server/update.md#merge).
FIRST_UPDATE = versions("8.17")


@dataclass(frozen=True, slots=True)
class By:
    """A default that depends: on the task type, or on another setting of the endpoint."""

    name: str
    values: Mapping[str, Json]
    otherwise: Json = None


class Mark:
    """Says some attributes of a `Setting`."""

    __slots__ = ()

    def says(self) -> dict[str, Any]:
        """The attributes, by name."""
        raise NotImplementedError


def Doc(text: str) -> Any:  # noqa: N802  it stands among marks
    """What the setting is, in a sentence. Editors and `inferctl explain` show it."""
    return Field(description=text)


def Example(value: Json) -> Any:  # noqa: N802  it stands among marks
    """A value to start from."""
    return Field(examples=[value])


@dataclass(frozen=True, slots=True)
class Since(Mark):
    """The first version that knows the setting; without a version: it is in no release."""

    first: str = ""
    line9: str | None = None

    def says(self) -> dict[str, Any]:
        return {"since": _versions(self.first, self.line9)}


@dataclass(frozen=True, slots=True)
class Until(Mark):
    """The last version line that takes the setting."""

    last: str

    def says(self) -> dict[str, Any]:
        return {"until": Version.parse(self.last)}


@dataclass(frozen=True, slots=True)
class Only(Mark):
    """The task types that have the setting."""

    task_types: frozenset[str]

    def says(self) -> dict[str, Any]:
        return {"task_types": self.task_types}


@dataclass(frozen=True, slots=True)
class Required(Mark):
    """Needed wherever the setting applies; with a version: by servers from that version on."""

    first: str = ""
    line9: str | None = None

    def says(self) -> dict[str, Any]:
        return {"required_since": _versions(self.first, self.line9)} if self.first else {"required": True}


@dataclass(frozen=True, slots=True)
class Updatable(Mark):
    """The first version whose `_update` really changes the setting. Before it most servers answer 200 and do nothing.

    `uncertain`: the version is the later of two candidates. Without a mark: never, but for secrets and task settings.
    """

    first: str
    line9: str | None = None
    note: str = field(default="", kw_only=True)
    uncertain: bool = field(default=False, kw_only=True)

    def says(self) -> dict[str, Any]:
        return {
            "updatable_since": _versions(self.first, self.line9),
            "update_note": self.note,
            "updatable_uncertain": self.uncertain,
        }


@dataclass(frozen=True, slots=True)
class Never(Mark):
    """No `_update` changes the setting, although it is one of those that updates usually change."""

    def says(self) -> dict[str, Any]:
        return {"updatable_since": None}


@dataclass(frozen=True, slots=True)
class UpdateNote(Mark):
    """What an `_update` does with the setting beside its version."""

    text: str

    def says(self) -> dict[str, Any]:
        return {"update_note": self.text}


@dataclass(frozen=True, slots=True)
class Filled(Mark):
    """The server fills the setting in and GET shows it: with this value, or (None) with one that it works out."""

    value: "Json | By" = None

    def says(self) -> dict[str, Any]:
        return {"filled": True, "default": self.value}


@dataclass(frozen=True, slots=True)
class Default(Mark):
    """The server works with this value and does not show it."""

    value: Json

    def says(self) -> dict[str, Any]:
        return {"default": self.value}


@dataclass(frozen=True, slots=True)
class Hidden(Mark):
    """GET never shows the setting."""

    def says(self) -> dict[str, Any]:
        return {"hidden": True}


@dataclass(frozen=True, slots=True)
class Unseen(Mark):
    """Task types for which some versions do not show the setting."""

    task_types: frozenset[str]

    def says(self) -> dict[str, Any]:
        return {"unseen": self.task_types}


@dataclass(frozen=True, slots=True)
class Live(Mark):
    """GET shows a value that moves by itself."""

    def says(self) -> dict[str, Any]:
        return {"live": True}


@dataclass(frozen=True, slots=True)
class Fold(Mark):
    """The case in which GET spells the word."""

    case: Literal["lower", "upper"]

    def says(self) -> dict[str, Any]:
        return {"fold": self.case}


@dataclass(frozen=True, slots=True)
class Shows(Mark):
    """Words that GET shows for other words that were PUT."""

    words: Mapping[str, str]

    def says(self) -> dict[str, Any]:
        return {"synonyms": self.words}


@dataclass(frozen=True, slots=True)
class ShownAs(Mark):
    """The key under which GET shows the setting."""

    key: str

    def says(self) -> dict[str, Any]:
        return {"shown_as": self.key}


class Also(Mark):
    """Other names that a PUT may use; `task_settings.model` for one in another part."""

    __slots__ = ("names",)

    def __init__(self, *names: str) -> None:
        self.names = names

    def says(self) -> dict[str, Any]:
        return {"aliases": self.names}


@dataclass(frozen=True, slots=True)
class NotPut(Mark):
    """GET shows the setting, and a PUT that carries it is refused."""

    def says(self) -> dict[str, Any]:
        return {"put_allowed": False}


@dataclass(frozen=True, slots=True)
class PutOnly(Mark):
    """The task types whose PUT may carry the setting."""

    task_types: frozenset[str]

    def says(self) -> dict[str, Any]:
        return {"put_allowed": self.task_types}


@dataclass(frozen=True, slots=True)
class WordsSince(Mark):
    """Words that came later than the setting."""

    first: str
    words: tuple[str, ...]

    def says(self) -> dict[str, Any]:
        return {"enum_since": dict.fromkeys(self.words, versions(self.first))}


@dataclass(frozen=True, slots=True)
class Note(Mark):
    """Something else to know."""

    text: str

    def says(self) -> dict[str, Any]:
        return {"note": self.text}


@dataclass(frozen=True, slots=True)
class Uncertain(Mark):
    """Sources disagree, or there is only one: to be read back. `evidence` has the letters of the server reference."""

    evidence: str

    def says(self) -> dict[str, Any]:
        return {"uncertain": True, "evidence": self.evidence}


def _versions(first: str, line9: str | None) -> Versions:
    return versions(first, line9) if first else UNRELEASED
