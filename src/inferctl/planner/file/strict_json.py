"""JSON from a stranger, within bounds: its size, its depth, no key twice, no number that JSON has no word for.

No value of the document is ever quoted: it could be a secret that somebody put there.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inferctl.json_types import Json

MAX_BYTES = 64 * 1024 * 1024  # some ten thousand endpoints
_MAX_DEPTH = 40
_MAX_KEYS = 100_000  # in one object
_MAX_DIGITS = 40


class Damaged(ValueError):  # noqa: N818  an error is named by what happened
    """What is wrong, and where (`plan.changes[3].action`; empty: the whole)."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where

    def __str__(self) -> str:
        # Keys can be a stranger's: one line, and none of its characters steers anything.
        where = self.where if self.where.isprintable() else ascii(self.where)
        return f"{where}: {self.what}" if where else self.what


def parse(octets: bytes) -> Json:
    """The document. Raises Damaged for what is no JSON, too large, too deep, or says a key twice."""
    if len(octets) > MAX_BYTES:
        raise Damaged(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Damaged("it is not UTF-8") from error
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
        )
    except RecursionError:
        raise Damaged("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Damaged(f"it is no JSON (line {error.lineno}, column {error.colno}): is it cut off?") from None
    _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MAX_KEYS:
        raise Damaged(f"an object has more than {_MAX_KEYS} keys")
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Damaged("an object says a key twice")
    return found


def _constant(text: str) -> float:
    raise Damaged(f"{text} is no JSON number")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Damaged("a number is too large")
    return value


def _int(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise Damaged("a number is too large")
    return int(text)


def _check_depth(value: Json) -> None:
    level: list[Any] = [value]
    for _ in range(_MAX_DEPTH + 1):
        level = [container for container in level if isinstance(container, dict | list)]
        if not level:
            return
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    raise Damaged("it is nested too deeply")
