"""One service: its page, and the questions that validation and planning ask of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inferctl.model.services.asked import Asked
from inferctl.model.services.fold import fold_settings
from inferctl.model.services.marks import By
from inferctl.model.services.names import LET_THROUGH, PARTS, NamedSettings, named, runs_in_cluster
from inferctl.model.services.setting import settings_of
from inferctl.model.services.settings import Target, judge_with, too_new
from inferctl.model.versions import NEWEST
from inferctl.nearest import nearest
from inferctl.syntax.finding import MOST_SHOWN, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.services.asked import Condition
    from inferctl.model.services.setting import Setting
    from inferctl.model.services.settings import ServiceSettings, Settings, TaskSettings
    from inferctl.model.versions import Since, Version


@dataclass(frozen=True, slots=True)
class Offered:
    """A task type as one service offers it. `rate_limit` is the default of requests per minute.

    `rate_limit_until` is the last version line that has a rate limit at all.
    """

    since: Since
    rate_limit: int | None = None
    rate_limit_until: Version | None = None
    uncertain: bool = False
    note: str = ""

    def rate_limit_in(self, version: Version) -> int | None:
        """Requests per minute that a server of this version fills in; None where there is no such setting."""
        if self.rate_limit_until is not None and version.effective() > self.rate_limit_until:
            return None
        return self.rate_limit


@dataclass(frozen=True, slots=True)
class Read:
    """What became of an endpoint's settings: the classes, where they could be built, and all that is wrong.

    Paths of findings start with the name of the part, as the file has it.
    """

    findings: list[Finding]
    service_settings: ServiceSettings | None = None
    task_settings: TaskSettings | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A page of the catalogue. `shown_as` is what GET calls the service where that is another name.

    `host` is what a server asks where no setting names an address; `{resource_name}` in it stands for that setting. Of
    several it is the first whose settings are given. Empty: no secret of a file goes anywhere.
    Source: `HOST` of each service in x-pack/plugin/inference of elastic/elasticsearch; the AWS SDK.

    `may_refuse_secrets`: it is a candidate for updates that refuse its own secret (`versions.may_refuse_secrets`).
    """

    name: str
    title: str
    since: Since
    task_types: Mapping[str, Offered]
    settings_class: type[ServiceSettings]
    task_settings_class: type[TaskSettings]
    shown_as: str = ""
    notes: tuple[str, ...] = ()
    deprecated: Since | None = None
    uncertain: bool = False
    may_refuse_secrets: bool = False
    host: str | By = ""
    # A plan of a thousand endpoints asks the same few questions of a page; the answers never change.
    _answers: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What concerns several settings at once."""
        return self.settings_class.conditions

    @property
    def service_settings(self) -> Mapping[str, Setting]:
        """All settings of `service_settings`."""
        return settings_of(self.settings_class)

    @property
    def task_settings(self) -> Mapping[str, Setting]:
        """All settings of `task_settings`."""
        return settings_of(self.task_settings_class)

    @property
    def observed_name(self) -> str:
        """What GET calls the service."""
        return self.shown_as or self.name

    @property
    def runs_in_cluster(self) -> bool:
        """Whether its models run on the cluster's own machine-learning nodes."""
        return runs_in_cluster(self.name)

    def fields(self, part: str, task_type: str) -> Mapping[str, Setting]:
        """The fields of `service_settings` or `task_settings` that an endpoint of this task type may have.

        Of a task type that is not offered (`passthrough: true`) all of them: what a newer server takes for it may be any.
        """
        applicable: Mapping[str, Setting] | None = self._answers.get((part, task_type))
        if applicable is None:
            every = self.service_settings if part == "service_settings" else self.task_settings
            is_offered = task_type in self.task_types
            applicable = {name: one for name, one in every.items() if not is_offered or one.applies_to(task_type)}
            self._answers[part, task_type] = applicable
        return applicable

    def field(self, path: Path, task_type: str) -> Setting | None:
        """The setting behind a path such as ("service_settings", "rate_limit", "requests_per_minute")."""
        if len(path) < 2 or path[0] not in PARTS:
            return None
        setting = self.fields(str(path[0]), task_type).get(str(path[1]))
        for part in path[2:]:
            if setting is None or not setting.fields:
                return setting
            setting = setting.fields.get(str(part))
        return setting

    def host_for(self, task_type: str, settings: JsonObject) -> tuple[str, tuple[str, ...]]:
        """What a server asks where no setting names an address, and the settings that are part of it.

        Empty where it is not known, or a setting is missing.
        """
        by = self.host
        if isinstance(by, By):
            key = task_type if by.name == "task_type" else str(settings.get(by.name))
            hosts = by.values.get(key, by.otherwise)
        else:
            hosts = by
        for host in hosts if isinstance(hosts, list) else [hosts]:
            names = tuple(re.findall(r"\{(\w+)\}", str(host)))
            if all(isinstance(settings.get(name), str) for name in names):
                return str(host).format_map(settings), names
        return "", ()

    def secret_fields(self, task_type: str) -> tuple[str, ...]:
        """The names of the write-only fields of `service_settings`."""
        return tuple(n for n, setting in self.fields("service_settings", task_type).items() if setting.secret)

    def unseen(self, task_type: str) -> frozenset[Path]:
        """Settings that some versions do not show for this task type: absent in GET says nothing about them."""
        found: frozenset[Path] | None = self._answers.get(("unseen", task_type))
        if found is None:
            found = frozenset(
                (part, name)
                for part in PARTS
                for name, setting in self.fields(part, task_type).items()
                if task_type in setting.unseen
            )
            self._answers["unseen", task_type] = found
        return found

    def named(self, task_type: str, service_settings: JsonObject, task_settings: JsonObject) -> NamedSettings:
        """The settings under their own names, aliases replaced."""
        facts = {part: self.fields(part, task_type) for part in PARTS}
        return named(facts, {"service_settings": service_settings, "task_settings": task_settings})

    def read(
        self,
        task_type: str,
        service_settings: JsonObject,
        task_settings: JsonObject,
        version: Version | None,
        *,
        loose: bool = False,
    ) -> Read:
        """The settings of one endpoint, for a server of this version (None: the newest known).

        `loose`: names and combinations that a newer server may take are let by; wrong values are not. Nobody knows what
        a task type needs that is not offered, so then nothing is missing, and no class is built.
        """
        server = version or NEWEST
        is_offered = task_type in self.task_types
        if not is_offered and not loose:
            what, why = f"{self.name} does not offer {task_type}", f"it offers {', '.join(self.task_types)}"
            fix = f"task_type: {next(iter(self.task_types))}"
            return Read([Finding(("task_type",), "service.task-type", what, why, fix)])
        findings = [] if loose else self._too_new(task_type, server)
        given = self.named(task_type, service_settings, task_settings)
        target = Target(server, task_type if is_offered else "", loose=loose, whole=True)
        broken = self._broken(given, target) if is_offered else []
        built: dict[str, Settings | None] = {}
        for part, cls in zip(PARTS, (self.settings_class, self.task_settings_class), strict=True):
            built[part] = None
            try:
                built[part] = cls.model_validate(given.part(part), context=target)
            except ValidationError as error:
                findings += self._findings(error, part, given, target, broken)
        findings += [
            Finding(written, "rule.exclusive", f"{written[-1]} is another name of {other[-1]}, which is given too",
                    "the server takes one of them", f"remove {written[-1]}", "key")
            for written, other in given.twice
        ]  # fmt: skip
        taken = {finding.path for finding in findings}
        findings += [finding for finding in broken if finding.path not in taken]
        if given.origin:
            findings = [replace(finding, path=given.as_written(finding.path)) for finding in findings]
        if not is_offered:
            return Read([finding for finding in findings if finding.code != "field.missing"])
        service, task = built["service_settings"], built["task_settings"]
        return Read(findings, service, task)  # type: ignore[arg-type]

    def _broken(self, given: NamedSettings, target: Target) -> list[Finding]:
        """What the conditions of the page say, but for what is only missing because its name is misspelled."""
        known = {part: self.fields(part, target.task_type) for part in PARTS}
        written = {part: given.part(part) for part in PARTS}
        meant = written if target.loose else {part: _as_meant(written[part], known[part]) for part in PARTS}
        findings = []
        for condition in self.conditions:
            broken = condition(Asked(self.name, target.task_type, known, written, target.version, self.conditions))
            if broken and meant != written:
                also = condition(Asked(self.name, target.task_type, known, meant, target.version, self.conditions))
                broken = [finding for finding in broken if finding in also]
            findings += [finding for finding in broken if not (target.loose and finding.code in LET_THROUGH)]
        return findings

    def _findings(
        self, error: ValidationError, part: str, given: NamedSettings, target: Target, broken: list[Finding]
    ) -> list[Finding]:
        cls = self.settings_class if part == "service_settings" else self.task_settings_class
        other = self.fields(PARTS[1 - PARTS.index(part)], target.task_type)

        at_fault = {(part, *one["loc"]) for one in error.errors(include_url=False, include_input=False)}
        before = {(finding.path, finding.code) for finding in broken if finding.path not in at_fault}

        def tried(value: Any) -> None:
            """By the class, and by the conditions but for those that are broken elsewhere."""
            now = self._broken(replace(given, **{part: value}), target)
            judge_with(cls, value, target, [one for one in now if (one.path, one.code) not in before])

        def known(model: type[BaseModel]) -> list[str]:
            return [name for name, setting in settings_of(model).items() if setting.applies_to(target.task_type)]

        from inferctl.syntax.model_findings import Wording, findings  # noqa: PLC0415  good settings do without

        wording = Wording(
            "field.unknown", "field.missing", "field.type", "field.type", "field.range", "field.enum", "field.form",
            noun="setting", document=self.name, why_missing=f"{self.name} needs it for {target.task_type}",
        )  # fmt: skip
        located = findings(
            error,
            given.part(part),
            cls,
            wording,
            validate=tried,
            known=known,
        )
        located = [_elsewhere(replace(finding, path=(part, *finding.path)), other) for finding in located]
        return [*(self._mended(finding, target) for finding in located[:MOST_SHOWN]), *located[MOST_SHOWN:]]

    def _mended(self, finding: Finding, target: Target) -> Finding:
        """With a fix for a mapping whose settings depend on the task type."""
        setting = self.field(finding.path, target.task_type) if not finding.fix else None
        if setting is None:
            return finding
        from inferctl.syntax.fixes import entry_line  # noqa: PLC0415  only for a fault

        return replace(finding, fix=entry_line(setting.name, _sample(setting, target)))

    def _too_new(self, task_type: str, server: Version) -> list[Finding]:
        for key, what, first in (
            ("service", f"the service {self.name}", self.since),
            ("task_type", f"{task_type} of {self.name}", self.task_types[task_type].since),
        ):
            if not first.includes(server):
                return [Finding((key,), "field.version", *too_new(what, first, server), points_at="key")]
        return []

    def validate(
        self, task_type: str, service_settings: JsonObject, task_settings: JsonObject, version: Version | None
    ) -> list[Finding]:
        """All that is wrong, for a server of this version (None: the newest known)."""
        return self.read(task_type, service_settings, task_settings, version).findings

    def fold(self, part: str, settings: JsonObject, task_type: str) -> JsonObject:
        """One comparable form of what is PUT and what GET shows: case, synonyms, empty objects, secrets gone."""
        return fold_settings(self.fields(part, task_type), settings)


def _sample(setting: Setting, target: Target) -> Json:
    """A value that would do: of a mapping, what this task type and server require in it."""
    if not setting.fields:
        return setting.example
    return {
        name: _sample(inner, target)
        for name, inner in setting.fields.items()
        if inner.applies_to(target.task_type) and inner.required_in(target.version)
    }


def _as_meant(given: JsonObject, known: Mapping[str, Setting]) -> JsonObject:
    """The settings with misspelled names put right: what a condition asks for is not missing as well."""
    if given.keys() <= known.keys():
        return given
    free = [name for name in known if name not in given]
    return {name if name in known else (nearest(name, free) or name): value for name, value in given.items()}


def _elsewhere(finding: Finding, other: Mapping[str, Setting]) -> Finding:
    """A setting of the other part is not misspelled."""
    name = str(finding.path[-1])
    if finding.code != "field.unknown" or len(finding.path) > 2 or name not in other:
        return finding
    home = PARTS[1 - PARTS.index(str(finding.path[0]))]
    return replace(finding, why=f"it is one of {home}: it goes there", fix=f"remove {name}")
