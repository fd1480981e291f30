"""Values of the package for tests, by keyword and with defaults: a change of their form is mended here alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from inferctl.diagnostics import Span
from inferctl.ledger.records import Holder, RunRecord, StepRecord
from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
from inferctl.model.endpoint import Expectation, Lifecycle, Probe
from inferctl.planner.action import Action
from inferctl.planner.change import Change
from inferctl.planner.ownership import LedgerView, Owned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.planner.secret_state import SecretCheck

    Object = Mapping[str, Any]

T = TypeVar("T")
SPAN = Span("f.yaml", 1, 1)


def changed(value: T, **new: Any) -> T:
    """A copy with other attributes, of a dataclass or of a model. Raises TypeError for one that it has not."""
    form: Any = value
    copied: T
    if dataclasses.is_dataclass(value):
        copied = dataclasses.replace(form, **new)
        return copied
    known = type(form).model_fields
    if unknown := new.keys() - known.keys():
        raise TypeError(f"{type(form).__name__} has no {sorted(unknown)}")
    copied = form.model_copy(update=new)
    for name in vars(copied).keys() - known.keys():  # cached answers of the value before the change
        del vars(copied)[name]
    return copied


def attributes(form: type) -> set[str]:
    """The names of what a value of this class holds."""
    kind: Any = form
    return (
        {field.name for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(form) else set(kind.model_fields)
    )


def desired(
    inference_id: str = "a",
    *,
    task_type: str = "completion",
    service: str = "openai",
    settings: Object | None = None,
    task: Object | None = None,
    chunking: Object | None = None,
    protect: Iterable[str] = (),
    ready_timeout_s: float = 900.0,
    probe: Probe | None = None,
    passthrough: bool = False,
    span: Span = SPAN,
) -> DesiredEndpoint:
    """What a file says. Each setting that is a reference to the environment is a secret."""
    settings = {"model_id": "m", "api_key": {"env": "K"}} if settings is None else settings
    secrets = frozenset(("service_settings", k) for k, v in settings.items() if isinstance(v, dict) and "env" in v)
    return DesiredEndpoint(
        inference_id=inference_id,
        task_type=task_type,
        service=service,
        service_settings=settings,
        task_settings=task or {},
        chunking_settings=chunking,
        span=span,
        secrets=secrets,
        lifecycle=lifecycle(protect=protect, ready_timeout_s=ready_timeout_s),
        probe=probe,
        passthrough=passthrough,
    )


def without(settings: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The settings but for these."""
    return {name: value for name, value in settings.items() if name not in names}


def revealed(value: Any, secret: str) -> Any:
    """The settings with this value in the place of each reference to the environment."""
    if isinstance(value, Mapping):
        return secret if set(value) == {"env"} else {key: revealed(inner, secret) for key, inner in value.items()}
    return [revealed(item, secret) for item in value] if isinstance(value, list) else value


def with_settings(endpoint: DesiredEndpoint, part: str = "service_settings", **settings: Any) -> DesiredEndpoint:
    """The endpoint with these settings as well, or with other values of them."""
    return changed(endpoint, **{part: {**getattr(endpoint, part), **settings}})


def lifecycle(*, protect: Iterable[str] = (), ready_timeout_s: float = 900.0) -> Lifecycle:
    verbs: frozenset[Any] = frozenset(protect)
    return Lifecycle(protect=verbs, ready_timeout=timedelta(seconds=ready_timeout_s))


def probe(input: str | list[str] = "x", *, query: str | None = None, dimensions: int | None = None) -> Probe:  # noqa: A002
    return Probe(input=input, query=query, expect=Expectation(dimensions=dimensions) if dimensions else None)


def observed(
    inference_id: str = "a",
    *,
    task_type: str = "completion",
    service: str = "openai",
    settings: Object | None = None,
    task: Object | None = None,
    chunking: Object | None = None,
) -> ObservedEndpoint:
    """What GET shows."""
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


def change(
    inference_id: str = "a",
    *,
    action: Action,
    task_type: str = "completion",
    service: str = "openai",
    settings: Object | None = None,
    ready_timeout_s: float = 900.0,
    span: Span | None = None,
    **more: Any,
) -> Change:
    """One step. What a file leads to has a declaration, of these settings and this place; the rest has a record."""
    if action in (Action.DELETE, Action.FORGET):
        more.setdefault("record", owned(declared={"task_type": task_type, "service": service}))
    else:
        declaration = desired(
            inference_id, task_type=task_type, service=service, settings=settings or {},
            ready_timeout_s=ready_timeout_s, span=span or Span(""),
        )  # fmt: skip
        more.setdefault("desired", declaration)
    return Change(inference_id, action, **more)


def owned(
    scope: str = "mine",
    *,
    declared: Object | None = None,
    protect: Iterable[str] = (),
    secrets: Object | None = None,
    intent: str = "",
) -> Owned:
    """What the ledger holds of an endpoint."""
    return Owned(scope=scope, declared=declared or {}, protect=frozenset(protect), secrets=secrets or {}, intent=intent)


def ledger_view(
    scope: str = "mine",
    *,
    owned: Mapping[str, Owned] | None = None,
    secrets: Mapping[str, tuple[SecretCheck, ...]] | None = None,
) -> LedgerView:
    """The ledger as a plan under this scope sees it."""
    return LedgerView(scope=scope, owned=owned or {}, secrets=secrets or {})


def holder(
    who: str = "ann", *, run: str = "r1", ttl_s: float = 60.0, run_url: str = "", since: str = "", beats: int = 0
) -> Holder:
    """Who holds a lock."""
    return Holder(run=run, who=who, ttl_s=ttl_s, run_url=run_url, since=since, beats=beats)


def run_record(
    run: str = "r1",
    *,
    scope: str = "mine",
    command: str = "apply",
    who: str = "ann",
    started_at: str = "2026-01-01T00:00:00Z",
    **more: Any,
) -> RunRecord:
    """A run that has begun."""
    return RunRecord(run=run, scope=scope, command=command, who=who, started_at=started_at, **more)


def step_record(
    inference_id: str = "a", *, action: str = "create", result: str = "done", detail: str = "", **more: Any
) -> StepRecord:
    """What a run did to one endpoint."""
    return StepRecord(inference_id=inference_id, action=action, result=result, detail=detail, **more)
