"""What a file says and what GET shows, in one comparable form. Only what the file says is compared.

Rules come from the catalogue, per service; there is no global ignore list (docs/reference/server/false-drift.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from inferctl.json_types import object_of
from inferctl.model.services import find
from inferctl.model.services.names import PARTS, runs_in_cluster

# On Serverless the platform sizes models itself (docs/reference/server/errors.md#serverless).
_SIZES = frozenset({"num_allocations", "adaptive_allocations"})

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.services.service import Service


def normalise_desired(desired: DesiredEndpoint) -> dict[str, Json]:
    """The endpoint as GET would show it, declared leaves only, secrets left out."""
    page = desired.page
    return _normalise(desired, page.observed_name if page else desired.service, desired.secrets)


def normalise_observed(observed: ObservedEndpoint) -> dict[str, Json]:
    """All that GET shows, folded; without live values and without `metadata`."""
    return _normalise(observed, observed.service)


def shown_name(service: str) -> str:
    """What GET calls a service."""
    page = find(service)
    return page.observed_name if page else service


def _normalise(
    endpoint: DesiredEndpoint | ObservedEndpoint, shown_as: str, secrets: frozenset[Path] = frozenset()
) -> dict[str, Json]:
    page = endpoint.page
    normalised: dict[str, Json] = {"task_type": endpoint.task_type, "service": shown_as}
    for part, settings in _under_names_of_get(page, endpoint).items():
        kept = prune(page.fold(part, settings, endpoint.task_type) if page else settings)
        if part == "service_settings":
            kept = _without_secrets(kept, secrets) if secrets else kept
            live = _live_settings(endpoint)
            kept = {key: value for key, value in kept.items() if key not in live}
        if kept:
            normalised[part] = kept
    chunking = _comparable_chunking(endpoint.chunking_settings)
    if chunking:
        normalised["chunking_settings"] = chunking
    return normalised


def _under_names_of_get(page: Service | None, endpoint: DesiredEndpoint | ObservedEndpoint) -> dict[str, JsonObject]:
    """The settings by part, under the names that GET uses."""
    if page is None:
        return {part: getattr(endpoint, part) for part in PARTS}
    named = page.named(endpoint.task_type, endpoint.service_settings, endpoint.task_settings)
    return {part: named.part(part) for part in PARTS}


def page_of(normalised: JsonObject) -> Service | None:
    """The catalogue's page of an endpoint that GET shows so."""
    return find(str(normalised.get("service", "")))


def not_shown(page: Service | None, task_type: str, observed: JsonObject, desired: JsonObject) -> frozenset[Path]:
    """Leaves that a file declares and this server does not show: nobody can tell whether they differ."""
    hidden = hidden_settings(page, task_type, dict(leaves(observed)))
    return frozenset(path for path, _ in leaves(desired) if path[:2] in hidden)


def hidden_settings(page: Service | None, task_type: str, shown: Mapping[Path, Json]) -> frozenset[Path]:
    """Settings that some versions do not show, and that are not among the leaves shown here."""
    hidden = page.unseen(task_type) if page else frozenset()
    return hidden - {path[:2] for path in shown} if hidden else hidden


def keep_declared(observed: JsonObject, desired: JsonObject) -> dict[str, Json]:
    """The part of `observed` that `desired` speaks of: mappings key by key, everything else whole."""
    kept: dict[str, Json] = {}
    for key, wanted in desired.items():
        if key not in observed:
            continue
        value = observed[key]
        kept[key] = (
            keep_declared(value, wanted) if isinstance(value, Mapping) and isinstance(wanted, Mapping) else value
        )
    return kept


def keep_comparable(observed: JsonObject, desired: JsonObject, inference_id: str) -> dict[str, Json]:
    """`keep_declared`, and the one key whose absence from a file says something.

    A file that sizes a model without `deployment_id` means a deployment of its own: an endpoint attached to
    somebody else's differs, and resizing that deployment would not be ours to do
    (docs/reference/server/reconciling.md#plan-table).
    """
    kept = keep_declared(observed, desired)
    settings, declared = object_of(observed.get("service_settings")), object_of(desired.get("service_settings"))
    sizes_its_own = declared and "deployment_id" not in declared and _in_cluster(observed)
    if not sizes_its_own or not is_attached(inference_id, settings):
        return kept
    compared = object_of(kept.get("service_settings"))
    return {**kept, "service_settings": {**compared, "deployment_id": settings["deployment_id"]}}


def is_attached(inference_id: str, settings: JsonObject) -> bool:
    """Whether a model in the cluster runs on a deployment other than the endpoint's own.

    Source: docs/reference/server/in-cluster.md#create.
    """
    return settings.get("deployment_id") not in (None, inference_id)


def owns_deployment(inference_id: str, observed: JsonObject) -> bool:
    """Whether an endpoint, as GET shows it, runs a model of its own in the cluster."""
    return _in_cluster(observed) and not is_attached(inference_id, object_of(observed.get("service_settings")))


def _in_cluster(observed: JsonObject) -> bool:
    return runs_in_cluster(str(observed.get("service", "")))


def is_size(path: Path) -> bool:
    """Whether a leaf says how many allocations a model has: on Serverless the platform's to decide."""
    return any(part in _SIZES for part in path)


def leaves(value: JsonObject, prefix: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every leaf with its path; a list is a leaf, an empty mapping too."""
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from leaves(inner, (*prefix, key))
        else:
            yield (*prefix, key), inner


def prune(settings: JsonObject) -> dict[str, Json]:
    """Without empty mappings at any depth: servers drop them, so empty means absent."""
    kept: dict[str, Json] = {}
    for key, value in settings.items():
        inner = prune(value) if isinstance(value, Mapping) else value
        if inner != {}:
            kept[key] = inner
    return kept


def _live_settings(endpoint: DesiredEndpoint | ObservedEndpoint) -> frozenset[str]:
    """Settings that the deployment decides, not the endpoint.

    Source: docs/reference/server/read.md#live-values, in-cluster.md#create.
    """
    if not endpoint.runs_in_cluster:
        return frozenset()
    settings = endpoint.service_settings
    if is_attached(endpoint.inference_id, settings):
        return frozenset({"num_allocations", "num_threads", "adaptive_allocations"})
    adaptive = settings.get("adaptive_allocations")
    if isinstance(adaptive, Mapping) and adaptive.get("enabled"):
        return frozenset({"num_allocations"})
    return frozenset()


def _without_secrets(
    settings: JsonObject, secrets: frozenset[Path], prefix: Path = ("service_settings",)
) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    for name, value in settings.items():
        path = (*prefix, name)
        if path in secrets:
            continue
        inner = _without_secrets(value, secrets, path) if isinstance(value, Mapping) else value
        if inner != {}:
            kept[name] = inner
    return kept


def _comparable_chunking(settings: JsonObject | None) -> JsonObject | None:
    if not settings:
        return None
    from inferctl.model.chunking import comparable  # noqa: PLC0415  its classes are built when they are needed

    return comparable(settings)
