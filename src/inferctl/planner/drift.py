"""File, last declared, live: who moved, and what a key that left the file leaves behind. Pure.

Only a ledger knows what was declared last. A key that the file no longer has is a change, unless its live value is
gone or is what the server fills in by itself (docs/decisions/0008-ledger.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.json_types import canonical, object_of
from inferctl.model import chunking
from inferctl.model.services import find
from inferctl.planner.change import ABSENT, FieldChange
from inferctl.planner.normalise import leaves

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.versions import Version

_PARTS = ("service_settings", "task_settings", "chunking_settings")


def removed_keys(declared: JsonObject, form: JsonObject, seen: JsonObject, version: Version) -> tuple[FieldChange, ...]:
    """The leaves that the last apply declared, the file no longer does, and the cluster still has."""
    wanted = {path for path, _ in leaves(form)}
    live = dict(leaves(seen))
    found = []
    for path, _ in leaves(declared):
        if path[0] not in _PARTS or path in wanted or path not in live or _speaks_of(wanted, path):
            continue
        if not _is_default(path, live[path], seen, version):
            found.append(FieldChange(path, live[path], ABSENT, note="the file no longer declares it"))
    return tuple(found)


def _speaks_of(wanted: set[Path], path: Path) -> bool:
    """Whether the file has a leaf above: it replaced the object by something else."""
    return any(path[:length] in wanted for length in range(1, len(path)))


def _is_default(path: Path, value: Json, seen: JsonObject, version: Version) -> bool:
    default = server_default(path, seen, version)
    return default is not None and canonical(default) == canonical(value)


def server_default(path: Path, seen: JsonObject, version: Version) -> Json:
    """What the server fills in by itself at this place; None when nothing is known."""
    if path[0] == "chunking_settings":
        filled = dict(chunking.DEFAULT)
        shown = seen.get("chunking_settings")
        return filled.get(str(path[1])) if isinstance(shown, Mapping) and dict(shown) == filled else None
    service, task_type = find(str(seen.get("service", ""))), str(seen.get("task_type", ""))
    if service is None:
        return None
    if path[1:] == ("rate_limit", "requests_per_minute"):
        offered = service.task_types.get(task_type)
        return offered.rate_limit_in(version) if offered else None
    fact = service.field(path, task_type)
    settings = seen.get(str(path[0]))
    return fact.default_for(task_type, object_of(settings)) if fact else None


def who_moved(fields: tuple[FieldChange, ...], declared: JsonObject) -> tuple[FieldChange, ...]:
    """Each field with a word on who changed it since the last apply: the file, somebody else, or both."""
    last = dict(leaves(declared))
    return tuple(replace(field, note=_joined(field.note, _who(field, last))) for field in fields)


def _who(field: FieldChange, last: Mapping[Path, Json]) -> str:
    if field.path not in last:
        return ""
    declared = canonical(last[field.path])
    file_moved = field.after is ABSENT or canonical(field.after) != declared
    live_moved = field.before is ABSENT or canonical(field.before) != declared
    if file_moved and live_moved:
        return "changed in the file, and by somebody else in the cluster"
    return "changed by somebody else in the cluster" if live_moved else ""


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text)
