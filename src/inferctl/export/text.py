"""Plain values as YAML that reads like a page of the documentation. The same values give the same bytes.

Short mappings stand on one line. A string is quoted where YAML 1.2 or an older reader (1.1) would make something
else of it. No line holds what a CI runner takes for a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from inferctl.json_types import escaped_commands
from inferctl.syntax.flow_style import UNPRINTABLE, flow_text, scalar_text

if TYPE_CHECKING:
    from inferctl.export.document import ExportedFile
    from inferctl.json_types import Json

_WIDTH = 100
_TOP_BLOCK = "service_settings"


def document_text(document: ExportedFile) -> str:
    """One YAML document with its comments, ending in a newline."""
    return "\n".join([*_comments(document), *_mapping(document.value, "")]) + "\n"


def stream_text(documents: Iterable[ExportedFile]) -> str:
    """All of them as one stream."""
    return "---\n".join(document_text(document) for document in documents)


def _comments(document: ExportedFile) -> Iterator[str]:
    lines = []
    if document.variables:
        names = ", ".join(variable.name for variable in document.variables)
        lines.append(f"Set before an apply: {names}.")
    lines += [variable.note for variable in document.variables if variable.note]
    lines += [*document.notes, *(f"{text}." for text in document.lost)]
    for text in lines:
        lines = wrap(UNPRINTABLE.sub("?", text), _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
        yield from (f"# {escaped_commands(line)}" for line in lines)


def _mapping(value: Mapping[str, Json], indent: str) -> Iterator[str]:
    for key, inner in value.items():
        name = f"{indent}{scalar_text(key)}:"
        line = f"{name} {flow_text(inner)}"
        if (len(line) <= _WIDTH and not (not indent and key == _TOP_BLOCK)) or _is_leaf(inner):
            yield line
        else:
            yield name
            yield from _block(inner, indent + "  ")


def _is_leaf(value: Json) -> bool:
    return not isinstance(value, Mapping | list | tuple) or not value


def _block(value: Json, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, indent)
    elif isinstance(value, list | tuple):
        for item in value:
            line = f"{indent}- {flow_text(item)}"
            if len(line) <= _WIDTH or _is_leaf(item):
                yield line
            else:
                first, *rest = _block(item, indent + "  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest
