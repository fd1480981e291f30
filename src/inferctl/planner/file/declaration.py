"""What a file declares of one endpoint, as a saved plan holds it: the words of an endpoint file, without the id.

Read back, it passes every check that the file passed: nothing gets into a plan that could not stand in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from inferctl.diagnostics import Severity, Span
from inferctl.errors import PlanFileError
from inferctl.fix import advice
from inferctl.json_types import path_text
from inferctl.model.read_endpoint import read_endpoint
from inferctl.model.services.names import PARTS
from inferctl.planner.file.hide_credentials import plain_json
from inferctl.planner.file.strict_json import Damaged
from inferctl.planner.normalise import leaves
from inferctl.planner.region_policy import normalised
from inferctl.secrets.credentials import holds_credential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version


def write_declaration(desired: DesiredEndpoint) -> dict[str, Json]:
    """The declaration. Raises PlanFileError where it holds a credential in clear."""
    for path in credentials_in(desired):
        raise PlanFileError(
            f"{desired.inference_id}: {path_text(path)} holds a credential in clear: a plan file holds none"
        ).with_fixes(advice(f"use a secret field of {desired.service}, with a reference"))
    document: dict[str, Json] = {"task_type": desired.task_type, "service": desired.service, "service_settings": {}}
    for part in ("service_settings", "task_settings", "chunking_settings"):
        settings = getattr(desired, part)
        if settings:
            document[part] = plain_json(settings, (part,))
    for key in ("lifecycle", "probe"):
        own = getattr(desired, key)
        written = own.model_dump(mode="json", exclude_defaults=True) if own is not None else {}
        if written:
            document[key] = written
    if desired.passthrough:
        document["passthrough"] = True
    return document


def read_declaration(value: JsonObject, place: str, inference_id: str, line: Version | None) -> DesiredEndpoint:
    """The endpoint that a declaration means, for the newest server or for the one the plan is for. Raises Damaged."""
    if "inference_id" in value:
        raise Damaged("unknown key 'inference_id'", place)
    document = {"inference_id": inference_id, **value}
    reading = read_endpoint(document, Span(""))
    if reading.endpoint is None and line is not None:
        reading = read_endpoint(document, Span(""), line)
    if reading.endpoint is None:
        finding = next(finding for finding in reading.findings if finding.severity is Severity.ERROR)
        raise Damaged(finding.what, f"{place}.{path_text(finding.path)}".rstrip("."))
    for path in credentials_in(reading.endpoint):
        raise Damaged("it holds a credential in clear", f"{place}.{path_text(path)}")
    return reading.endpoint


def read_policy(value: JsonObject | None, place: str) -> dict[str, Json] | None:
    """The region policy that a declaration means, as the settings file could hold it. Raises Damaged."""
    from inferctl.model.region_policy import RegionPolicy  # noqa: PLC0415  most plans have none

    if value is None:
        return None
    try:
        return normalised(RegionPolicy.model_validate(value).document())
    except ValidationError:
        raise Damaged("it is no region policy", place) from None


def credentials_in(desired: DesiredEndpoint) -> Iterator[Path]:
    """Where a declaration holds a credential that is no reference."""
    for part in PARTS:
        for path, value in leaves(getattr(desired, part), (part,)):
            if not any(path[: len(secret)] == secret for secret in desired.secrets) and holds_credential(path, value):
                yield path
