"""The source form as text: indented, plain ASCII (it cannot steer a terminal), a newline at the end."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from inferctl.diagnostics import in_order
from inferctl.json_types import printed
from inferctl.report.fixes import fixes_view
from inferctl.report.shape import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inferctl.diagnostics import Diagnostic, Span
    from inferctl.report.shape.diagnostics import DiagnosticsView, DiagnosticView, SpanView


def to_json(view: Mapping[str, object]) -> str:
    """Any view as JSON text."""
    return printed(view, indent=2)


def diagnostics_view(diagnostics: Iterable[Diagnostic]) -> DiagnosticsView:
    """Sorted by place. `schema/diagnostics.json` describes it."""
    found = in_order(diagnostics)
    errors = sum(diagnostic.is_error for diagnostic in found)
    return {
        "format_version": FORMAT_VERSION,
        "kind": "diagnostics",
        "summary": {"errors": errors, "warnings": len(found) - errors},
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in found],
    }


def _diagnostic(diagnostic: Diagnostic) -> DiagnosticView:
    return {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "what": diagnostic.what,
        "why": diagnostic.why,
        "fixes": fixes_view(diagnostic.fixes),
        "source_line": diagnostic.source_line,
        "span": _span(diagnostic.span),
        "related": [{"text": text, "span": _span(span)} for text, span in diagnostic.related],
    }


def _span(span: Span) -> SpanView:
    return cast("SpanView", asdict(span))
