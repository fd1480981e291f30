"""File, last declared, live: what differs, who moved, and what a key that left the file leaves behind. Pure.

Only a ledger knows what was declared last. A key that the file no longer has is a change, unless its live value is
gone or is what the server fills in by itself (docs/decisions/0008-ledger.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.json_types import canonical, object_of, path_text
from inferctl.model import chunking
from inferctl.planner.diff import field_changes
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.planner.normalise import is_size, keep_comparable, leaves, not_shown, page_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version
    from inferctl.planner.context import Context

_PARTS = ("service_settings", "task_settings", "chunking_settings")


def differences(
    desired: DesiredEndpoint, declared: JsonObject, shown: JsonObject, context: Context
) -> tuple[tuple[FieldChange, ...], tuple[str, ...]]:
    """The leaves that differ, and what has to be said of those that cannot be compared.

    `declared` is what the file says and `shown` what GET shows, both normalised.
    """
    version, last = context.terms.version, context.last(desired.inference_id)
    hidden = not_shown(desired.page, desired.task_type, shown, declared)
    fields = field_changes(keep_comparable(shown, declared, desired.inference_id), declared)
    fields = tuple(field for field in fields if field.path not in hidden)
    if last is not None:
        fields = (*fields, *removed_keys(last.declared, declared, shown, version))
    warnings: list[str] = []
    ignored = [field for field in fields if context.terms.ignores(field.path)]
    if ignored:
        fields = tuple(field for field in fields if field not in ignored)
        names = ", ".join(path_text(field.path) for field in ignored)
        warnings.append(f"differs and is left alone, as the settings file says (ignore): {names}")
    if hidden:
        names = ", ".join(sorted(path_text(path) for path in hidden))
        warnings.append(f"{version.line} does not show {names}: a change of it cannot be noticed")
    if version.serverless and desired.runs_in_cluster:
        kept = tuple(field for field in fields if not is_size(field.path))
        if kept != fields:
            # Serverless chooses the size of a model (docs/reference/server/errors.md#serverless): another one there is
            # no work for us.
            warnings.append("Serverless sizes the model itself: allocations differ from the file and are left alone")
        fields = kept
    return fields, tuple(warnings)


def removed_keys(
    last_declared: JsonObject, declared: JsonObject, shown: JsonObject, version: Version
) -> tuple[FieldChange, ...]:
    """The leaves that the last apply declared, the file no longer does, and the cluster still has."""
    wanted = {path for path, _ in leaves(declared)}
    live = dict(leaves(shown))
    removed = []
    for path, _ in leaves(last_declared):
        if path[0] not in _PARTS or path in wanted or path not in live or _speaks_of(wanted, path):
            continue
        if not _is_default(path, live[path], shown, version):
            removed.append(FieldChange(path, live[path], ABSENT))
    return tuple(removed)


def _speaks_of(wanted: set[Path], path: Path) -> bool:
    """Whether the file has a leaf above: it replaced the object by something else."""
    return any(path[:length] in wanted for length in range(1, len(path)))


def _is_default(path: Path, value: Json, shown: JsonObject, version: Version) -> bool:
    default = server_default(path, shown, version)
    return default is not None and canonical(default) == canonical(value)


def server_default(path: Path, shown: JsonObject, version: Version) -> Json:
    """What the server fills in by itself at this place; None when nothing is known."""
    if path[0] == "chunking_settings":
        filled = dict(chunking.DEFAULT)
        return filled.get(str(path[1])) if dict(object_of(shown.get("chunking_settings"))) == filled else None
    page, task_type = page_of(shown), str(shown.get("task_type", ""))
    if page is None:
        return None
    if path[1:] == ("rate_limit", "requests_per_minute"):
        offered = page.task_types.get(task_type)
        return offered.rate_limit_in(version) if offered else None
    setting = page.field(path, task_type)
    return setting.default_for(task_type, object_of(shown.get(str(path[0])))) if setting else None


def who_moved(fields: Iterable[FieldChange], last_declared: JsonObject) -> list[str]:
    """For each field who changed it since the last apply; empty where only the file did, or nobody knows."""
    last = dict(leaves(last_declared))
    return [_who(field, last) for field in fields]


def _who(field: FieldChange, last: Mapping[Path, Json]) -> str:
    if field.path not in last:
        return ""
    last_declared = canonical(last[field.path])
    file_moved = field.after is ABSENT or canonical(field.after) != last_declared
    live_moved = field.before is ABSENT or canonical(field.before) != last_declared
    if file_moved and live_moved:
        return "changed in the file, and by somebody else in the cluster"
    return "changed by somebody else in the cluster" if live_moved else ""
