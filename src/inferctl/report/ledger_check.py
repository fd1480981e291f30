"""What `inferctl ledger check` found, as a view and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import clean
from inferctl.report.fixes import fix_lines, fixes_view
from inferctl.report.sentences import counted, environment_words
from inferctl.report.shape import FORMAT_VERSION

if TYPE_CHECKING:
    from inferctl.ledger.examine import Examination, Finding
    from inferctl.report.shape.ledger import FindingView, LedgerCheckView
    from inferctl.report.shape.run import ThisRunView
    from inferctl.report.style import Style

_LISTED = 100


def ledger_check_view(found: Examination, *, run: ThisRunView | None = None) -> LedgerCheckView:
    """`schema/ledger-check.json` describes it. `run`: which one looked, where there is an environment."""
    view: LedgerCheckView = {
        "format_version": FORMAT_VERSION,
        "kind": "ledger-check",
        "scope": found.scope,
        "findings": [_finding(finding) for finding in found.findings],
        "records": dict(sorted(found.records.items())),
        "runs": found.runs,
    }
    if run is not None:
        view["run"] = run
    return view


def _finding(finding: Finding) -> FindingView:
    return {
        "finding": finding.kind.word,
        "document": finding.document,
        "scope": finding.scope,
        "text": finding.text,
        "fixes": fixes_view(finding.fixes),
        "needs_somebody": finding.kind.needs_somebody,
    }


def ledger_check_text(found: Examination, style: Style, *, run: ThisRunView | None = None) -> str:
    """The environment, where there is one; what somebody has to do first, then the rest, then the counts."""
    lines = [f"Environment {environment_words(run)}"] if run is not None else []
    for finding in found.findings[:_LISTED]:
        about = " ".join(filter(None, [finding.document, f"(scope {finding.scope})" if finding.scope else ""]))
        lines.append(f"{finding.kind.word}: {about or 'the index'}: {finding.text}")
        lines += fix_lines(fixes_view(finding.fixes), style, "    ")
    if len(found.findings) > _LISTED:
        lines.append(f"{len(found.findings) - _LISTED} more: --format json lists all")
    ours = found.records.get(found.scope, 0)
    others = [f"{scope} {count}" for scope, count in sorted(found.records.items()) if scope != found.scope]
    lines.append(f"{counted(ours, 'record')} of scope {found.scope}, {counted(found.runs, 'run')} of all scopes.")
    lines += [f"Records of other scopes: {', '.join(others)}."] if others else []
    lines += [] if found.findings else ["Nothing is damaged or left over."]
    return "".join(f"{clean(line, ascii_only=style.ascii)}\n" for line in lines)
