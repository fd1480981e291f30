"""One service: its page, and the questions that validation and planning ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.model.services.check import check_settings
from inferctl.model.services.fold import fold_settings
from inferctl.model.services.names import PARTS, Named, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.json_types import JsonObject, Path
    from inferctl.model.services.facts import Fact, Problem, TaskFacts
    from inferctl.model.services.rules import Rule
    from inferctl.model.versions import Since, Version


@dataclass(frozen=True, slots=True)
class Service:
    """A page of the catalogue. `observed_name` is what GET calls the service where it is another name."""

    name: str
    title: str
    since: Since
    task_types: Mapping[str, TaskFacts]
    service_settings: Mapping[str, Fact]
    task_settings: Mapping[str, Fact] = field(default_factory=dict)
    observed_name: str = ""
    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    deprecated: Since | None = None
    internal: bool = False
    uncertain: bool = False
    # A plan of a thousand endpoints asks the same few questions of a page; the answers never change.
    _answers: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def runs_in_cluster(self) -> bool:
        """Whether its models run on the cluster's own machine-learning nodes."""
        return self.name in ("elasticsearch", "elser")

    def fields(self, part: str, task_type: str) -> Mapping[str, Fact]:
        """The fields of `service_settings` or `task_settings` that an endpoint of this task type may have."""
        found: Mapping[str, Fact] | None = self._answers.get((part, task_type))
        if found is None:
            every = self.service_settings if part == "service_settings" else self.task_settings
            found = {name: fact for name, fact in every.items() if fact.applies_to(task_type)}
            self._answers[part, task_type] = found
        return found

    def field(self, path: Path, task_type: str) -> Fact | None:
        """The fact behind a path such as ("service_settings", "rate_limit", "requests_per_minute")."""
        if len(path) < 2 or path[0] not in PARTS:
            return None
        fact = self.fields(str(path[0]), task_type).get(str(path[1]))
        for part in path[2:]:
            if fact is None or not fact.fields:
                return fact
            fact = fact.fields.get(str(part))
        return fact

    def secret_fields(self, task_type: str) -> tuple[str, ...]:
        """The names of the write-only fields of `service_settings`."""
        return tuple(n for n, fact in self.fields("service_settings", task_type).items() if fact.secret)

    def unseen(self, task_type: str) -> frozenset[Path]:
        """Settings that some versions do not show for this task type: absent in GET says nothing about them."""
        found: frozenset[Path] | None = self._answers.get(("unseen", task_type))
        if found is None:
            found = frozenset(
                (part, name)
                for part in PARTS
                for name, fact in self.fields(part, task_type).items()
                if task_type in fact.unseen
            )
            self._answers["unseen", task_type] = found
        return found

    def named(self, task_type: str, service_settings: JsonObject, task_settings: JsonObject) -> Named:
        """The settings under their own names, aliases replaced."""
        facts = {part: self.fields(part, task_type) for part in PARTS}
        return named(facts, {"service_settings": service_settings, "task_settings": task_settings})

    def validate(
        self, task_type: str, service_settings: JsonObject, task_settings: JsonObject, version: Version | None
    ) -> list[Problem]:
        """All that is wrong, for a server of this version (None: the newest known)."""
        return check_settings(self, task_type, service_settings, task_settings, version)

    def fold(self, part: str, settings: JsonObject, task_type: str) -> JsonObject:
        """One comparable form of what is PUT and what GET shows: case, synonyms, empty objects, secrets gone."""
        return fold_settings(self.fields(part, task_type), settings)
