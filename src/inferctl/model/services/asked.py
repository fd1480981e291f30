"""What a condition of a page is, and what it is asked of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from inferctl.json_types import JsonObject
    from inferctl.model.services.setting import Setting
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_conditions import Schema


@dataclass(frozen=True, slots=True)
class Asked:
    """The settings of one endpoint by part, what the page knows of them, and the server they are for.

    An empty task type: not known. `conditions` are all of the page: what one of them asks can depend on another.
    """

    service: str
    task_type: str
    known: Mapping[str, Mapping[str, Setting]]
    given: Mapping[str, JsonObject]
    version: Version
    conditions: tuple[Condition, ...] = ()

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


class Condition:
    """What a page asks of several settings at once. `str` says it in words."""

    __slots__ = ()

    def __call__(self, asked: Asked) -> list[Finding]:
        """What is wrong."""
        raise NotImplementedError

    def asks(self, name: str) -> str:
        """When it asks for the setting, in words; empty: never."""
        del name
        return ""

    def schema(self, asked: Asked) -> list[Schema]:
        """The same of an endpoint as JSON Schema; nothing of `asked.given` is looked at."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Own(Condition):
    """A condition of one page, as a function; its docstring are the words. `own` makes it."""

    check: Callable[[Asked], list[Finding]]
    say: Callable[[Asked], list[Schema]]
    unsayable: str

    def __call__(self, asked: Asked) -> list[Finding]:
        return self.check(asked)

    def __str__(self) -> str:
        return " ".join((self.check.__doc__ or "").split())

    def schema(self, asked: Asked) -> list[Schema]:
        return self.say(asked)


def own(
    say: Callable[[Asked], list[Schema]] = lambda _asked: [], *, unsayable: str = ""
) -> Callable[[Callable[[Asked], list[Finding]]], Own]:
    """A function as a condition. `say` is its JSON Schema; `unsayable` the reason why that has no words for (all of) it."""
    return lambda check: Own(check, say, unsayable)
