"""Services that run in the cluster, and the names of settings: other names that a PUT may use, and the one that GET shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.services.setting import Setting


PARTS = ("service_settings", "task_settings")
_IN_CLUSTER = frozenset({"elasticsearch", "elser"})


def runs_in_cluster(service: str) -> bool:
    """Whether models of a service run on the cluster's own machine-learning nodes."""
    return service in _IN_CLUSTER


@dataclass(frozen=True, slots=True)
class NamedSettings:
    """Settings under their own names. `origin` says where a moved one stands; `twice` lists paths given doubly."""

    service_settings: JsonObject
    task_settings: JsonObject
    origin: Mapping[Path, Path] = field(default_factory=dict)
    twice: tuple[tuple[Path, Path], ...] = ()

    def part(self, name: str) -> JsonObject:
        return self.service_settings if name == "service_settings" else self.task_settings

    def as_written(self, path: Path) -> Path:
        """The path as the file has it."""
        start = self.origin.get(tuple(path[:2]))
        return path if start is None else (*start, *path[2:])


def place_of_alias(alias: str, part: str) -> tuple[str, str]:
    """The part and the key that another name means, of a setting in `part`."""
    home, dot, key = alias.partition(".")
    return (home, key) if dot else (part, alias)


def named(facts: Mapping[str, Mapping[str, Setting]], settings: Mapping[str, JsonObject]) -> NamedSettings:
    """Replace aliases; `facts` and `settings` by part."""
    parts: dict[str, dict[str, Json]] = {part: dict(settings[part]) for part in PARTS}
    origin: dict[Path, Path] = {}
    twice: list[tuple[Path, Path]] = []
    for part in PARTS:
        for name, fact in facts[part].items():
            for alias in fact.aliases:
                home, key = place_of_alias(alias, part)
                if key not in parts[home]:
                    continue
                written: Path = (home, key)
                if name in parts[part]:
                    twice.append((written, origin.get((part, name), (part, name))))
                else:
                    parts[part][name] = parts[home][key]
                    origin[part, name] = written
                del parts[home][key]
    return NamedSettings(parts["service_settings"], parts["task_settings"], origin, tuple(twice))


# What `passthrough: true` lets by: names, and combinations of settings, that a newer server may take. Wrong values stay
# errors.
LET_THROUGH = frozenset(
    {
        "field.unknown",
        "field.version",
        "field.task-type",
        "field.removed",
        "service.task-type",
        "chunking.strategy",
        "rule.combination",
        "rule.provider",
    }
)
