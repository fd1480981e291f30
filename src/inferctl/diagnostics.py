"""What is wrong with an input, where, why, and how to mend it.

A diagnostic is a value; it never prints itself (that is `report`) and never holds a value of the file
that could be a secret. All diagnostics of a run are collected first, then sorted, then shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.fix import Fix


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

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file, position, code: the same input gives the same order."""
    return sorted(found, key=lambda d: (d.span, d.code, d.what))
