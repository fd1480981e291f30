"""What a file says and what GET shows, in one comparable form. Only what the file says is compared.

Rules come from the catalogue, per service; there is no global ignore list (catalog-notes.md, "false drift").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from inferctl.model import chunking
from inferctl.model.services import find

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.endpoint import DesiredEndpoint, ObservedEndpoint

_PARTS = ("service_settings", "task_settings")


def of_desired(desired: DesiredEndpoint) -> dict[str, Json]:
    """The endpoint as GET would show it, declared leaves only, secrets left out."""
    service = find(desired.service)
    form: dict[str, Json] = {
        "task_type": desired.task_type,
        "service": (service.observed_name if service else "") or desired.service,
    }
    for part in _PARTS:
        settings: JsonObject = getattr(desired, part)
        kept = service.fold(part, settings, desired.task_type) if service else dict(settings)
        if part == "service_settings":
            kept = _without(_without_secrets(kept, desired.secrets), _live(desired.service, desired.service_settings))
        if kept:
            form[part] = kept
    chunks = chunking.comparable(desired.chunking_settings)
    if chunks:
        form["chunking_settings"] = chunks
    return form


def of_observed(observed: ObservedEndpoint) -> dict[str, Json]:
    """All that GET shows, folded; without live values and without `metadata`."""
    service = find(observed.service)
    form: dict[str, Json] = {"task_type": observed.task_type, "service": observed.service}
    for part in _PARTS:
        settings: JsonObject = getattr(observed, part)
        kept = service.fold(part, settings, observed.task_type) if service else dict(settings)
        if part == "service_settings":
            kept = _without(kept, _live(observed.service, observed.service_settings))
        if kept:
            form[part] = kept
    chunks = chunking.comparable(observed.chunking_settings)
    if chunks:
        form["chunking_settings"] = chunks
    return form


def restricted(observed: JsonObject, desired: JsonObject) -> dict[str, Json]:
    """The part of `observed` that `desired` speaks of: mappings key by key, everything else whole."""
    kept: dict[str, Json] = {}
    for key, wanted in desired.items():
        if key not in observed:
            continue
        value = observed[key]
        kept[key] = restricted(value, wanted) if isinstance(value, Mapping) and isinstance(wanted, Mapping) else value
    return kept


def leaves(value: JsonObject, prefix: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every leaf with its path; a list is a leaf, an empty mapping too."""
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from leaves(inner, (*prefix, key))
        else:
            yield (*prefix, key), inner


def _live(service: str, settings: JsonObject) -> frozenset[str]:
    """Settings that the deployment decides, not the endpoint (inference-api 4.3, 3.8)."""
    if service not in ("elasticsearch", "elser"):
        return frozenset()
    if "deployment_id" in settings:
        return frozenset({"num_allocations", "num_threads", "adaptive_allocations"})
    adaptive = settings.get("adaptive_allocations")
    if isinstance(adaptive, Mapping) and adaptive.get("enabled"):
        return frozenset({"num_allocations"})
    return frozenset()


def _without(settings: JsonObject, names: frozenset[str]) -> dict[str, Json]:
    return {name: value for name, value in settings.items() if name not in names}


def _without_secrets(
    settings: JsonObject, secrets: frozenset[Path], prefix: Path = ("service_settings",)
) -> JsonObject:
    kept: dict[str, Json] = {}
    for name, value in settings.items():
        path = (*prefix, name)
        if path in secrets:
            continue
        inner = _without_secrets(value, secrets, path) if isinstance(value, Mapping) else value
        if inner != {} or value == {}:
            kept[name] = inner
    return kept
