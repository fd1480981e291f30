"""JSON from a stranger, read strictly: bounds, no duplicate keys, no unknown ones, and each fault with its place.

No value of the document is ever quoted: it could be a secret that somebody put there.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.json_types import Json, Path

MAX_BYTES = 64 * 1024 * 1024  # some ten thousand endpoints
_MAX_DEPTH = 40
_MAX_DIGITS = 40
_T = TypeVar("_T")


class Damaged(ValueError):  # noqa: N818  an error is named by what happened
    """What is wrong, and where (`plan.changes[3].action`; empty: the whole)."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


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
    todo: list[tuple[Any, int]] = [(value, 1)]
    while todo:
        item, depth = todo.pop()
        if depth > _MAX_DEPTH:
            raise Damaged("it is nested too deeply")
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        todo += [(one, depth + 1) for one in inner]


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place. Each method answers the value as what it should be, or raises Damaged."""

    value: Any
    where: str = ""

    def fail(self, what: str) -> Damaged:
        """The fault, to be raised."""
        return Damaged(what, self.where)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.fail("a string is expected")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("true or false is expected")
        return self.value

    def number(self) -> float:
        """A number of seconds: not negative."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or self.value < 0:
            raise self.fail("a number, 0 or more, is expected")
        return float(self.value)

    def mapping(self) -> dict[str, Json]:
        """An object of any shape."""
        if not isinstance(self.value, dict):
            raise self.fail("an object is expected")
        return self.value

    def object(self, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Mapping[str, Node]:
        """An object with these keys and no other."""
        found = self.mapping()
        missing, unknown = sorted(required - found.keys()), sorted(found.keys() - required - optional)
        if missing:
            raise self.fail(f"{missing[0]} is missing")
        if unknown:
            raise self.fail(f"unknown key {unknown[0][:60]!r}")
        prefix = f"{self.where}." if self.where else ""
        return {key: Node(value, f"{prefix}{key}") for key, value in found.items()}

    def items(self) -> list[Node]:
        if not isinstance(self.value, list):
            raise self.fail("a list is expected")
        return [Node(value, f"{self.where}[{index}]") for index, value in enumerate(self.value)]

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def path(self) -> Path:
        """Keys and list positions from the endpoint's root."""
        parts = self.items()
        for part in parts:
            if isinstance(part.value, bool) or not isinstance(part.value, str | int):
                raise part.fail("a key or a position is expected")
        if not parts:
            raise self.fail("a path is expected")
        return tuple(part.value for part in parts)

    def paths(self) -> frozenset[Path]:
        return frozenset(item.path() for item in self.items())

    def optional(self, read: Callable[[Node], _T]) -> _T | None:
        """The same, or null."""
        return None if self.value is None else read(self)

    def one_of(self, words: Mapping[str, _T]) -> _T:
        """What a word stands for."""
        found = words.get(self.value) if isinstance(self.value, str) else None
        if found is None:
            raise self.fail(f"one of {', '.join(words)} is expected")
        return found
