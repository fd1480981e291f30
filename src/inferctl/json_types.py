"""The recursive alias for JSON values, the way from and to text, and ways into one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
else:
    Json = Any  # for pydantic, which reads annotations: what a JSON parser made needs no second look
JsonObject: TypeAlias = Mapping[str, Json]
# What CI runners look for in whatever a job prints: GitHub and Azure for `##[` and `##vso[` anywhere in a line, GitHub
# for `::` at its beginning. A text is printed by others as well (`jq -r`), so the beginning of each line in it counts.
_RUNNER_COMMAND = re.compile(r"#(?=#\w*\[)|(?:(?<!\w)|(?<=\\[nrt])):(?=:)")
# Keys and list positions from the document's root: ("service_settings", "rate_limit", "requests_per_minute").
Path: TypeAlias = tuple[str | int, ...]


def canonical(value: Json) -> str:
    """The same text for the same JSON value, whatever the order of keys. `1` and `1.0` and `true` differ."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def printed(value: object, *, indent: int, sort_keys: bool = False) -> str:
    """Indented JSON in ASCII for a file or a page, a newline at its end: no terminal and no CI runner obeys it.

    Only texts can hold what a runner looks for. Raises ValueError for NaN and infinity.
    """
    text = json.dumps(value, indent=indent, sort_keys=sort_keys, ensure_ascii=True, allow_nan=False)
    return escaped_commands(text) + "\n"


def escaped_commands(quoted: str) -> str:
    """Text in double quotes, of JSON or YAML, with `\\u0023` and `\\u003a` where a CI runner would see a command."""
    return _RUNNER_COMMAND.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def parse_within(
    text: str | bytes,
    *,
    depth: int,
    digits: int,
    keys: int,
) -> Json:
    """JSON from a stranger, within bounds: containers in containers, digits of a whole number, keys of an object.

    No NaN, no infinity, no key twice in one object.

    Raises ValueError, whose text quotes nothing of the document; json.JSONDecodeError (one too) where it is no JSON.
    """

    def whole(text: str) -> int:
        if len(text) > digits:
            raise ValueError("a number is too large")
        return int(text)

    def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > keys:
            raise ValueError(f"an object has more than {keys} keys")
        values = dict(pairs)
        if len(values) != len(pairs):
            raise ValueError("an object says a key twice")
        return values

    try:
        value: Json = json.loads(
            text, object_pairs_hook=each_key_once, parse_constant=_no_constant, parse_float=_finite, parse_int=whole
        )
    except RecursionError:
        value, too_deep = None, True
    else:
        too_deep = _is_deeper(value, depth)
    if too_deep:
        raise ValueError("it is nested too deeply")
    return value


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _is_deeper(value: Json, depth: int) -> bool:
    """Level by level, without a call for each: a document may hold a million values."""
    level: list[Any] = [value]
    for _ in range(depth + 1):
        level = [container for container in level if isinstance(container, dict | list)]
        if not level:
            return False
        level = [
            value for container in level for value in (container.values() if isinstance(container, dict) else container)
        ]
    return True


def is_whole(value: Json) -> bool:
    """A whole number, and not true or false."""
    return isinstance(value, int) and not isinstance(value, bool)


def object_of(value: object) -> JsonObject:
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


def texts_in(value: Json) -> Iterator[str]:
    """Every string in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts_in(inner)
