"""Marks: what is known of a setting and pydantic has no word for. They stand in `Annotated`, beside plain types.

A mark says some attributes of a `Setting`, which `setting.py` gathers. Versions are written as in `Since("8.12")`,
`Since("8.19", "9.1")` (both lines), `Since("9.3")` (the 8.x line never got it) and `Since("9.4.8", "9.5.5")` (patches).
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import Field

from inferctl.json_types import Json
from inferctl.model.versions import UNRELEASED, Version
from inferctl.model.versions import Since as Versions
from inferctl.model.versions import since as versions

# _update exists since then, and took secrets and task settings from the start (docs/reference/server/update.md#merge).
FIRST_UPDATE = versions("8.17")


class Mark:
    """Attributes of a `Setting`, by name."""

    __slots__ = ("says",)

    def __init__(self, **says: Any) -> None:
        self.says = says


class By(NamedTuple):
    """A default that depends: on the task type, or on another setting of the endpoint."""

    name: str
    values: Mapping[str, Json]
    otherwise: Json = None


def Doc(text: str) -> Any:
    """What the setting is, in a sentence. Editors and `inferctl explain` show it."""
    return Field(description=text)


def Example(value: Json) -> Any:
    """A value to start from."""
    return Field(examples=[value])


def Note(text: str) -> Mark:
    """Something else to know."""
    return Mark(note=text)


def Since(*firsts: str) -> Mark:
    """The first versions that know the setting; without any: it is in no release."""
    return Mark(since=_versions(firsts))


def Until(last: str) -> Mark:
    """The last version line that takes the setting."""
    return Mark(until=Version.parse(last))


def Only(task_types: frozenset[str]) -> Mark:
    """The task types that have the setting."""
    return Mark(task_types=task_types)


def Required(*firsts: str) -> Mark:
    """Needed wherever the setting applies; with a version: by servers from that version on."""
    return Mark(required_since=_versions(firsts)) if firsts else Mark(required=True)


def Updatable(*firsts: str, note: str = "", uncertain: bool = False) -> Mark:
    """The first version whose `_update` really changes the setting. Before it most servers answer 200 and do nothing.

    `uncertain`: the version is the later of two candidates. Without a mark: never, but for secrets and task settings.
    """
    return Mark(updatable_since=_versions(firsts), update_note=note, updatable_uncertain=uncertain)


def UpdateNote(text: str) -> Mark:
    """What an `_update` does with the setting beside its version."""
    return Mark(update_note=text)


def Filled(value: "Json | By" = None) -> Mark:
    """The server fills the setting in and GET shows it: with this value, or (None) with one that it works out."""
    return Mark(filled=True, default=value)


def Default(value: Json) -> Mark:
    """The server works with this value and does not show it."""
    return Mark(default=value)


def Hidden() -> Mark:
    """GET never shows the setting."""
    return Mark(hidden=True)


def Unseen(task_types: frozenset[str]) -> Mark:
    """Task types for which some versions do not show the setting."""
    return Mark(unseen=task_types)


def Live() -> Mark:
    """GET shows a value that moves by itself."""
    return Mark(live=True)


def Fold(case: Literal["lower", "upper"]) -> Mark:
    """The case in which GET spells the word."""
    return Mark(fold=case)


def Shows(words: Mapping[str, str]) -> Mark:
    """Words that GET shows for other words that were PUT."""
    return Mark(synonyms=words)


def ShownAs(key: str) -> Mark:
    """The key under which GET shows the setting."""
    return Mark(shown_as=key)


def Also(*names: str) -> Mark:
    """Other names that a PUT may use; `task_settings.model` for one in another part."""
    return Mark(aliases=names)


def NotPut() -> Mark:
    """GET shows the setting, and a PUT that carries it is refused."""
    return Mark(put_allowed=False)


def PutOnly(task_types: frozenset[str]) -> Mark:
    """The task types whose PUT may carry the setting."""
    return Mark(put_allowed=task_types)


def WordsSince(first: str, words: tuple[str, ...]) -> Mark:
    """Words that came later than the setting."""
    return Mark(enum_since=dict.fromkeys(words, versions(first)))


def Uncertain(evidence: str) -> Mark:
    """Sources disagree, or there is only one: to be read back. The letters are those of docs/reference/server/README.md."""
    return Mark(uncertain=True, evidence=evidence)


def SentTo(name: str = "", *, host: str = "") -> Mark:
    """The setting whose host gets a secret that does not go to the service itself; or that host, where none names it."""
    return Mark(sent_to=name, sent_to_host=host)


def _versions(firsts: tuple[str, ...]) -> Versions:
    return versions(*firsts) if firsts else UNRELEASED
