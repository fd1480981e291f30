"""Conditions between settings, as data that a page lists. Each checks itself and says in words what it wants.

A condition sees settings under their own names (aliases are replaced before). Where a server is too old for a
setting, the condition leaves that setting out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Since, Version


@dataclass(frozen=True, slots=True)
class Asked:
    """The settings of one endpoint by part, what the page knows of them, and the server they are for.

    An empty task type: not known.
    """

    service: str
    task_type: str
    known: Mapping[str, Mapping[str, Setting]]
    given: Mapping[str, JsonObject]
    version: Version

    @property
    def service_settings(self) -> JsonObject:
        return self.given.get("service_settings", {})

    @property
    def task_settings(self) -> JsonObject:
        return self.given.get("task_settings", {})

    def word(self, name: str) -> str:
        """A setting as a lower-case word; empty when it is not given or no word."""
        value = self.service_settings.get(name)
        return value.strip().lower() if isinstance(value, str) else ""

    def there(self, names: Sequence[str]) -> list[str]:
        """Those of `service_settings` that exist for this task type and version."""
        settings = self.known["service_settings"]
        return [
            name
            for name in names
            if name in settings
            and settings[name].exists_in(self.version)
            and (not self.task_type or settings[name].applies_to(self.task_type))
        ]

    def missing(self, name: str, why: str) -> Finding:
        """A setting that has to be given."""
        from inferctl.syntax.fixes import entry_line  # noqa: PLC0415  only for a fault

        fix = entry_line(name, self.known["service_settings"][name].example)
        return Finding(("service_settings", name), "field.missing", f"{name} is missing", why, fix, "key")


Condition = Callable[[Asked], list[Finding]]


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

    def __call__(self, asked: Asked) -> list[Finding]:
        if not self.when.holds(asked):
            return []
        missing = [name for name in asked.there(self.fields) if name not in asked.service_settings]
        return [asked.missing(name, f"{asked.service} needs it {self.when}".rstrip()) for name in missing]

    def __str__(self) -> str:
        return f"{' and '.join(self.fields)} must be given {self.when}".rstrip()

    def asks(self, name: str) -> str:
        """When it asks for the setting, in words; empty: never."""
        return str(self.when) if name in self.fields else ""


@dataclass(frozen=True, slots=True)
class With:
    """Settings that go together: `leader` needs all `companions`, and they need it."""

    leader: str
    companions: tuple[str, ...]

    def __call__(self, asked: Asked) -> list[Finding]:
        known = asked.there((self.leader, *self.companions))
        given = [name for name in known if name in asked.service_settings]
        if not given or len(given) == len(known):
            return []
        why = f"{', '.join(known)} go together"
        return [asked.missing(name, why) for name in known if name not in given]

    def __str__(self) -> str:
        return f"{self.leader}, {', '.join(self.companions)} go together"

    def asks(self, name: str) -> str:
        """With what it asks for the setting, in words; empty: never."""
        together = (self.leader, *self.companions)
        return f"with {', '.join(other for other in together if other != name)}" if name in together else ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of these settings; exactly one where they are `exclusive`."""

    fields: tuple[str, ...]
    when: When = ALWAYS
    exclusive: bool = False

    def __call__(self, asked: Asked) -> list[Finding]:
        if not self.when.holds(asked):
            return []
        known = asked.there(self.fields)
        if not known:
            return []  # this server has none of them: what is given is refused as too new
        given = [name for name in known if name in asked.service_settings]
        if len(known) == 1 and not given:
            return [asked.missing(known[0], f"{asked.service} needs it")]
        if not given:
            what = f"one of {', '.join(known)} must be given"
            why = f"{asked.service} needs {'exactly' if self.exclusive else 'at least'} one of them"
            return [Finding(("service_settings", known[0]), "rule.one-of", what, f"{why} {self.when}".rstrip(),
                            asked.missing(known[0], "").fix, "key")]  # fmt: skip
        if self.exclusive:
            return [
                Finding(("service_settings", name), "rule.exclusive", f"{name} cannot stand beside {given[0]}",
                        f"{asked.service} takes exactly one of {', '.join(known)}", f"remove {name}",
                        "key")
                for name in given[1:]
            ]  # fmt: skip
        return []

    def __str__(self) -> str:
        count = "exactly one" if self.exclusive else "at least one"
        return f"{count} of {', '.join(self.fields)} {self.when}".rstrip()

    def asks(self, name: str) -> str:
        """Among which settings it asks for this one, in words; empty: never."""
        return str(self) if name in self.fields else ""


@dataclass(frozen=True, slots=True)
class Refuses:
    """Settings that the server refuses, or never looks at, under a condition."""

    fields: tuple[str, ...]
    when: When
    because: str
    part: str = "service_settings"

    def __call__(self, asked: Asked) -> list[Finding]:
        if not self.when.holds(asked):
            return []
        return [
            Finding((self.part, name), "rule.combination", f"{name} cannot be set here", self.because,
                    self._fix(name, asked), "key")
            for name in self.fields if name in asked.given.get(self.part, {})
        ]  # fmt: skip

    def _fix(self, name: str, asked: Asked) -> str:
        """Another word, where the setting's own word is what is refused."""
        if name != self.when.setting:
            return f"remove {name}"
        return f"{name}: {next(w for w in asked.known[self.part][name].enum if w not in self.when.values)}"

    def __str__(self) -> str:
        return f"no {' or '.join(self.fields)} {self.when}: {self.because}"


@dataclass(frozen=True, slots=True)
class Providers:
    """Which providers offer which task type; `by` is a second setting that decides."""

    offers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    by: str = ""

    def __call__(self, asked: Asked) -> list[Finding]:
        provider, kind = asked.word("provider"), asked.word(self.by) if self.by else ""
        table = self.offers.get(asked.task_type, {})
        if not provider or kind not in table or provider in table[kind]:
            return []
        where = f"{asked.task_type} with {self.by} {kind}" if kind else asked.task_type
        if not table[kind]:
            other = next(word for word, names in table.items() if names)
            return [Finding(("service_settings", self.by), "rule.provider", f"no provider offers {where}",
                            f"with {self.by} {other} there are some", f"{self.by}: {other}")]  # fmt: skip
        why = f"providers for it: {', '.join(table[kind])}"
        return [Finding(("service_settings", "provider"), "rule.provider", f"{provider} does not offer {where}", why,
                        f"provider: {table[kind][0]}")]  # fmt: skip

    def __str__(self) -> str:
        rows = [
            f"{task}{f' ({kind})' if kind else ''}: {', '.join(names) or 'none'}"
            for task, table in self.offers.items()
            for kind, names in table.items()
        ]
        return "providers by task type: " + "; ".join(rows)


def words_of(condition: Condition) -> str:
    """What a condition wants, for people: those that are functions say it in their docstring."""
    if isinstance(condition, Needs | With | OneOf | Refuses | Providers):
        return str(condition)
    return " ".join((condition.__doc__ or "").split())
