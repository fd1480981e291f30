"""One mapping of an endpoint file -> a DesiredEndpoint, and all that is wrong with it.

Pydantic models (`envelope`) hold the envelope (our keys and the API's top level); the settings are checked by the
catalogue of services. Works on plain values; places are found later, from paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from inferctl.diagnostics import Severity, Span
from inferctl.json_types import path_text
from inferctl.model.endpoint import DesiredEndpoint, Lifecycle, Probe
from inferctl.model.ids import DENSE, TASK_TYPES, id_problem, nearest_task_type
from inferctl.model.passthrough import LET_THROUGH
from inferctl.model.plain import is_plain
from inferctl.secrets.reference import Scan, scan
from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from inferctl.json_types import Json, Path
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version

PROTECTABLE = ("delete", "replace")
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_IDENTITY = ("inference_id", "task_type", "service")
_NOTHING: dict[str, Any] = {}


_KINDS = {
    "string_type": "a string",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
}
_ELSEWHERE = {
    "model_id": "service_settings",
    "api_key": "service_settings",
    "rate_limit": "service_settings",
    "dimensions": "service_settings",
    "protect": "lifecycle",
    "ready_timeout": "lifecycle",
    "strategy": "chunking_settings",
}


@dataclass(slots=True)
class Reading:
    """What one mapping says. `endpoint` is None when it has an error; `literals` must appear in no text."""

    endpoint: DesiredEndpoint | None
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list, repr=False)


def read_endpoint(value: Json, span: Span, version: Version | None = None) -> Reading:
    """The endpoint that a mapping declares, checked against one server version (None: the newest known)."""
    if not isinstance(value, Mapping):
        what = f"an endpoint is a mapping, not {_kind(value)}"
        fix = "inference_id: …, task_type: …, service: …, service_settings: {…}"
        return Reading(
            None,
            [Finding((), "endpoint.document", what, "each document holds one endpoint or a list of them", fix)],
        )
    if value and not any(name in value for name in _IDENTITY):
        what = "this is no endpoint: it has no inference_id, no task_type and no service"
        fix = "keep other YAML out of the folder, or name the endpoint files; an endpoint starts with inference_id: …"
        why = "each document holds one endpoint or a list of them"
        return Reading(None, [Finding((), "endpoint.document", what, why, fix)])
    reading = Reading(None)
    well_formed = _is_well_formed(value, reading)
    service_name = value.get("service")
    _check_id(value.get("inference_id"), reading)
    task_type = _check_task_type(value.get("task_type"), reading)
    passthrough = value.get("passthrough") is True
    service = _check_service(service_name, reading, passthrough=passthrough)
    settings, task_settings = _secrets(value, service, str(service_name), str(task_type), reading)
    if service is not None and task_type is not None:
        _check_settings(service, task_type, (settings, task_settings), reading, version, passthrough=passthrough)
    _check_chunking(value, task_type, reading, version, passthrough=passthrough)
    _check_ours(value, reading)
    if well_formed and not any(f.severity is Severity.ERROR for f in reading.findings):
        reading.endpoint = DesiredEndpoint(
            inference_id=str(value["inference_id"]),
            task_type=str(value["task_type"]),
            service=str(value["service"]),
            service_settings=_mapping(value["service_settings"]),
            task_settings=_mapping(value.get("task_settings")),
            chunking_settings=_mapping(value.get("chunking_settings")) or None,
            span=span,
            secrets=frozenset(settings.references),
            lifecycle=_lifecycle(_mapping(value.get("lifecycle"))),
            probe=_probe(value.get("probe")),
            passthrough=passthrough,
        )
    return reading


def _is_well_formed(value: Mapping[str, Json], reading: Reading) -> bool:
    if is_plain(value):
        return True
    from inferctl.model.envelope import faults  # noqa: PLC0415  a run over good files does without pydantic

    found = faults(value)
    findings = [_envelope_finding(kind, path, value) for kind, path in found]
    # A misspelled field is one mistake, not two: what it was meant to be is not missing as well.
    meant = {(*f.path[:-1], f.fix.removeprefix("did you mean ")[:-1]) for f in findings if "did you mean" in f.fix}
    reading.findings += [f for f in findings if f.code != "endpoint.missing-field" or f.path not in meant]
    return not found


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else _NOTHING


def _envelope_finding(kind: str, path: Path, value: Mapping[str, Json]) -> Finding:
    owner, name = path_text(path[:-1]), str(path[-1])
    if kind == "missing":
        where = f" in {owner}" if owner else ""
        fix = {"task_type": "task_type: text_embedding", "service_settings": "service_settings: {…}"}.get(
            name, f"{name}: …"
        )
        why = "the API needs it" if not owner else "a probe is an inference call"
        return Finding(path, "endpoint.missing-field", f"{name} is missing{where}", why, fix, "key")
    if kind == "extra_forbidden":
        from inferctl.model.envelope import FIELDS  # noqa: PLC0415

        why, fix = _unknown(name, FIELDS.get(owner, ()), owner)
        return Finding(
            path,
            "endpoint.unknown-field",
            f"{name!r} is not a field of {owner or 'an endpoint'}",
            why,
            fix,
            "key",
        )
    wanted = _KINDS.get(kind, "something else")
    found: Any = value
    for part in path:
        found = found[part]
    fix = f'{name}: "{found}"' if kind == "string_type" and isinstance(found, int | float) else f"write {wanted}"
    if found is None:
        fix = f"leave the key out, or write {wanted}"
    if name == "ready_timeout":
        wanted, fix = "a duration", "ready_timeout: 15m"
    return Finding(path, "endpoint.wrong-type", f"{path_text(path)} is {_kind(found)}, not {wanted}",
                   "the value is sent as it stands, so nothing is converted", fix)  # fmt: skip


def _unknown(name: str, known: tuple[str, ...], owner: str) -> tuple[str, str]:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    why = f"known here: {', '.join(known)}"
    if near:
        return why, f"did you mean {near[0]}?"
    if not owner and name in _ELSEWHERE:
        return why, f"move it below {_ELSEWHERE[name]}:"
    if not owner and name == "metadata":
        return "the server fills metadata in and refuses it in a PUT", "remove it"
    return why, "remove it"


def _check_id(value: Json, reading: Reading) -> None:
    problem = id_problem(value) if isinstance(value, str) else None
    if problem:
        reading.findings.append(Finding(("inference_id",), "endpoint.id", *problem))


def _check_task_type(value: Json, reading: Reading) -> str | None:
    """The task type to check the settings with: the one meant, where it is misspelled."""
    if not isinstance(value, str) or value in TASK_TYPES:
        return value if isinstance(value, str) else None
    near = nearest_task_type(value)
    fix = f"task_type: {near}" if near else f"one of {', '.join(TASK_TYPES)}"
    what, why = f"{value!r} is not a task type", f"known: {', '.join(TASK_TYPES)}"
    reading.findings.append(Finding(("task_type",), "endpoint.task-type", what, why, fix))
    return near


def _check_service(value: Json, reading: Reading, *, passthrough: bool) -> Service | None:
    from inferctl.model.services import find, nearest, service_names  # noqa: PLC0415

    service = find(value) if isinstance(value, str) else None
    if service is None and isinstance(value, str) and not passthrough:
        near = nearest(value)
        fix = (
            f"service: {near}" if near else "passthrough: true lets a service through that is newer than this inferctl"
        )
        why = f"known: {', '.join(service_names())}"
        reading.findings.append(Finding(("service",), "endpoint.service", f"{value!r} is not a service", why, fix))
    return service


def _secrets(
    value: Mapping[str, Json], service: Service | None, name: str, task_type: str, reading: Reading
) -> tuple[Scan, Scan]:
    fields = service.secret_fields(task_type) if service is not None else ()
    scans = []
    for root in ("service_settings", "task_settings"):
        settings = value.get(root)
        mapping = settings if isinstance(settings, Mapping) else _NOTHING
        allowed = root == "service_settings"
        found = scan(root, mapping, fields if allowed else (), name, allowed=allowed, anywhere=service is None)
        reading.findings.extend(found.findings)
        reading.literals.extend(found.literals)
        scans.append(found)
    return scans[0], scans[1]


def _check_settings(
    service: Service,
    task_type: str,
    scans: tuple[Scan, Scan],
    reading: Reading,
    version: Version | None,
    *,
    passthrough: bool,
) -> None:
    found = {finding.path: finding for finding in reading.findings}
    for problem in service.validate(task_type, scans[0].settings, scans[1].settings, version):
        if passthrough and problem.code in LET_THROUGH:
            continue
        if problem.code == "field.type" and problem.path in scans[0].references:
            continue  # a header of `custom` that is a credential: what the reference stands for is a string
        earlier = found.get(problem.path)
        if earlier is not None:
            # A reference under a misspelled name: the name is wrong, not the reference.
            if earlier.code != "secret.misplaced" or problem.code != "field.unknown":
                continue
            reading.findings.remove(earlier)
        reading.findings.append(
            Finding(problem.path, problem.code, problem.message, problem.why, problem.fix, problem.points_at)
        )


def _check_chunking(
    endpoint: Mapping[str, Json], task_type: Json, reading: Reading, version: Version | None, *, passthrough: bool
) -> None:
    value = endpoint.get("chunking_settings")
    if not isinstance(value, Mapping) or not isinstance(task_type, str) or task_type not in TASK_TYPES:
        return
    from inferctl.model.chunking import validate_chunking  # noqa: PLC0415
    from inferctl.model.services.in_cluster import is_elser  # noqa: PLC0415

    for problem in validate_chunking(value, task_type, version, elser=is_elser(endpoint)):
        if passthrough and problem.code in LET_THROUGH:
            continue
        path = problem.path if problem.path[:1] == ("chunking_settings",) else ("chunking_settings", *problem.path)
        reading.findings.append(
            Finding(path, problem.code, problem.message, problem.why, problem.fix, problem.points_at)
        )


def _check_ours(value: Mapping[str, Json], reading: Reading) -> None:
    lifecycle, probe = value.get("lifecycle"), value.get("probe")
    if isinstance(lifecycle, Mapping):
        reading.findings.extend(_lifecycle_faults(lifecycle))
    if isinstance(probe, Mapping):
        reading.findings.extend(_probe_faults(probe, value.get("task_type")))


def _lifecycle(value: Mapping[str, Json]) -> Lifecycle:
    protect, text = value.get("protect"), value.get("ready_timeout")
    seconds = duration_s(text) if isinstance(text, str) else None
    kept = frozenset(str(word) for word in protect) if isinstance(protect, list) else frozenset()
    return Lifecycle(kept, seconds or Lifecycle().ready_timeout_s)


def _probe(value: Json) -> Probe | None:
    if not isinstance(value, Mapping):
        return None
    query, dimensions = value.get("query"), _mapping(value.get("expect")).get("dimensions")
    return Probe(
        value["input"],
        query if isinstance(query, str) else None,
        dimensions if isinstance(dimensions, int) else None,
    )


def _lifecycle_faults(lifecycle: Mapping[str, Json]) -> Iterator[Finding]:
    protect, text = lifecycle.get("protect"), lifecycle.get("ready_timeout")
    for index, item in enumerate(protect if isinstance(protect, list) else ()):
        if isinstance(item, str) and item not in PROTECTABLE:
            near = get_close_matches(item, PROTECTABLE, n=1)
            fix = f"did you mean {near[0]}?" if near else "protect: [delete, replace]"
            what, path = f"{item!r} cannot be protected against", ("lifecycle", "protect", index)
            yield Finding(path, "lifecycle.protect", what, "known: delete, replace", fix)
    if isinstance(text, str) and duration_s(text) is None:
        why = "a duration is hours, minutes and seconds, in this order, and more than 0"
        what, fix = f"{text!r} is not a duration", "ready_timeout: 15m (or 90s, 1h30m)"
        yield Finding(("lifecycle", "ready_timeout"), "lifecycle.ready-timeout", what, why, fix)


def duration_s(text: str) -> float | None:
    """Seconds of `15m`, `90s`, `1h30m`; None for anything else, and for nothing at all."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + seconds) or None


