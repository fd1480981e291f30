"""What is wrong with an input, where, why, and how to mend it.

A diagnostic is a value; it never prints itself (that is `report`) and never holds a value of the file
that could be a secret. All diagnostics of a run are collected first, then sorted, then shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.fix import Fix

_LONGEST_LINE, _START, _END = 2_000, 1_500, 300


class Severity(Enum):
    """An error stops the run before anything is sent; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: 1-based lines and columns, end exclusive.

    `file` is shown as given on the command line, with `/` on every system. `line` 0 means the file
    as a whole (it cannot be read, say).
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Page:
    """The explanation of one code. `fix` is an example of text that is right."""

    title: str
    explanation: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `what` is one line; `why` names the rule and its source; each of `fixes` mends it alone.

    `source_line` is the text of the line that `span` starts on, already free of secrets
    (a literal secret is masked by whoever makes the diagnostic).
    """

    severity: Severity
    code: str
    what: str
    span: Span
    why: str = ""
    fixes: tuple[Fix, ...] = ()
    source_line: str = ""
    related: tuple[tuple[str, Span], ...] = ()

    def __post_init__(self) -> None:
        """What is quoted is bounded, wherever it comes from: an id, a key, a value, a path of any length."""
        object.__setattr__(self, "what", bounded(self.what))
        object.__setattr__(self, "why", bounded(self.why))
        object.__setattr__(self, "span", _bounded(self.span))
        object.__setattr__(self, "source_line", bounded(self.source_line))
        object.__setattr__(self, "fixes", tuple(replace(fix, text=bounded(fix.text)) for fix in self.fixes))
        object.__setattr__(self, "related", tuple((bounded(text), _bounded(span)) for text, span in self.related))

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def bounded(text: str) -> str:
    """No line of it has more than 2,000 characters: of a longer one the start and the end stay."""
    if len(text) <= _LONGEST_LINE:
        return text
    return "\n".join(map(_bounded_line, text.split("\n")))


def _bounded_line(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_START]}… ({len(line) - _START - _END:,} characters left out) …{line[-_END:]}"


def _bounded(span: Span) -> Span:
    return span if len(span.file) <= _LONGEST_LINE else replace(span, file=bounded(span.file))


def in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file, position, code: the same input gives the same order."""
    return sorted(found, key=lambda d: (d.span, d.code, d.what))
