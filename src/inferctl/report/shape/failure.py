"""What a command writes that ended without a plan and without an outcome."""

from typing import Annotated, Literal, TypeAlias

from inferctl.exit_codes import Exit
from inferctl.report.shape.base import Count, FixView, Head, View, one_of
from inferctl.report.shape.diagnostics import DiagnosticView
from inferctl.report.shape.run import ClusterView, Scope, ThisRunView

EndName: TypeAlias = Annotated[str, one_of((*(one.name for one in Exit), "NOT_ENDED"))]


class FailureVerdictView(View):
    """What the command ended with."""

    exit_code: Count | None
    """Null in the document that stands while the run is under way, which one that was killed leaves behind; and of an
    environment whose turn did not come."""
    name: EndName
    """Of the exit code; `NOT_ENDED` where there is none."""
    text: str
    reasons: list[str]


class FailureErrorView(View):
    """What failed."""

    code: str
    """Stable: of the error, of its first diagnostic, `interrupted`, `internal`, `run.not-ended`, `run.not-started`."""
    text: str
    fixes: list[FixView]


class FailureView(Head):
    """What `--format json` and `--report json=FILE` hold when a command ended before it had a plan or an outcome."""

    kind: Literal["failure"]
    run: ThisRunView
    scope: Scope
    cluster: ClusterView
    verdict: FailureVerdictView
    error: FailureErrorView
    live: str
    """What is live, in a sentence: an apply that did not begin left all as it was. Empty where nobody can say."""
    next: str
    """What to do, and to type, next: one line; empty where nobody can say."""
    diagnostics: list[DiagnosticView]
    """All findings in files, warnings as well."""