def _probe_faults(probe: Mapping[str, Json], task_type: Json) -> Iterator[Finding]:
    code, here, dimensions_at = "probe.mismatch", ("probe",), ("probe", "expect", "dimensions")
    asked = probe.get("input", "")
    texts = asked if isinstance(asked, list) else [asked]
    if not texts or not all(isinstance(text, str) for text in texts):
        what, why = "the input of a probe is a text, or a list of texts", "an inference call takes nothing else"
        yield Finding((*here, "input"), code, what, why, "input: a red shoe")
    expect = probe.get("expect")
    dimensions = expect.get("dimensions") if isinstance(expect, Mapping) else None
    if isinstance(dimensions, int) and not isinstance(dimensions, bool) and dimensions < 1:
        why, fix = "a vector has at least one", "dimensions: 1024"
        yield Finding(dimensions_at, code, "dimensions must be 1 or more", why, fix)
    if task_type not in TASK_TYPES:
        return
    if task_type == "rerank" and "query" not in probe and "input" in probe:
        what, why = "the probe of a rerank endpoint needs a query", "rerank orders the input by a query"
        yield Finding(here, code, what, why, "query: a red shoe", "key")
    if task_type != "rerank" and "query" in probe:
        what, why = f"a {task_type} endpoint takes no query", "only rerank has one"
        yield Finding((*here, "query"), code, what, why, "remove it", "key")
    if task_type == "chat_completion":
        what, why = "a chat_completion endpoint cannot be probed", "it answers through its _stream route only"
        yield Finding(here, code, what, why, "remove the probe", "key")
    if task_type not in DENSE and dimensions is not None:
        what, why = f"{task_type} has no dimensions", "only dense vectors have them"
        yield Finding(dimensions_at, code, what, why, "remove it", "key")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a mapping" if isinstance(value, Mapping) else "a list"
