"""`filter_path`: includes, wildcards and exclusions, on answers; errors go whole (requests.md#parameters)."""

import fnmatch
from typing import Any

Pattern = tuple[str, ...]


def apply(value: Any, expression: str) -> Any:
    """Filter an answer; `-` in front of a pattern excludes."""
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
