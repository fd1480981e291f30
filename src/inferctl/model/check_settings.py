"""What the settings of an endpoint are found to be: by the classes of its service, and between its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inferctl.model.chunking import read_chunking
from inferctl.model.ids import is_task_type_form, nearest_task_type
from inferctl.model.services import find, service_names
from inferctl.model.services.in_cluster import is_elser
from inferctl.model.services.names import LET_THROUGH, PARTS
from inferctl.model.services.settings import ServiceSettings, Settings, Target
from inferctl.model.settings_secrets import SettingsSecrets, find_secrets, proposed
from inferctl.model.task_types import DENSE, TASK_TYPES
from inferctl.nearest import nearest
from inferctl.secrets.credential_names import sounds_secret
from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.versions import Version


class UnknownSettings(ServiceSettings, extra="allow"):
    """Settings of a service that this inferctl does not know."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the settings of a mapping are found to be. A part that could not be built is None.

    `secrets` are the two parts with a reference in the place of each literal; `literals` must appear in no text.
    """

    parts: Mapping[str, Settings | None]
    secrets: Mapping[str, SettingsSecrets]
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> frozenset[tuple[str]]:
        """The parts that could not be built, as the beginnings of paths."""
        return frozenset((name,) for name, built in self.parts.items() if built is None)

    @property
    def literals(self) -> list[str]:
        """Secrets that stand there in clear."""
        return [text for scanned in self.secrets.values() for text in scanned.literals]


def judge(value: Mapping[str, Any], version: Version | None) -> Judged:
    """The settings of an endpoint by the classes of its service, and all that is wrong between its keys."""
    name, passthrough = value.get("service"), value.get("passthrough") is True
    service = find(name) if isinstance(name, str) else None
    task_type = _meant(value.get("task_type"), passthrough=passthrough)
    findings = list(_task_type_faults(value.get("task_type"), passthrough=passthrough))
    if service is None and isinstance(name, str) and not passthrough:
        near, known = nearest(name, service_names()), f"known: {', '.join(service_names())}"
        fix = f"service: {near}" if near else "passthrough: true"
        findings.append(Finding(("service",), "endpoint.service", f"{name!r} is not a service", known, fix))
    written = {part: _plain(value.get(part)) for part in PARTS}
    own = service.secret_fields(task_type or "") if service is not None else ()
    if passthrough:
        # A text that is let by under a name like api_kye would be sent, and stand in a saved plan.
        page = service.service_settings if service is not None else {}
        strange = {key: text for key, text in (written[PARTS[0]] or {}).items() if key not in page}
        own = (*own, *(key for key, text in strange.items() if isinstance(text, str) and sounds_secret(key)))
    secrets = {
        part: find_secrets(
            part,
            written[part] or {},
            own if part == PARTS[0] else (),
            str(name),
            allowed=part == PARTS[0],
            anywhere=service is None,
        )
        for part in PARTS
    }
    findings += [finding for part in PARTS for finding in secrets[part].findings]
    parts: dict[str, Settings | None] = {}
    if service is not None and task_type is not None:
        settings, tasks = (secrets[part].settings for part in PARTS)
        read = service.read(task_type, settings, tasks, version, loose=passthrough)
        findings = _joined(findings, read.findings, service.name)
        parts = {"service_settings": read.service_settings, "task_settings": read.task_settings}
    if service is None or task_type is None or (passthrough and task_type not in service.task_types):
        for part in PARTS:
            parts[part], unread = _read_unknown(part, written[part] or {})
            findings += unread
    parts = {part: built for part, built in parts.items() if written[part] is not None}
    if passthrough:
        # No server has settings of these names: it is the nesting that is wrong.
        findings += [
            Finding((part, key), "field.unknown", f"{key!r} is not a setting of {name}", "", f"remove {key}", "key")
            for part in PARTS
            for key in (*PARTS, "chunking_settings")
            if key in (written[part] or {})
        ]
    findings = _of_parts_that_are_there(findings, written, value)
    chunks = _plain(value.get("chunking_settings"))
    if chunks is not None:
        parts["chunking_settings"], wrong = read_chunking(
            chunks, task_type, version, elser=is_elser(value), loose=passthrough
        )
        findings += [finding for finding in wrong if not (passthrough and finding.code in LET_THROUGH)]
    probe = value.get("probe")
    if isinstance(probe, Mapping):
        findings += _probe_faults(probe, task_type)
    return Judged(parts, secrets, findings)


def _read_unknown(part: str, given: JsonObject) -> tuple[UnknownSettings | None, list[Finding]]:
    """Settings that no class knows. Only a key that is no text is refused: programs can make one, no file can."""
    try:
        return UnknownSettings.model_validate(given, context=Target(loose=True)), []
    except ValidationError:
        what, why = f"a key of {part} is no text", "it holds half of a character (a lone surrogate)"
        return None, [Finding((part,), "field.type", what, why)]


def _of_parts_that_are_there(
    findings: list[Finding], given: Mapping[str, JsonObject | None], value: Mapping[str, Any]
) -> list[Finding]:
    """A part that is no mapping is one mistake; so is one that is left out, whatever should be in it."""
    absent = [part for part in PARTS if given[part] is None]
    inside = [finding for finding in findings if len(finding.path) > 1 and finding.path[0] in absent]
    kept = [finding for finding in findings if finding not in inside]
    needed = [finding for finding in inside if finding.path[0] == PARTS[1]]
    if needed and PARTS[1] not in value:
        what = f"{PARTS[1]} is missing: {', '.join(str(one.path[1]) for one in needed)}"
        kept.append(Finding((PARTS[1],), needed[0].code, what, needed[0].why, points_at="key"))
    return kept


def _task_type_faults(task_type: Any, *, passthrough: bool) -> Iterator[Finding]:
    """A task type that this inferctl does not know; with `passthrough: true` one that no server can have."""
    if not isinstance(task_type, str) or task_type in TASK_TYPES or (passthrough and is_task_type_form(task_type)):
        return
    near = nearest_task_type(task_type)
    fix = f"task_type: {near or min(TASK_TYPES)}" if near or not is_task_type_form(task_type) else "passthrough: true"
    yield Finding(
        ("task_type",),
        "endpoint.task-type",
        f"{task_type!r} is not a task type",
        f"known: {', '.join(sorted(TASK_TYPES))}",
        fix,
    )


def _meant(task_type: Any, *, passthrough: bool) -> str | None:
    """The task type to check with: the one meant, where it is misspelled. One that is passed through is meant so."""
    if not isinstance(task_type, str):
        return None
    is_known = task_type in TASK_TYPES or (passthrough and is_task_type_form(task_type))
    return task_type if is_known else nearest_task_type(task_type)


def _plain(part: Any) -> JsonObject | None:
    """The mapping that a part is; None for what is none."""
    if isinstance(part, Settings):
        dumped: dict[str, Json] = part.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return dumped
    return part if isinstance(part, Mapping) else None


def _is_misplaced(secret: Finding, fix: str) -> bool:
    """Whether the line would hold a text again where no secret may stand."""
    return secret.fix.startswith("remove ") and not fix.endswith((": true", ": false"))


def _joined(secrets: list[Finding], settings: list[Finding], service: str) -> list[Finding]:
    """Both, one at a place: a reference under a misspelled name is a wrong name, any other secret comes first.

    The fix is that of the settings: it knows the right name, and what may stand there at all.
    """
    at: dict[Path, Finding] = {finding.path: finding for finding in secrets}
    for finding in settings:
        earlier, fix = at.get(finding.path), proposed(finding.fix, service)
        if earlier is None or (earlier.code == "secret.misplaced" and finding.code == "field.unknown"):
            at[finding.path] = finding
        elif fix and not (finding.code == "field.type" and _is_misplaced(earlier, fix)):
            # A mapping takes a line in, and a line for the right name goes in the place of the wrong one.
            renames = earlier.code == "secret.reference" and finding.code == "field.unknown"
            at[finding.path] = replace(earlier, fix=fix, points_at="key" if renames else earlier.points_at)
    return list(at.values())


def _probe_faults(probe: Mapping[str, Any], task_type: str | None) -> Iterator[Finding]:
    """What a probe cannot hold for a task type."""
    code, here = "probe.mismatch", ("probe",)
    expect = probe.get("expect")
    if task_type not in TASK_TYPES:
        return
    if task_type == "chat_completion":
        what, why = "a chat_completion endpoint cannot be probed", "it answers through its _stream route only"
        yield Finding(here, code, what, why, "remove probe", "key")
        return
    if task_type == "rerank" and "query" not in probe and "input" in probe:
        what, why = "the probe of a rerank endpoint needs a query", "rerank orders the input by a query"
        yield Finding((*here, "query"), code, what, why, "query: a red shoe", "key")
    if task_type != "rerank" and "query" in probe:
        what, why = f"a {task_type} endpoint takes no query", "only rerank has one"
        yield Finding((*here, "query"), code, what, why, "remove query", "key")
    if task_type not in DENSE and isinstance(expect, Mapping) and "dimensions" in expect:
        what, why = f"{task_type} has no dimensions", "only dense vectors have them"
        yield Finding((*here, "expect", "dimensions"), code, what, why, "remove dimensions", "key")
