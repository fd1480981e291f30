"""The envelope of an endpoint file: our keys and the API's top level, as pydantic models.

Imported for a mapping that `plain.is_plain` does not let by, so that a run over good files does not pay for pydantic
(90 ms of 340). The models have the last word: whatever passes there passes here (tests/files/test_plain.py).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class LifecycleKeys(_Strict):
    """`lifecycle:`."""

    protect: list[str] = []
    ready_timeout: str | None = None


class ExpectKeys(_Strict):
    """`probe.expect:`."""

    dimensions: int | None = None


class ProbeKeys(_Strict):
    """`probe:`."""

    input: Any
    query: str | None = None
    expect: ExpectKeys | None = None


class Envelope(_Strict):
    """One endpoint. Settings are checked by the catalogue of services, not here."""

    inference_id: str
    task_type: str
    service: str
    service_settings: dict[str, Any]
    task_settings: dict[str, Any] = {}
    chunking_settings: dict[str, Any] = {}
    lifecycle: LifecycleKeys = LifecycleKeys()
    probe: ProbeKeys | None = None
    passthrough: bool = False


FIELDS: dict[str, tuple[str, ...]] = {
    "": tuple(Envelope.model_fields),
    "lifecycle": tuple(LifecycleKeys.model_fields),
    "probe": tuple(ProbeKeys.model_fields),
    "probe.expect": tuple(ExpectKeys.model_fields),
}


def faults(value: object) -> list[tuple[str, tuple[str | int, ...]]]:
    """(kind of pydantic, path) of everything that is wrong. No value is quoted."""
    try:
        Envelope.model_validate(value)
    except ValidationError as error:
        return [
            (fault["type"], fault["loc"])
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    return []
