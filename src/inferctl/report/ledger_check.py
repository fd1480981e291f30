"""What `inferctl ledger check` found, as a view and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import clean
from inferctl.report.fixes import fix_lines, fixes_view
from inferctl.report.sentences import counted
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.text_lines import cluster_lines

if TYPE_CHECKING:
    from inferctl.ledger.examine import Examination, Finding
    from inferctl.report.shape.ledger import FindingView, LedgerCheckView
    from inferctl.report.style import Style
    from inferctl.report.text_lines import Looked

_LISTED = 100


def ledger_check_view(found: Examination, *, looked: Looked | None = None) -> LedgerCheckView:
    """`schema/ledger-check.json` describes it. `looked`: the run, and at which cluster, with an environment."""
    view: LedgerCheckView = {
        "format_version": FORMAT_VERSION,
        "kind": "ledger-check",
        "scope": found.scope,
        "findings": [_finding(finding) for finding in found.findings],
        "records": dict(sorted(found.records.items())),
        "runs": found.runs,
    }
    if looked is not None:
        view["run"], view["cluster"] = looked
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


def ledger_check_text(found: Examination, style: Style, *, looked: Looked | None = None) -> str:
    """The cluster, with an environment; what somebody has to do first, then the rest, then the counts."""
    lines = []
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
    head = [] if looked is None else [*cluster_lines(looked[1], looked[0], style), ""]
    return "".join(f"{line}\n" for line in [*head, *(clean(line, ascii_only=style.ascii) for line in lines)])
