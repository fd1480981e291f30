"""Diagnostics as text: each laid out, harmless, in colour, then the count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from inferctl.diagnostics import in_order
from inferctl.report.escape import clean, cut, masked, without_commands
from inferctl.report.fixes import fix_lines, fixes_view
from inferctl.report.sentences import counted
from inferctl.report.style import PLAIN
from inferctl.report.text_lines import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.diagnostics import Diagnostic, Span
    from inferctl.report.style import Colour, Style


_TAB = "    "
_PROSE = 2_000
_QUOTED = re.compile(r"\d+ \| | +\| ")
_SOURCE = 200  # a longer line is cut behind the caret; a caret further out shows no line


def diagnostics_text(diagnostics: Iterable[Diagnostic], style: Style, warnings_of_a_kind: int | None = None) -> str:
    """All of them, sorted by place, an empty line between two, then `2 errors, 1 warning`. Empty for none.

    `warnings_of_a_kind` bounds how many warnings of one code are shown; how many were left out is said.
    """
    found = in_order(diagnostics)
    if not found:
        return ""
    errors = sum(diagnostic.is_error for diagnostic in found)
    counts = [(errors, "error"), (len(found) - errors, "warning")]
    total = ", ".join(counted(number, noun) for number, noun in counts if number)
    left_out: Counter[str] = Counter()
    if warnings_of_a_kind is not None:
        found, left_out = _first_of_a_kind(found, warnings_of_a_kind)
    blocks = [_painted(diagnostic, style) for diagnostic in found]
    blocks += [
        f"{style.paint(f'warning[{code}]', 'yellow')}: {number} more like this; inferctl validate shows all"
        for code, number in left_out.items()
    ]
    return without_commands("\n\n".join([*blocks, style.paint(total, "red" if errors else "yellow")]) + "\n")


def _first_of_a_kind(found: list[Diagnostic], most: int) -> tuple[list[Diagnostic], Counter[str]]:
    shown: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for diagnostic in found:
        seen[diagnostic.code] += not diagnostic.is_error
        if diagnostic.is_error or seen[diagnostic.code] <= most:
            shown.append(diagnostic)
    return shown, Counter({code: number - most for code, number in seen.items() if number > most})


def _painted(diagnostic: Diagnostic, style: Style) -> str:
    colour: Colour = "red" if diagnostic.is_error else "yellow"
    safe = harmless(diagnostic, ascii_only=style.ascii)
    lines = render(safe).split("\n")
    if not style.colour:
        return _fitting(lines, style)
    word = f"{safe.severity.value}[{safe.code}]"
    place, found, rest = lines[0].partition(f"{word}: ")
    where = f"{style.paint(place[:-2], 'bold')}: " if place else ""
    head = f"{where}{style.paint(word, colour)}: {rest}" if found else lines[0]
    return _fitting([head, *(_line(line, colour, style) for line in lines[1:])], style)


def _fitting(lines: list[str], style: Style) -> str:
    """Prose is broken between words; a line of a file and its caret stay below each other."""
    parts = ([line] if _QUOTED.match(line) else wrapped([line], style) for line in lines)
    return "\n".join(chain.from_iterable(parts))


def _line(line: str, colour: Colour, style: Style) -> str:
    gutter, found, rest = line.partition(" | ")
    if found and not gutter.strip() and set(rest.strip()) == {"^"}:
        return f"{gutter} | {style.paint(rest, colour)}"
    return line


def harmless(diagnostic: Diagnostic, *, ascii_only: bool = False) -> Diagnostic:
    """The same finding with no character that could steer a terminal; columns stay where they are."""

    def say(text: str) -> str:
        return cut(clean(text, ascii_only=ascii_only), _PROSE)

    def several(text: str) -> str:
        """What has several lines keeps them, indented below the first."""
        return "\n       ".join(say(line) for line in text.split("\n"))

    def place(span: Span) -> Span:
        return replace(span, file=say(span.file))

    source = masked(diagnostic.source_line, ascii_only=ascii_only)
    if diagnostic.span.column > _SOURCE:
        source = ""
    elif len(source) > _SOURCE:
        source = source[:_SOURCE] + ("..." if ascii_only else "…")
    return replace(
        diagnostic,
        code=say(diagnostic.code),
        what=say(diagnostic.what),
        why=several(diagnostic.why),
        fixes=tuple(replace(fix, text="\n".join(map(say, fix.text.split("\n")))) for fix in diagnostic.fixes),
        span=place(diagnostic.span),
        source_line=source,
        related=tuple((say(text), place(span)) for text, span in diagnostic.related),
    )


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
    lines += fix_lines(fixes_view(diagnostic.fixes), PLAIN, "  ")
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
