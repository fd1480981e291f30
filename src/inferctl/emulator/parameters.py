"""Query parameters that every route takes, those that nobody consumed, and `filter_path` (requests.md#parameters)."""

import fnmatch
from collections.abc import Iterable
from typing import Any

from .errors import ApiError, illegal_argument

COMMON = frozenset({"pretty", "human", "error_trace", "filter_path", "format"})
"""Taken on every route. `human` and `format` change nothing here: answers are JSON."""

_SIMILAR = 0.5

Pattern = tuple[str, ...]


def unrecognized(path: str, unknown: list[str], known: Iterable[str]) -> ApiError:
    """`request [/x] contains unrecognized parameter: [foo] -> did you mean [for]?`."""
    plural = "s" if len(unknown) > 1 else ""
    words = ", ".join(f"[{name}]{_suggestion(name, known)}" for name in unknown)
    return illegal_argument(f"request [{path}] contains unrecognized parameter{plural}: {words}")


def similar(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that a name may have meant, best first."""
    scored = sorted((-_similarity(name, candidate), candidate) for candidate in candidates)
    return [candidate for score, candidate in scored if -score > _SIMILAR]


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = similar(name, {*known, *COMMON})
    if not near:
        return ""
    if len(near) == 1:
        return f" -> did you mean [{near[0]}]?"
    return f" -> did you mean any of [{', '.join(near)}]?"


def _similarity(left: str, right: str) -> float:
    """1 minus the edit distance over the longer length."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return 1 - row[-1] / max(len(left), len(right), 1)


def filter_path(value: Any, expression: str) -> Any:
    """What is left of an answer; `-` in front of a pattern excludes. Errors go whole."""
    words = [word.strip() for word in expression.split(",") if word.strip()]
    includes = [_split(word) for word in words if not word.startswith("-")]
    excludes = [_split(word[1:]) for word in words if word.startswith("-")]
    if includes:
        value = _include(value, includes)
    if excludes:
        value = _exclude(value, excludes)
    return {} if value is None else value


def _split(word: str) -> Pattern:
    return tuple(part.replace("\0", ".") for part in word.replace("\\.", "\0").split("."))


def _step(patterns: list[Pattern], key: str) -> list[Pattern]:
    following: list[Pattern] = []
    for pattern in patterns:
        head, rest = pattern[0], pattern[1:]
        if head == "**":
            following.append(pattern)
            if not rest:
                following.append(())
            elif fnmatch.fnmatchcase(key, rest[0]):
                following.append(rest[1:])
        elif fnmatch.fnmatchcase(key, head):
            following.append(rest)
    return following


def _include(value: Any, patterns: list[Pattern]) -> Any:
    if isinstance(value, list):
        kept = [item for item in (_include(item, patterns) for item in value) if item is not None]
        return kept or None
    if not isinstance(value, dict):
        return None
    result = {}
    for key, item in value.items():
        following = _step(patterns, key)
        if () in following:
            result[key] = item
        elif following:
            inner = _include(item, following)
            if inner is not None:
                result[key] = inner
    return result or None


def _exclude(value: Any, patterns: list[Pattern]) -> Any:
    if isinstance(value, list):
        return [_exclude(item, patterns) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        following = _step(patterns, key)
        if () in following:
            continue
        result[key] = _exclude(item, following) if following else item
    return result
