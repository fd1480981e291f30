"""The recursive alias for JSON values, its one canonical text form, and ways into one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
else:
    Json = Any  # for pydantic, which reads annotations: what a JSON parser made needs no second look
JsonObject: TypeAlias = Mapping[str, Json]
# Keys and list positions from the document's root: ("service_settings", "rate_limit", "requests_per_minute").
Path: TypeAlias = tuple[str | int, ...]


def canonical(value: Json) -> str:
    """The same text for the same JSON value, whatever the order of keys. `1` and `1.0` and `true` differ."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def is_whole(value: Json) -> bool:
    """A whole number, and not true or false."""
    return isinstance(value, int) and not isinstance(value, bool)


def object_of(value: Json) -> JsonObject:
    """The mapping, or an empty one in the place of anything else."""
    return value if isinstance(value, Mapping) else {}


def value_at(value: Json, path: Path) -> Json:
    """What stands at a path; None where nothing does."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(str(part))
        elif isinstance(part, int) and isinstance(value, Sequence) and not isinstance(value, str):
            value = value[part] if part < len(value) else None
        else:
            return None
    return value


def path_text(path: Path) -> str:
    """`service_settings.rate_limit.requests_per_minute`, list positions as `[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text
