"""The source form as text: indented, plain ASCII (it cannot steer a terminal), a newline at the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.view import outcome_view, plan_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inferctl.apply.events import StepFinished
    from inferctl.diagnostics import Diagnostic, Span
    from inferctl.plan.plan import Plan
    from inferctl.report.shape.diagnostics import DiagnosticsView, DiagnosticView, SpanView


def to_json(view: Mapping[str, object]) -> str:
    """Any view as JSON text."""
    text = json.dumps(view, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
    return text.replace("##[", "##\\u005b")  # a CI runner would read a command in it; only texts can hold it


def plan_json(plan: Plan) -> str:
    """`schema/plan.json` describes it."""
    return to_json(plan_view(plan))


def outcome_json(results: Sequence[StepFinished], exit_code: int, plan: Plan) -> str:
    """`schema/apply.json` describes it."""
    return to_json(outcome_view(results, exit_code, plan))


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> str:
    """`schema/diagnostics.json` describes it."""
    return to_json(diagnostics_view(diagnostics))


def diagnostics_view(diagnostics: Iterable[Diagnostic]) -> DiagnosticsView:
    """Sorted by place."""
    found = sorted(diagnostics, key=lambda d: (d.span, d.code, d.what))
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
        "fix": diagnostic.fix,
        "source_line": diagnostic.source_line,
        "span": _span(diagnostic.span),
        "related": [{"text": text, "span": _span(span)} for text, span in diagnostic.related],
    }


def _span(span: Span) -> SpanView:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
