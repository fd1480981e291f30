"""Small desired and observed endpoints for the tables of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inferctl.diagnostics import Span
from inferctl.model.endpoint import DesiredEndpoint, Lifecycle, ObservedEndpoint
from inferctl.model.versions import Version
from inferctl.plan.make import make_plan
from inferctl.plan.plan import Capabilities, DesiredSet, Observation, Permissions, Plan

if TYPE_CHECKING:
    from inferctl.plan.references import References

RESET = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}


def desired(
    inference_id: str = "a",
    *,
    task_type: str = "completion",
    service: str = "openai",
    settings: dict[str, Any] | None = None,
    task: dict[str, Any] | None = None,
    chunking: dict[str, Any] | None = None,
    protect: tuple[str, ...] = (),
) -> DesiredEndpoint:
    settings = {"model_id": "m", "api_key": {"env": "K"}} if settings is None else settings
    secrets = frozenset(("service_settings", k) for k, v in settings.items() if isinstance(v, dict) and "env" in v)
    return DesiredEndpoint(
        inference_id, task_type, service, settings, task or {}, chunking, Span("f.yaml", 1, 1), secrets,
        Lifecycle(protect=frozenset(protect)),
    )  # fmt: skip


def observed(
    inference_id: str = "a",
    *,
    task_type: str = "completion",
    service: str = "openai",
    settings: dict[str, Any] | None = None,
    task: dict[str, Any] | None = None,
    chunking: dict[str, Any] | None = None,
) -> ObservedEndpoint:
    raw: dict[str, Any] = {
        "inference_id": inference_id,
        "task_type": task_type,
        "service": service,
        "service_settings": {"model_id": "m", "rate_limit": {"requests_per_minute": 500}}
        if settings is None
        else settings,
    }
    if task:
        raw["task_settings"] = task
    if chunking:
        raw["chunking_settings"] = chunking
    return ObservedEndpoint.from_json(raw)


def plan_of(
    wanted: list[DesiredEndpoint],
    there: list[ObservedEndpoint],
    version: str = "9.5",
    *,
    references: dict[str, References] | None = None,
    complete: bool = True,
    list_complete: bool = True,
    selected: frozenset[str] | None = None,
    **permissions: Any,
) -> Plan:
    permissions.setdefault("manage", ("a*", "b*"))
    return make_plan(
        DesiredSet(tuple(wanted), complete=complete, selected=selected),
        Observation({e.inference_id: e for e in there}, complete=list_complete, references=references or {}),
        Capabilities(Version.parse(version)),
        Permissions(**permissions),
    )
