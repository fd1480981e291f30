"""What a reading of the API says, as plain rows: the form in which the two readings are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from inferctl.emulator.profiles import PROFILES
from inferctl.model.versions import SERVERLESS, Version

PARTS = ("service_settings", "task_settings")
KINDS = (
    "",
    "float",
    "int8",
    "byte",
    "bit",
    "binary",
)  # element types: the similarity that is filled in depends on them
# The release that a profile plays: of a line alone the pages would tell what all of its patches have.
VERSIONS = {
    name: SERVERLESS if profile.serverless else Version.parse(profile.number) for name, profile in PROFILES.items()
}


@dataclass(frozen=True)
class Field:
    """One field, for one task type on one profile. What only a PUT can ask of it stays empty where none may have it."""

    type: str
    secret: bool
    put: bool  # whether a PUT may carry it
    words: tuple[str, ...]  # of an enum
    seen: str  # in GET, over all versions: always, never, sometimes
    live: bool  # moves by itself
    filled: Mapping[str, Any]  # what the server fills in, by element type (or ""); None where it is measured
    required: bool = False
    updatable: bool = False
    least: float | None = None
    most: float | None = None
    may_be_empty: bool = False
    other_names: tuple[str, ...] = ()
    in_get: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by word: the key and the word of GET
    inside_required: tuple[str, ...] = ()
    inside_filled: Mapping[str, Any] = field(default_factory=dict)
    inside_bounds: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A task type that a service offers on one profile. `fields` by part and name."""

    chunked: bool
    rate_limit: int | None
    fields: Mapping[tuple[str, str], Field]


@dataclass(frozen=True)
class Service:
    """A service that one profile has."""

    title: str
    name_in_get: str
    in_cluster: bool
    deprecated: bool
    tasks: Mapping[str, Task]


Reading = Mapping[str, Mapping[str, Service]]  # by profile and name
Place = tuple[str, ...]


def facts(reading: Reading) -> dict[Place, dict[str, Any]]:
    """Each fact under its place, and there by profile: ("openai", "text_embedding", "service_settings", "url", "seen")."""
    found: dict[Place, dict[str, Any]] = {}
    for profile, services in reading.items():
        for name, service in services.items():
            for place, value in _facts(service):
                found.setdefault((name, *place), {})[profile] = value
    return found


def _facts(row: Any) -> list[tuple[Place, Any]]:
    found: list[tuple[Place, Any]] = [(("exists",), True)]
    for item in fields(row):
        value = getattr(row, item.name)
        if item.name in ("tasks", "fields"):
            for name, inner in value.items():
                place = name if isinstance(name, tuple) else (name,)
                found += [((*place, *rest), said) for rest, said in _facts(inner)]
        else:
            found.append(((item.name,), value))
    return found
