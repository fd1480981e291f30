"""Findings in files: what `inferctl validate --format json` prints."""

from typing import Annotated, Literal, TypeAlias

from inferctl.diagnostics import Severity
from inferctl.report.shape.base import Count, FixView, Head, View, one_of

SeverityWord: TypeAlias = Annotated[str, one_of(severity.value for severity in Severity)]


class SpanView(View):
    """Lines and columns from 1, the end exclusive; line 0 means the file as a whole."""

    file: str
    line: Count
    column: Count
    end_line: Count
    end_column: Count


class RelatedView(View):
    """Another place that has to do with it."""

    text: str
    span: SpanView


class DiagnosticView(View):
    """One finding."""

    severity: SeverityWord
    code: str
    """`inferctl explain CODE` tells more."""
    what: str
    why: str
    fixes: list[FixView]
    source_line: str
    """The line that `span` starts on, free of secrets."""
    span: SpanView
    related: list[RelatedView]


class DiagnosticsSummary(View):
    """Counts."""

    errors: Count
    warnings: Count


class DiagnosticsView(Head):
    """What is wrong with the input files, sorted by place."""

    kind: Literal["diagnostics"]
    summary: DiagnosticsSummary
    diagnostics: list[DiagnosticView]
