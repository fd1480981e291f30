"""A fault named by its path in a document. Becomes a Diagnostic once somebody works out the place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import Fix, advice, edit
from inferctl.secrets.credentials import without_keys
from inferctl.secrets.literals import masked, pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inferctl.json_types import Path
    from inferctl.syntax.locate import Locator, PointsAt
    from inferctl.syntax.source import Source

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at `path`, from the root of the mapping that was checked.

    `fix` is an edit by the grammar of `syntax.fixes`; `advice` stands in its place where nothing can be typed.
    """

    path: Path
    code: str
    what: str
    why: str = ""
    fix: str = ""
    points_at: PointsAt = "value"
    severity: Severity = Severity.ERROR
    advice: str = ""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """As a diagnostic has them."""
        return (edit(self.fix),) if self.fix else (advice(self.advice),) if self.advice else ()


def locate(locator: Locator, document: int, base: Path, finding: Finding) -> Diagnostic:
    """The finding with its place; `base` is the path of the checked mapping inside the document."""
    span = locator.span(document, (*base, *finding.path), finding.points_at)
    return Diagnostic(finding.severity, finding.code, finding.what, span, finding.why, finding.fixes)


def show_lines(diagnostics: Iterable[Diagnostic], source: Source, hidden: Sequence[str] = ()) -> tuple[Diagnostic, ...]:
    """The diagnostics of one file with their source lines; no `hidden` literal is left in any text.

    Of a file that is wrong everywhere the first few hundred are shown, and how many there are beside them.
    """
    found = list(diagnostics)
    pieces = pieces_of(hidden)
    shown = [_shown(diagnostic, source, pieces) for diagnostic in found[:MOST_SHOWN]]
    rest = found[MOST_SHOWN:]
    if rest:
        worst = Severity.ERROR if any(d.is_error for d in rest) else Severity.WARNING
        what = f"{len(rest):,} more findings in this file are not shown"
        shown.append(Diagnostic(worst, "file.too-many", what, Span(source.file),
                                why="one cause is behind most of them",
                                fixes=(advice("mend the ones shown first"),)))  # fmt: skip
    return tuple(shown)


def without_literals(diagnostics: Iterable[Diagnostic], hidden: Sequence[str]) -> tuple[Diagnostic, ...]:
    """Diagnostics that are shown already, without literals that turned out to be secrets later."""
    pieces = pieces_of(hidden)
    return tuple(
        replace(_masked(one, pieces), source_line=masked(one.source_line, pieces, shortest=3)) for one in diagnostics
    )


def _shown(diagnostic: Diagnostic, source: Source, hidden: Sequence[str]) -> Diagnostic:
    line = diagnostic.source_line or source.shown(diagnostic.span.line, hidden)
    return replace(_masked(diagnostic, hidden), source_line=line)


def _masked(diagnostic: Diagnostic, hidden: Sequence[str]) -> Diagnostic:
    return replace(
        diagnostic,
        what=without_keys(masked(diagnostic.what, hidden)),
        why=without_keys(masked(diagnostic.why, hidden)),
        fixes=tuple(replace(fix, text=without_keys(masked(fix.text, hidden))) for fix in diagnostic.fixes),
    )
