"""Two comparable forms -> field changes. Equal canonical JSON is the shortcut; else DeepDiff finds them.

Strict: 1, 1.0, true and "1" all differ, null is not absent, the order of a list matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from inferctl.json_types import canonical
from inferctl.planner.field_change import ABSENT, Absent, FieldChange

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path


def field_changes(before: JsonObject, after: JsonObject) -> tuple[FieldChange, ...]:
    """What to do to `before` to get `after`, leaf by leaf, sorted by path. Lists change as a whole."""
    if canonical(before) == canonical(after):
        return ()
    from deepdiff import DeepDiff  # noqa: PLC0415  76 ms that only a difference pays

    tree = DeepDiff(_plain(before), _plain(after), view="tree", ignore_numeric_type_changes=False, verbose_level=0)
    differing = {_list_as_leaf(tuple(item.path(output_format="list"))) for group in tree.values() for item in group}
    paths = {leaf for path in differing for leaf in _leaves(path, _at(before, path), _at(after, path))}
    return tuple(
        FieldChange(path, _at(before, path), _at(after, path))
        for path in sorted(paths, key=lambda p: [str(x) for x in p])
    )


def _leaves(path: Path, before: Json | Absent, after: Json | Absent) -> Iterator[Path]:
    """DeepDiff names an object where a whole object came, went or hardly resembles the old one: name its leaves."""
    left = before if isinstance(before, Mapping) else {} if before is ABSENT else None
    right = after if isinstance(after, Mapping) else {} if after is ABSENT else None
    if left is None or right is None or not (left or right):
        yield path
        return
    for key in {*left, *right}:
        inner = left.get(key, ABSENT), right.get(key, ABSENT)
        if ABSENT in inner or canonical(_json(inner[0])) != canonical(_json(inner[1])):
            yield from _leaves((*path, key), *inner)


def _json(value: Json | Absent) -> Json:
    return None if isinstance(value, Absent) else value


def _plain(value: Json) -> Any:
    """Plain containers, and scalars that carry their type, so that `True == 1 == 1.0` cannot slip through."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return canonical(value)


def _list_as_leaf(path: Path) -> Path:
    for position, part in enumerate(path):
        if isinstance(part, int):
            return path[:position]
    return path


def _at(value: Json, path: Path) -> Json | Absent:
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return ABSENT
        value = value[str(part)]
    return value
