"""One mapping of an endpoint file -> a DesiredEndpoint, and all that is wrong with it.

`Endpoint` is the reader. Works on plain values; places are found later, from paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inferctl.json_types import object_of, value_at
from inferctl.model.check_settings import Judged, judge
from inferctl.model.chunking import STRATEGIES, fields
from inferctl.model.desired_observed import DesiredEndpoint
from inferctl.model.endpoint import Endpoint, Lifecycle, Probe
from inferctl.model.services import find
from inferctl.model.services.names import PARTS
from inferctl.secrets.credential_names import sounds_secret
from inferctl.secrets.credentials import holds_credential
from inferctl.secrets.reference import is_shown
from inferctl.syntax.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Container

    from inferctl.diagnostics import Span
    from inferctl.json_types import Json, Path
    from inferctl.model.services.service import Service
    from inferctl.model.versions import Version


_IDENTITY = ("inference_id", "task_type", "service")
_ONE_OR_A_LIST = "each document holds one endpoint or a list of them"
_UNKNOWN = "endpoint.unknown-field"


@dataclass(slots=True)
class Reading:
    """What one mapping says. `endpoint` is None when it has an error; `literals` must appear in no text."""

    endpoint: DesiredEndpoint | None
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list, repr=False)


def read_endpoint(value: Json, span: Span, version: Version | None = None) -> Reading:
    """The endpoint that a mapping declares, checked against one server version (None: the newest known)."""
    if not isinstance(value, Mapping):
        from inferctl.syntax.model_sentences import kind_of  # noqa: PLC0415  only for a fault

        what = f"an endpoint is a mapping, not {kind_of(value)}"
        advice = "inference_id: …, task_type: …, service: …, service_settings: {…}"
        return Reading(None, [Finding((), "endpoint.document", what, _ONE_OR_A_LIST, advice=advice)])
    if value and not any(name in value for name in _IDENTITY):
        what = "this is no endpoint: it has no inference_id, no task_type and no service"
        advice = "keep other YAML out of the folder, or name the files; an endpoint starts with inference_id: …"
        return Reading(None, [Finding((), "endpoint.document", what, _ONE_OR_A_LIST, advice=advice)])
    judged = judge(value, version)
    try:
        endpoint = Endpoint.model_validate(value, context=judged)
    except ValidationError as error:
        found = _explained(error, value, version)
        places = {tuple(one["loc"]) for one in error.errors(include_url=False, include_input=False)}
        mended = [_with_all_of_a_part(_in_its_place(one, value, version, places), value, version) for one in found]
        return Reading(None, mended, judged.literals)
    return Reading(_desired(endpoint, value, span, judged), [], judged.literals)


def _explained(error: ValidationError, value: Mapping[str, Any], version: Version | None) -> list[Finding]:
    from inferctl.syntax.model_findings import Wording, findings  # noqa: PLC0415  a good file does without

    wording = Wording(
        unknown=_UNKNOWN,
        missing="endpoint.missing-field",
        wrong_type="endpoint.wrong-type",
        value="endpoint.wrong-type",
        document="an endpoint",
        why_type="the value is sent as it stands, so nothing is converted",
        why_missing="the API needs it",
    )
    return findings(
        error, value, Endpoint, wording, validate=lambda changed: Endpoint.model_validate(changed, context=version)
    )


def _desired(endpoint: Endpoint, value: Mapping[str, Any], span: Span, judged: Judged) -> DesiredEndpoint:
    """The settings as the file has them: what is sent is what was written."""
    return DesiredEndpoint(
        inference_id=endpoint.inference_id,
        task_type=endpoint.task_type,
        service=endpoint.service,
        service_settings=value["service_settings"],
        task_settings=value.get("task_settings", {}),
        chunking_settings=value.get("chunking_settings") or None,
        span=span,
        secrets=frozenset(judged.secrets["service_settings"].references),
        lifecycle=endpoint.lifecycle,
        probe=endpoint.probe,
        passthrough=endpoint.passthrough,
    )


def _with_all_of_a_part(finding: Finding, value: Mapping[str, Any], version: Version | None) -> Finding:
    """The finding about a whole part with a line of all that it needs."""
    service, task_type = find(str(value.get("service"))), str(value.get("task_type"))
    if len(finding.path) != 1 or finding.path[0] not in PARTS or service is None or task_type not in service.task_types:
        return finding

    part = str(finding.path[0])
    why, stray = finding.why, [name for name in service.fields(part, task_type) if name in value]
    if stray:
        why = f"what stands beside it belongs below it, indented: {', '.join(stray)}"
    return replace(finding, why=why, fix=_part_line(service, part, task_type, value, version) or finding.fix)


def _in_its_place(
    finding: Finding, value: Mapping[str, Any], version: Version | None, places: Container[Path]
) -> Finding:
    """A key that belongs below another one, or above, is not misspelled."""
    if finding.code == "field.unknown" and len(finding.path) == 2 and finding.path[1] in Endpoint.model_fields:
        why = "it is a key of the endpoint: it goes one level up, beside " + str(finding.path[0])
        moved = _moved(value, finding.path, ())
        fix = f"move {finding.path[1]} up" if _is_right(moved, version, places) else f"remove {finding.path[1]}"
        return replace(finding, why=why, fix=fix)
    if finding.code != _UNKNOWN or len(finding.path) != 1:
        return finding
    name, service = str(finding.path[0]), find(str(value.get("service")))
    if name == "metadata":
        return replace(finding, why="the server fills it in and refuses it in a PUT", fix="remove metadata")
    if name == "skip":
        return replace(finding, why="an overlay leaves the endpoint out of its environment", fix="remove skip")
    homes: dict[str, Any] = {"lifecycle": Lifecycle.model_fields, "probe": Probe.model_fields}
    if service is not None:
        homes |= {part: service.fields(part, str(value.get("task_type"))) for part in PARTS}
    homes["chunking_settings"] = {"strategy", *(key for strategy in STRATEGIES for key in fields(strategy))}
    home = next((home for home, known in homes.items() if name in known), "")
    if not home or not finding.fix.startswith("remove "):
        return finding
    fix = (
        f"move {name} into {home}" if _is_right(_moved(value, (name,), (home,)), version, places) else f"remove {name}"
    )
    return replace(finding, why=f"it is one of {home}: it goes there", fix=fix)


def _moved(value: Mapping[str, Any], path: Path, home: Path) -> Mapping[str, Any] | None:
    """The value with an entry moved into another mapping; None where that is not there, or has such an entry."""
    there, name = value_at(value, home), path[-1]
    if not isinstance(there, Mapping) or name in there:
        return None
    from inferctl.syntax.fixes import changed, without  # noqa: PLC0415  only for a fault

    return object_of(changed(without(value, path), (*home, name), value_at(value, path)))


def _is_right(value: Mapping[str, Any] | None, version: Version | None, places: Container[Path]) -> bool:
    """Whether nothing is wrong in the value but what was wrong before."""
    if value is None:
        return False
    try:
        Endpoint.model_validate(value, context=version)
    except ValidationError as error:
        return all(tuple(one["loc"]) in places for one in error.errors(include_url=False, include_input=False))
    return True


_ASKED_FOR = frozenset({"field.missing", "rule.one-of"})


def _part_line(service: Service, part: str, task_type: str, value: Mapping[str, Any], version: Version | None) -> str:
    """A line for a part of the endpoint `value`, with what stands in the wrong place where it cannot be a secret.

    Empty where nothing is asked for, or no line would do.
    """
    from inferctl.syntax.fixes import entry_line  # noqa: PLC0415  only for a fault

    known = service.fields(part, task_type)
    other = PARTS[1 - PARTS.index(part)]
    beside = value.get(other)
    parts: dict[str, Any] = {other: object_of(beside)}
    written = {**parts[other], **value}
    settings = {name: written[name] for name in known if name in written and _may_be_shown(name, written[name])}
    for _ in range(len(known) + 1):
        parts[part] = settings
        faults = service.validate(task_type, parts["service_settings"], parts["task_settings"], version)
        inside = [fault for fault in faults if fault.path[0] == part]
        asked = [str(fault.path[1]) for fault in inside if fault.code in _ASKED_FOR and len(fault.path) > 1]
        if not asked or asked[0] in settings:
            break
        settings = {**settings, asked[0]: known[asked[0]].example}
    return entry_line(part, settings) if settings and not inside else ""


def _may_be_shown(name: str, value: Json) -> bool:
    return is_shown(value) or not (sounds_secret(name) or holds_credential((name, name), value))
