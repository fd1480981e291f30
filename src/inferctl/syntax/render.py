"""A diagnostic as plain text: `file:line:column: error[code]: what`, the line with a caret, why, fix."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.diagnostics import Diagnostic

_TAB = "    "


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic over several lines, without a newline at its end."""
    span = diagnostic.span
    place = "" if str(span) == "." else f"{span}: "  # the working directory: no file is to blame
    lines = [f"{place}{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.what}"]
    if diagnostic.source_line and span.line:
        number = str(span.line)
        gutter = " " * len(number)
        before = diagnostic.source_line[: span.column - 1]
        marked = diagnostic.source_line[span.column - 1 : span.end_column - 1]
        caret = " " * width(before) + "^" * max(1, width(marked))
        text = diagnostic.source_line.rstrip().replace("\t", _TAB)
        lines += [f"{number} | {text}", f"{gutter} | {caret}"]
    lines += [f"  {label}: {place}" for label, place in diagnostic.related]
    if diagnostic.why:
        lines.append(f"  why: {diagnostic.why}")
    if diagnostic.fix:
        lines.append(f"  fix: {diagnostic.fix}")
    return "\n".join(lines)


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """Several diagnostics, an empty line between two."""
    return "\n\n".join(render(diagnostic) for diagnostic in diagnostics)


def width(text: str) -> int:
    """Terminal columns of a text: 2 for wide East Asian characters, 0 for combining ones, 4 for a tab."""
    if text.isascii():
        return len(text) + (len(_TAB) - 1) * text.count("\t")
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if character == "\t":
        return len(_TAB)
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
