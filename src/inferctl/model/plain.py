"""A quick look at a mapping: is it plainly of the right shape? What is not goes to the models, which explain it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# key -> the exact type of its value, or the keys below it. "!" marks what must be there.
Shape = Mapping[str, Any]

_EXPECT: Shape = {"dimensions": int}
_PROBE: Shape = {"input!": object, "query": str, "expect": _EXPECT}
_LIFECYCLE: Shape = {"protect": list, "ready_timeout": str}
ENDPOINT: Shape = {
    "inference_id!": str,
    "task_type!": str,
    "service!": str,
    "service_settings!": dict,
    "task_settings": dict,
    "chunking_settings": dict,
    "lifecycle": _LIFECYCLE,
    "probe": _PROBE,
    "passthrough": bool,
}


def is_plain(value: Mapping[str, Any], shape: Shape = ENDPOINT) -> bool:
    """Whether every key is known and of its plain type, and none is missing. False is not "wrong"."""
    required = 0
    for key, inner in value.items():
        wanted = shape.get(key)
        if wanted is None:
            wanted = shape.get(f"{key}!")
            required += wanted is not None
        if not _fits(inner, wanted):
            return False
    return required == sum(key.endswith("!") for key in shape)


def _fits(value: Any, wanted: Any) -> bool:
    if wanted is None:
        return False
    if wanted is object:
        return True
    if isinstance(wanted, Mapping):
        return type(value) is dict and is_plain(value, wanted)
    if wanted is list:
        return type(value) is list and all(type(item) is str for item in value)
    return type(value) is wanted
