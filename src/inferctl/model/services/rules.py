"""Conditions between settings, as data that a page lists. Each checks itself and says in words what it wants.

A rule sees settings under their own names (aliases are replaced before). Where a server is too old for a
setting, the rule leaves that setting out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.model.services.facts import Problem

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Since, Version


@dataclass(frozen=True, slots=True)
class Asked:
    """The settings of one endpoint, and the server they are for."""

    service: Service
    task_type: str
    service_settings: JsonObject
    task_settings: JsonObject
    version: Version

    def part(self, name: str) -> JsonObject:
        return self.service_settings if name == "service_settings" else self.task_settings

    def word(self, name: str) -> str:
        """A setting as a lower-case word; empty when it is not given or no word."""
        value = self.service_settings.get(name)
        return value.strip().lower() if isinstance(value, str) else ""

    def known(self, names: Sequence[str], part: str = "service_settings") -> list[str]:
        """Those that exist for this task type and version."""
        facts = self.service.fields(part, self.task_type)
        return [name for name in names if name in facts and facts[name].exists_in(self.version)]


Rule = Callable[[Asked], list[Problem]]


@dataclass(frozen=True, slots=True)
class When:
    """For these task types, for these values of another setting (`otherwise` is its default), from and to a version.

    `without` names a setting that is not given.
    """

    task_types: frozenset[str] = frozenset()
    setting: str = ""
    values: frozenset[str] = frozenset()
    otherwise: str = ""
    without: str = ""
    since: Since | None = None
    until: Version | None = None

    def holds(self, asked: Asked) -> bool:
        if self.task_types and asked.task_type not in self.task_types:
            return False
        if self.without and self.without in asked.service_settings:
            return False
        if self.since is not None and not self.since.includes(asked.version):
            return False
        if self.until is not None and asked.version.effective() > self.until:
            return False
        return not self.setting or (asked.word(self.setting) or self.otherwise) in self.values

    def __str__(self) -> str:
        """In words: "for rerank, where provider is google or unset"."""
        parts = []
        if self.task_types:
            parts.append(f"for {' and '.join(sorted(self.task_types))}")
        if self.setting:
            unset = " or unset" if self.otherwise in self.values and self.otherwise else ""
            parts.append(f"where {self.setting} is {' or '.join(sorted(self.values))}{unset}")
        if self.without:
            parts.append(f"without {self.without}")
        if self.since is not None:
            parts.append(f"from {self.since.text()}")
        if self.until is not None:
            parts.append(f"until {self.until}")
        return ", ".join(parts)


ALWAYS = When()


@dataclass(frozen=True, slots=True)
class Needs:
    """These settings are required under a condition."""

    fields: tuple[str, ...]
    when: When = ALWAYS

    def __call__(self, asked: Asked) -> list[Problem]:
        if not self.when.holds(asked):
            return []
        missing = [name for name in asked.known(self.fields) if name not in asked.service_settings]
        return [_missing(name, f"{asked.service.name} needs it {self.when}".rstrip()) for name in missing]

    def __str__(self) -> str:
        return f"{' and '.join(self.fields)} must be given {self.when}".rstrip()


@dataclass(frozen=True, slots=True)
class With:
    """Settings that go together: `leader` needs all `companions`, and they need it."""

    leader: str
    companions: tuple[str, ...]

    def __call__(self, asked: Asked) -> list[Problem]:
        known = asked.known((self.leader, *self.companions))
        given = [name for name in known if name in asked.service_settings]
        if not given or len(given) == len(known):
            return []
        why = f"{', '.join(known)} go together"
        return [_missing(name, why) for name in known if name not in given]

    def __str__(self) -> str:
        return f"{self.leader}, {', '.join(self.companions)} go together"


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of these settings; exactly one where they are `exclusive`."""

    fields: tuple[str, ...]
    when: When = ALWAYS
    exclusive: bool = False

    def __call__(self, asked: Asked) -> list[Problem]:
        if not self.when.holds(asked):
            return []
        known = asked.known(self.fields)
        if not known:
            return []  # this server has none of them: what is given is refused as too new
        given = [name for name in known if name in asked.service_settings]
        if len(known) == 1 and not given:
            return [_missing(known[0], f"{asked.service.name} needs it")]
        if not given:
            what = f"one of {', '.join(known)} must be given"
            why = f"{asked.service.name} needs {'exactly' if self.exclusive else 'at least'} one of them"
            return [Problem(("service_settings", known[0]), "rule.one-of", what, f"{why} {self.when}".rstrip(),
                            f"service_settings: {{{known[0]}: …}}", "key")]  # fmt: skip
        if self.exclusive:
            return [
                Problem(("service_settings", name), "rule.exclusive", f"{name} cannot stand beside {given[0]}",
                        f"{asked.service.name} takes exactly one of {', '.join(known)}", f"remove {name} or {given[0]}",
                        "key")
                for name in given[1:]
            ]  # fmt: skip
        return []

    def __str__(self) -> str:
        count = "exactly one" if self.exclusive else "at least one"
        return f"{count} of {', '.join(self.fields)} {self.when}".rstrip()


@dataclass(frozen=True, slots=True)
class Refuses:
    """Settings that the server refuses, or never looks at, under a condition."""

    fields: tuple[str, ...]
    when: When
    because: str
    part: str = "service_settings"

    def __call__(self, asked: Asked) -> list[Problem]:
        if not self.when.holds(asked):
            return []
        return [
            Problem(
                (self.part, name), "rule.combination", f"{name} cannot be set here", self.because, "remove it", "key"
            )
            for name in self.fields
            if name in asked.part(self.part)
        ]

    def __str__(self) -> str:
        return f"no {' or '.join(self.fields)} {self.when}: {self.because}"


@dataclass(frozen=True, slots=True)
class Providers:
    """Which providers offer which task type; `by` is a second setting that decides."""

    offers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    by: str = ""

    def __call__(self, asked: Asked) -> list[Problem]:
        provider, kind = asked.word("provider"), asked.word(self.by) if self.by else ""
        table = self.offers.get(asked.task_type, {})
        if not provider or kind not in table or provider in table[kind]:
            return []
        known = ", ".join(table[kind])
        where = f"{asked.task_type} with {self.by} {kind}" if kind else asked.task_type
        why = f"providers for it: {known}" if known else f"no provider offers {where}"
        fix = f"provider: {table[kind][0]}" if known else f"another {self.by}"
        return [Problem(("service_settings", "provider"), "rule.provider",
                        f"{provider} does not offer {where}", why, fix)]  # fmt: skip

    def __str__(self) -> str:
        rows = [
            f"{task}{f' ({kind})' if kind else ''}: {', '.join(names) or 'none'}"
            for task, table in self.offers.items()
            for kind, names in table.items()
        ]
        return "providers by task type: " + "; ".join(rows)


def words_of(rule: Rule) -> str:
    """What a rule wants, for people: rules that are functions say it in their docstring."""
    if isinstance(rule, Needs | With | OneOf | Refuses | Providers):
        return str(rule)
    return " ".join((rule.__doc__ or "").split())


def _missing(name: str, why: str) -> Problem:
    return Problem(("service_settings", name), "field.missing", f"{name} is missing", why,
                   f"service_settings: {{{name}: …}}", "key")  # fmt: skip
