"""The text of one input: decoding, lines, and which parts of a line may be shown.

Lines end where YAML 1.2 ends them (LF, CR LF, CR); the three further breaks of YAML 1.1 (NEL, LS, PS)
are refused, because the parser underneath would fold them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from shlex import quote
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import Fix, advice, command
from inferctl.syntax.scalars import PRINTABLE
from inferctl.syntax.shown_line import shown_line

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 1_000_000
_BREAK = re.compile("\r\n|\r|\n")
_FORBIDDEN = re.compile(f"[^\t\n\r{PRINTABLE}]")


@dataclass(frozen=True)
class Source:
    """One file as text. `file` is how messages name it."""

    file: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> Sequence[str]:
        return _BREAK.split(self.text)

    def line(self, number: int) -> str:
        """Line `number` (from 1) as it stands in the file; empty outside it. Not to be shown to anybody."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def shown(self, number: int, hidden: Sequence[str] = ()) -> str:
        """Line `number` with everything that may be a secret replaced by asterisks of one fixed length."""
        if not 0 < number <= len(self.lines) or not self.lines[number - 1].strip():
            return ""  # of an empty line nothing is hidden, and nothing is shown
        return shown_line(self.lines, number, hidden)

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """A span from 0-based marks, cut at the end of its first line so that a caret line can show it."""
        if end_line != line:
            end_column = max(len(self.line(line + 1).rstrip()), column + 1)
        return Span(self.file, line + 1, column + 1, line + 1, max(end_column, column + 1) + 1)

    def at(self, line: int, column: int) -> Span:
        """The place of one character, from 0-based marks; kept inside the text."""
        line = min(line, len(self.lines) - 1)
        column = min(column, len(self.lines[line]))
        return Span(self.file, line + 1, column + 1, line + 1, column + 2)


def decode(file: str, octets: bytes) -> Source | Diagnostic:
    """The text of a file: UTF-8, with or without a byte order mark. Anything else is one diagnostic."""
    if len(octets) > MAX_BYTES:
        return Diagnostic(
            Severity.ERROR,
            "file.too-large",
            f"the file has {len(octets):,} bytes, more than {MAX_BYTES:,}",
            Span(file),
            why="an endpoint takes about 500 bytes; a file this large is hardly one of endpoints",
            fixes=(advice("split it into several files"),),
        )
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Diagnostic(
            Severity.ERROR,
            "file.encoding",
            f"the file is not UTF-8{_guess(octets)}: byte {error.start} cannot be read",
            Span(file),
            why="JSON, and so every body that is sent, is UTF-8 (RFC 8259 section 8.1)",
            fixes=(_from_utf16(file) if _guess(octets) else advice("save it as UTF-8"),),
        )
    source = Source(file, text)
    found = _FORBIDDEN.search(text)
    if found:
        return _character(source, found.start())
    return source


def _from_utf16(file: str) -> Fix:
    name, new = quote(file), quote(f"{file}.utf-8")
    return command(f"iconv -f UTF-16 -t UTF-8 {name} > {new} && mv {new} {name}")


def _guess(octets: bytes) -> str:
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " but UTF-16"
    return " but perhaps UTF-16" if b"\0" in octets[:64] else ""


def _character(source: Source, offset: int) -> Diagnostic:
    before = _BREAK.split(source.text[:offset])
    code = ord(source.text[offset])
    line, column = len(before), len(before[-1])
    utf16 = code == 0 and len(source.text) > 1 and source.text.count("\0") * 3 > len(source.text)
    if utf16:
        return Diagnostic(
            Severity.ERROR,
            "file.encoding",
            "the file is not UTF-8 but looks like UTF-16 without a mark",
            Span(source.file),
            why="JSON, and so every body that is sent, is UTF-8 (RFC 8259 section 8.1)",
            fixes=(_from_utf16(source.file),),
        )
    return Diagnostic(
        Severity.ERROR,
        "yaml.character",
        f"the character U+{code:04X} may not stand in a YAML file",
        source.at(line - 1, column),
        why="not printable (YAML 1.2 section 5.1), or a line break in YAML 1.1 only (NEL, LS, PS)",
        fixes=(advice(f'remove it, or write it as an escape inside double quotes: "\\u{code:04x}"'),),
        source_line=_FORBIDDEN.sub("\ufffd", source.shown(line)),
    )
