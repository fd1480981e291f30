"""A mapping as YAML over several lines: the block style, with short values on the line of their key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from inferctl.json_types import object_of
from inferctl.syntax.flow_style import flow_text, scalar_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inferctl.json_types import Json, Path

WIDTH = 100
_TOP_BLOCK = "service_settings"


Alone: TypeAlias = "Callable[[Path], bool] | None"


def block_lines(value: Mapping[str, Json], *, alone: Alone = None) -> Iterator[tuple[str, Path]]:
    """The lines, each with the path of the value that ends on it; the empty path where none does.

    `alone` says whether the value at a path has a line for itself; None: whatever fits on one has.
    """
    return _mapping(value, "", (), alone)


def _mapping(value: Mapping[str, Json], indent: str, at: Path, alone: Alone) -> Iterator[tuple[str, Path]]:
    for key, inner in value.items():
        name, path = f"{indent}{scalar_text(key)}:", (*at, key)
        line = f"{name} {flow_text(inner)}"
        if _on_one_line(line, inner, path, alone) and not (not indent and key == _TOP_BLOCK and object_of(inner)):
            yield line, path
        else:
            yield name, ()
            yield from _block(inner, indent + "  ", path, alone)


def _on_one_line(line: str, value: Json, path: Path, alone: Alone) -> bool:
    if not isinstance(value, Mapping | list | tuple) or not value:
        return True
    return len(line) <= WIDTH if alone is None else alone(path)


def _block(value: Json, indent: str, at: Path, alone: Alone) -> Iterator[tuple[str, Path]]:
    if isinstance(value, Mapping):
        yield from _mapping(value, indent, at, alone)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            path = (*at, position)
            line = f"{indent}- {flow_text(item)}"
            if _on_one_line(line, item, path, alone):
                yield line, path
            else:
                (first, place), *rest = _block(item, indent + "  ", path, alone)
                yield f"{indent}- {first.lstrip()}", place
                yield from rest
