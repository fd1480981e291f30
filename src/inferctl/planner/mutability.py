"""What a server of a version changes in place, by kind of setting: the table behind "update or replace".

Source: docs/reference/server/reconciling.md#plan-table.

Where sources disagree, the later version and the stricter bound stand here; the read-back decides in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from inferctl.json_types import object_of, path_text
from inferctl.model.task_types import CHUNKED
from inferctl.model.versions import STRICT_UPDATES, UNRELEASED, Since, Version, since
from inferctl.planner.normalise import is_attached

if TYPE_CHECKING:
    from inferctl.json_types import JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint


class Kind(Enum):
    """The kinds of change that servers treat alike (docs/reference/server/update-outcomes.md)."""

    NEVER = "service, task type"
    TASK_SETTING = "task setting"
    TASK_SETTING_IN_CLUSTER = "task setting of a model in the cluster"
    CHUNKING = "chunking settings"
    ALLOCATIONS = "num_allocations of an own deployment"
    ADAPTIVE = "bounds of adaptive allocations"
    ADAPTIVE_SWITCH = "switch between fixed and adaptive allocations"
    BY_FIELD = "a service setting: the catalogue says since when"


# kind -> the versions whose `_update` really changes it. Before and elsewhere: replace.
UPDATABLE: dict[Kind, Since] = {
    Kind.NEVER: UNRELEASED,
    Kind.TASK_SETTING: since("8.17"),
    Kind.TASK_SETTING_IN_CLUSTER: since("9.4"),
    Kind.CHUNKING: since("9.5"),
    Kind.ALLOCATIONS: since("8.17"),
    Kind.ADAPTIVE: since("9.3"),
    Kind.ADAPTIVE_SWITCH: since("9.3"),
}
# Kinds of which an update is tried where the table has it, although nobody has seen one end to end.
_NOT_PROVEN = frozenset({Kind.ADAPTIVE_SWITCH})
SIZES = ("num_allocations", "adaptive_allocations")

# Any update resets chunking here, and no patch release is known to mend it
# (docs/reference/server/reconciling.md#known-faults).
_RESETS_CHUNKING = frozenset({Version(8, 17), Version(8, 18), Version(9, 0), Version(9, 1)})
# Mended in a patch release of these lines: early patches still do it.
_MAY_RESET_CHUNKING = frozenset({Version(8, 19), Version(9, 2), Version(9, 3)})


def kind_of(path: Path, desired: DesiredEndpoint, observed: ObservedEndpoint) -> Kind:
    """Which row of the table a leaf belongs to."""
    in_cluster = desired.runs_in_cluster
    if path[0] == "task_settings":
        return Kind.TASK_SETTING_IN_CLUSTER if in_cluster else Kind.TASK_SETTING
    if path[0] == "chunking_settings":
        return Kind.CHUNKING
    if path[0] != "service_settings":
        return Kind.NEVER
    if in_cluster and path[1] in SIZES:
        if switches_allocations(desired.service_settings, observed.service_settings):
            return Kind.ADAPTIVE_SWITCH
        return Kind.ALLOCATIONS if path[1] == "num_allocations" else Kind.ADAPTIVE
    return Kind.BY_FIELD


def switches_allocations(desired: JsonObject, observed: JsonObject) -> bool:
    """Whether a model goes from a fixed number of allocations to adaptive ones, or back, by its `service_settings`."""
    return is_adaptive(desired) != is_adaptive(observed)


def is_adaptive(settings: JsonObject) -> bool:
    """Whether these `service_settings` let the number of allocations follow the load."""
    bounds = settings.get("adaptive_allocations")
    return isinstance(bounds, Mapping) and bounds.get("enabled") is True


def with_switch(settings: JsonObject, version: Version) -> JsonObject:
    """The `service_settings` of an update that switches: to a fixed number, adaptive allocations have to be put off.

    Until 9.5 the server merges both keys, and what is left out stays; after it one clears the other, and takes no
    second (docs/reference/server/in-cluster.md#update).
    """
    if is_adaptive(settings) or "num_allocations" not in settings:
        return settings
    rest = {key: value for key, value in settings.items() if key != "adaptive_allocations"}
    if since("9.6").includes(version):
        return rest
    return {**rest, "adaptive_allocations": {**object_of(settings.get("adaptive_allocations")), "enabled": False}}


def not_proven(path: Path, desired: DesiredEndpoint, observed: ObservedEndpoint, version: Version) -> str:
    """What to know of an update of this leaf that is only tried; empty where it is known to do it, or not tried."""
    kind = kind_of(path, desired, observed)
    if kind not in _NOT_PROVEN or why_replace(path, desired, observed, version):
        return ""
    what = "can switch between fixed and adaptive allocations in an update"
    return f"that {version} {what} is not proven: the read-back tells"


def why_replace(path: Path, desired: DesiredEndpoint, observed: ObservedEndpoint, version: Version) -> str:
    """Why this server cannot change the leaf in place, in words; empty where it can."""
    kind = kind_of(path, desired, observed)
    name = path_text(path)
    if kind is Kind.NEVER:
        return f"the {name.replace('_', ' ')} of an endpoint never changes, so replace"
    if desired.runs_in_cluster and is_attached(observed.inference_id, observed.service_settings):
        # 404 on 8.17, somebody else's deployment changes on 8.18 to 9.1, 409 from 9.2
        # (docs/reference/server/in-cluster.md#update, reconciling.md#plan-table).
        deployment = observed.service_settings["deployment_id"]
        return f"{version.line} cannot update {name} of an endpoint attached to deployment {deployment}, so replace"
    in_place = _in_place_since(kind, path, desired)
    if in_place.includes(version):
        return ""
    ignores = "refuses" if _refuses(kind, version) else "ignores"
    later = f" (in place from {in_place.text()})" if in_place.text() else ""
    return f"{version.line} {ignores} {name} in an update{later}, so replace"


def _in_place_since(kind: Kind, path: Path, desired: DesiredEndpoint) -> Since:
    if kind not in (Kind.BY_FIELD, Kind.TASK_SETTING):
        return UPDATABLE[kind]
    page = desired.page
    fact = page.field(path[:2], desired.task_type) if page else None
    return (fact.updatable_since if fact else None) or (UPDATABLE[kind] if kind is Kind.TASK_SETTING else UNRELEASED)


def _refuses(kind: Kind, version: Version) -> bool:
    """Answers 400, instead of 200 without an effect."""
    return version.effective() >= STRICT_UPDATES or kind in (
        Kind.CHUNKING,
        Kind.TASK_SETTING_IN_CLUSTER,
        Kind.ADAPTIVE,
        Kind.ADAPTIVE_SWITCH,
    )


def accepts_timeout(version: Version) -> bool:
    """Whether PUT takes `?timeout` (8.19 and 9.1 on; 8.18.0 and 9.0.0 refuse it).

    Source: docs/reference/server/requests.md#parameters.
    """
    return since("8.19", "9.1").includes(version)


def needs_all_secrets(version: Version) -> bool:
    """Whether an update with any service setting must repeat every secret (until 9.4).

    Source: docs/reference/server/update.md#merge.
    """
    return version.effective() < STRICT_UPDATES


def resets_chunking(observed: ObservedEndpoint, version: Version) -> bool:
    """Whether any update of this endpoint loses its chunking settings on this server (bug #139574)."""
    return version.effective() in _RESETS_CHUNKING and _has_something_to_lose(observed)


def may_reset_chunking(observed: ObservedEndpoint, version: Version) -> bool:
    """The same, depending on the patch release."""
    return version.effective() in _MAY_RESET_CHUNKING and _has_something_to_lose(observed)


def _has_something_to_lose(observed: ObservedEndpoint) -> bool:
    if observed.task_type not in CHUNKED or not observed.chunking_settings:
        return False
    from inferctl.model.chunking import AFTER_RESET  # noqa: PLC0415  its classes are built when they are needed

    return dict(observed.chunking_settings) != dict(AFTER_RESET)
