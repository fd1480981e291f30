"""Plain values as YAML that reads like a page of the documentation. The same values give the same bytes.

Short mappings stand on one line. A string is quoted where YAML 1.2 or an older reader (1.1) would make something
else of it. No line holds what a CI runner takes for a command.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from inferctl.json_types import escaped_commands
from inferctl.syntax.block_style import WIDTH, block_lines
from inferctl.syntax.flow_style import UNPRINTABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inferctl.export.document import ExportedFile


def document_text(document: ExportedFile) -> str:
    """One YAML document with its comments, ending in a newline."""
    return "\n".join([*_comments(document), *(line for line, _ in block_lines(document.value))]) + "\n"


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
        lines = wrap(UNPRINTABLE.sub("?", text), WIDTH - 2, break_long_words=False, break_on_hyphens=False)
        yield from (f"# {escaped_commands(line)}" for line in lines)
