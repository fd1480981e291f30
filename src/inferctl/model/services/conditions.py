"""Conditions between settings, as data that a page lists. Each checks itself and says what it wants: in words, and
in JSON Schema.

A condition sees settings under their own names (aliases are replaced before). Where a server is too old for a
setting, the condition leaves that setting out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from inferctl.model.services.asked import Condition
from inferctl.syntax.finding import Finding
from inferctl.syntax.schema_conditions import all_of, any_case, in_part, not_both, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inferctl.model.services.asked import Asked
    from inferctl.model.versions import Since, Version
    from inferctl.syntax.schema_conditions import Schema


@dataclass(frozen=True, slots=True)
class When:
    """For these task types, for these values of another setting (`otherwise` is its default), from and to a version.

    `without` names a setting that is not given, `beside` one that is.
    """

    task_types: frozenset[str] = frozenset()
    setting: str = ""
    values: frozenset[str] = frozenset()
    otherwise: str = ""
    without: str = ""
    beside: str = ""
    since: Since | None = None
    until: Version | None = None

    def may_hold(self, asked: Asked) -> bool:
        """Whether task type and version leave it open."""
        if self.task_types and asked.task_type not in self.task_types:
            return False
        if self.since is not None and not self.since.includes(asked.version):
            return False
        return self.until is None or asked.version.effective() <= self.until

    def holds(self, asked: Asked) -> bool:
        if not self.may_hold(asked):
            return False
        if self.without in asked.service_settings or (self.beside and self.beside not in asked.service_settings):
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
        if self.beside:
            parts.append(f"beside {self.beside}")
        if self.since is not None:
            parts.append(f"from {self.since.text()}")
        if self.until is not None:
            parts.append(f"until {self.until}")
        return ", ".join(parts)

    def schema(self, asked: Asked, then: list[Schema]) -> list[Schema]:
        """`then` under this condition."""
        if not then or not self.may_hold(asked):
            return []
        presences: list[Schema] = []
        if self.without:
            presences.append(in_part("service_settings", {"not": {"required": [self.without]}}))
        if self.beside:
            presences.append(in_part("service_settings", {"required": [self.beside]}))
        if self.setting:
            presences.append(_is_word(self.setting, self.values, unset=self.otherwise in self.values))
        return [{"if": all_of(presences), "then": all_of(then)}] if presences else then


def _is_word(setting: str, words: Iterable[str], *, unset: bool = False) -> Schema:
    """The setting is one of these words, in any case; or is not given, where that means one of them."""
    pattern = {"properties": {setting: {"pattern": any_case(sorted(words))}}}
    return in_part("service_settings", pattern if unset else {"required": [setting], **pattern})


ALWAYS = When()


@dataclass(frozen=True, slots=True)
class Needs(Condition):
    """These settings are required under a condition."""

    fields: tuple[str, ...]
    when: When = ALWAYS

    def __call__(self, asked: Asked) -> list[Finding]:
        if not self.when.holds(asked):
            return []
        missing = [name for name in asked.there(self.fields) if name not in asked.service_settings]
        return [asked.missing(name, f"{asked.service} needs it {self.when}".rstrip()) for name in missing]

    def schema(self, asked: Asked) -> list[Schema]:
        known = asked.there(self.fields)
        return self.when.schema(asked, [in_part("service_settings", {"required": known})] if known else [])

    def __str__(self) -> str:
        return f"{' and '.join(self.fields)} must be given {self.when}".rstrip()

    def asks(self, name: str) -> str:
        return str(self.when) if name in self.fields else ""


@dataclass(frozen=True, slots=True)
class With(Condition):
    """Settings that go together: `leader` needs all `companions`, and they need it."""

    leader: str
    companions: tuple[str, ...]

    def __call__(self, asked: Asked) -> list[Finding]:
        known = asked.there((self.leader, *self.companions))
        present = [name for name in known if name in asked.service_settings]
        missing = [name for name in known if name not in present]
        if not present or not missing:
            return []
        why = f"{', '.join(known)} go together"
        if self.leader not in present and len(missing) > 1:
            # More is missing than one line could add: what is there is what is too much.
            return [
                Finding(("service_settings", name), "field.missing", f"{name} needs {self.leader}, which is missing",
                        why, f"remove {name}", "key")
                for name in present
            ]  # fmt: skip
        return [asked.missing(name, why) for name in missing]

    def schema(self, asked: Asked) -> list[Schema]:
        known = asked.there((self.leader, *self.companions))
        pairs = {name: [other for other in known if other != name] for name in known}
        return [in_part("service_settings", {"dependencies": pairs})] if len(known) > 1 else []

    def __str__(self) -> str:
        return f"{self.leader}, {', '.join(self.companions)} go together"

    def asks(self, name: str) -> str:
        together = (self.leader, *self.companions)
        return f"with {', '.join(other for other in together if other != name)}" if name in together else ""


def _leads(name: str, asked: Asked) -> bool:
    """Whether other settings go together with this one, and all of them are given."""
    groups = [one for one in asked.conditions if isinstance(one, With) and one.leader == name]
    return bool(groups) and all(other in asked.service_settings for one in groups for other in one.companions)


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
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
        present = [name for name in known if name in asked.service_settings]
        if len(known) == 1 and not present:
            return [asked.missing(known[0], f"{asked.service} needs it")]
        if not present:
            what = f"one of {', '.join(known)} must be given"
            why = f"{asked.service} needs {'exactly' if self.exclusive else 'at least'} one of them"
            return [Finding(("service_settings", known[0]), "rule.one-of", what, f"{why} {self.when}".rstrip(),
                            asked.missing(known[0], "").fix, "key")]  # fmt: skip
        if self.exclusive:
            # To remove the leader of a whole group would leave the group behind.
            kept = next((name for name in present if _leads(name, asked)), present[0])
            return [
                Finding(("service_settings", name), "rule.exclusive", f"{name} cannot stand beside {kept}",
                        f"{asked.service} takes exactly one of {', '.join(known)}", f"remove {name}",
                        "key")
                for name in present if name != kept
            ]  # fmt: skip
        return []

    def schema(self, asked: Asked) -> list[Schema]:
        known = asked.there(self.fields)
        some: Schema = {"required": known}
        if len(known) > 1:
            count = "exactly" if self.exclusive else "at least"
            because = f"{count} one of {', '.join(known)} must be given"
            some = {"anyOf": [{"required": [name]} for name in known], "errorMessage": because}
        pairs = combinations(known, 2) if self.exclusive else ()
        both = [in_part("service_settings", not_both(*pair)) for pair in pairs]
        return self.when.schema(asked, [in_part("service_settings", some), *both] if known else [])

    def __str__(self) -> str:
        count = "exactly one" if self.exclusive else "at least one"
        return f"{count} of {', '.join(self.fields)} {self.when}".rstrip()

    def asks(self, name: str) -> str:
        return str(self) if name in self.fields else ""


@dataclass(frozen=True, slots=True)
class Refuses(Condition):
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

    def schema(self, asked: Asked) -> list[Schema]:
        return self.when.schema(
            asked,
            [refused(self.part, name, f"{name} cannot be set here: {self.because}") for name in self.fields],
        )

    def _fix(self, name: str, asked: Asked) -> str:
        """Another word, where the setting's own word is what is refused."""
        if name != self.when.setting:
            return f"remove {name}"
        return f"{name}: {next(w for w in asked.known[self.part][name].enum if w not in self.when.values)}"

    def __str__(self) -> str:
        return f"no {' or '.join(self.fields)} {self.when}: {self.because}"


@dataclass(frozen=True, slots=True)
class Providers(Condition):
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

    def schema(self, asked: Asked) -> list[Schema]:
        schemas: list[Schema] = []
        for kind, names in self.offers.get(asked.task_type, {}).items():
            where = f"{asked.task_type} with {self.by} {kind}" if kind else asked.task_type
            because = f"providers for {where}: {', '.join(names) or 'none'}"
            provider: Schema = {"pattern": any_case(names), "errorMessage": because} if names else {"not": {}}
            then = in_part("service_settings", {"properties": {"provider": provider}})
            if kind:
                schemas.append({"if": _is_word(self.by, [kind]), "then": then})
            elif self.by:
                schemas += When(without=self.by).schema(asked, [then])
            elif not names:
                schemas.append(then)  # else the words of the setting say it
        return schemas

    def words(self, task_type: str) -> tuple[str, ...]:
        """The providers that offer the task type, where nothing else decides. Empty: all that there are."""
        return () if self.by else self.offers.get(task_type, {}).get("", ())

    def __str__(self) -> str:
        rows = [
            f"{task}{f' ({kind})' if kind else ''}: {', '.join(names) or 'none'}"
            for task, table in self.offers.items()
            for kind, names in table.items()
        ]
        return "providers by task type: " + "; ".join(rows)
