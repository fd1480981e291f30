"""What a file says and what GET shows, in one comparable form. Only what the file says is compared.

Rules come from the catalogue, per service; there is no global ignore list (docs/reference/server/false-drift.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from inferctl.json_types import object_of
from inferctl.model.services import find
from inferctl.model.services.names import IN_CLUSTER, PARTS

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.model.services.service import Service


def of_desired(desired: DesiredEndpoint) -> dict[str, Json]:
    """The endpoint as GET would show it, declared leaves only, secrets left out."""
    return _form(desired, shown_name(desired.service), desired.secrets)


def of_observed(observed: ObservedEndpoint) -> dict[str, Json]:
    """All that GET shows, folded; without live values and without `metadata`."""
    return _form(observed, observed.service)


def shown_name(service: str) -> str:
    """What GET calls a service."""
    page = find(service)
    return page.observed_name if page else service


def _form(
    endpoint: DesiredEndpoint | ObservedEndpoint, name: str, secrets: frozenset[Path] = frozenset()
) -> dict[str, Json]:
    service = find(endpoint.service)
    form: dict[str, Json] = {"task_type": endpoint.task_type, "service": name}
    for part, settings in _named(service, endpoint).items():
        kept = pruned(service.fold(part, settings, endpoint.task_type) if service else settings)
        if part == "service_settings":
            kept = _without_secrets(kept, secrets) if secrets else kept
            live = _live(endpoint.inference_id, endpoint.service, endpoint.service_settings)
            kept = {key: value for key, value in kept.items() if key not in live}
        if kept:
            form[part] = kept
    chunks = _chunking(endpoint.chunking_settings)
    if chunks:
        form["chunking_settings"] = chunks
    return form


def _named(service: Service | None, endpoint: DesiredEndpoint | ObservedEndpoint) -> dict[str, JsonObject]:
    """The settings by part, under the names that GET uses."""
    if service is None:
        return {part: getattr(endpoint, part) for part in PARTS}
    found = service.named(endpoint.task_type, endpoint.service_settings, endpoint.task_settings)
    return {part: found.part(part) for part in PARTS}


def unseen(service: str, task_type: str, observed: JsonObject, desired: JsonObject) -> frozenset[Path]:
    """Leaves that a file declares and this server does not show: nobody can tell whether they differ."""
    hidden = hidden_in(service, task_type, dict(leaves(observed)))
    return frozenset(path for path, _ in leaves(desired) if path[:2] in hidden)


def hidden_in(service: str, task_type: str, shown: Mapping[Path, Json]) -> frozenset[Path]:
    """Settings that some versions do not show, and that are not among the leaves shown here."""
    page = find(service)
    hidden = page.unseen(task_type) if page else frozenset()
    return hidden - {path[:2] for path in shown} if hidden else hidden


def restricted(observed: JsonObject, desired: JsonObject) -> dict[str, Json]:
    """The part of `observed` that `desired` speaks of: mappings key by key, everything else whole."""
    kept: dict[str, Json] = {}
    for key, wanted in desired.items():
        if key not in observed:
            continue
        value = observed[key]
        kept[key] = restricted(value, wanted) if isinstance(value, Mapping) and isinstance(wanted, Mapping) else value
    return kept


def implied(observed: JsonObject, desired: JsonObject, inference_id: str) -> dict[str, Json]:
    """`restricted`, and the one key whose absence from a file says something.

    A file that sizes a model without `deployment_id` means a deployment of its own: an endpoint attached to
    somebody else's differs, and resizing that deployment would not be ours to do
    (docs/reference/server/reconciling.md#plan-table).
    """
    kept = restricted(observed, desired)
    wanted, seen = desired.get("service_settings"), observed.get("service_settings")
    if observed.get("service") != "elasticsearch" or not isinstance(seen, Mapping) or not isinstance(wanted, Mapping):
        return kept
    if "deployment_id" in wanted or not attached(inference_id, seen):
        return kept
    shown = kept.get("service_settings")
    own = dict(object_of(shown))
    return {**kept, "service_settings": {**own, "deployment_id": seen["deployment_id"]}}


def attached(inference_id: str, settings: JsonObject) -> bool:
    """Whether a model in the cluster runs on a deployment other than the endpoint's own.

    Source: docs/reference/server/in-cluster.md#create.
    """
    return settings.get("deployment_id") not in (None, inference_id)


def leaves(value: JsonObject, prefix: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every leaf with its path; a list is a leaf, an empty mapping too."""
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from leaves(inner, (*prefix, key))
        else:
            yield (*prefix, key), inner


def pruned(settings: JsonObject) -> dict[str, Json]:
    """Without empty mappings at any depth: servers drop them, so empty means absent."""
    kept: dict[str, Json] = {}
    for key, value in settings.items():
        inner = pruned(value) if isinstance(value, Mapping) else value
        if inner != {}:
            kept[key] = inner
    return kept


def _live(inference_id: str, service: str, settings: JsonObject) -> frozenset[str]:
    """Settings that the deployment decides, not the endpoint.

    Source: docs/reference/server/read.md#live-values, in-cluster.md#create.
    """
    if service not in IN_CLUSTER:
        return frozenset()
    if attached(inference_id, settings):
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


def _chunking(settings: JsonObject | None) -> JsonObject | None:
    if not settings:
        return None
    from inferctl.model.chunking import comparable  # noqa: PLC0415  its classes are built when they are needed

    return comparable(settings)
