"""What a job wants to know of a JSON report: whether there is news, and its outputs. Pure.

A document is one that `--report json=FILE` wrote (docs/reference/report-formats.md): kind plan, apply, failure, or
environments, which holds one of these for each.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from inferctl.report.annotations import documents_of
from inferctl.report.escape import clean
from inferctl.report.failure import NOT_ENDED, NOT_STARTED
from inferctl.report.shape.run import OutcomeLists

if TYPE_CHECKING:
    from inferctl.report.annotations import Document

_NO_REPORT = "no-report"
_ACTIONS = ("create", "update", "replace", "delete")


def no_report(command: str, exit_code: int | None) -> Document:
    """What stands in for the document of a run that left none: it never began, or it was killed."""
    how = "was stopped from outside" if exit_code is None else f"ended with exit code {exit_code}"
    text = f"inferctl {command} {how} and left no report: see the log of the job"
    return {
        "kind": "failure",
        "run": {"command": command},
        "scope": "",
        "verdict": {"exit_code": exit_code, "text": text, "reasons": []},
        "error": {"code": _NO_REPORT, "text": text, "fixes": []},
        "diagnostics": [],
    }


def without_report(document: Document) -> list[Document]:
    """Of runs that never began, or were killed before they could say how they ended."""
    return [one for _, one in documents_of(document) if one["kind"] == "failure" and _is_without_end(one)]


def _is_without_end(failure: Document) -> bool:
    return failure["error"]["code"] in (_NO_REPORT, NOT_ENDED, NOT_STARTED)


def has_news(document: Document) -> bool:
    """Whether somebody should hear of it: anything but runs in which all was as declared."""
    return any(_has_news(one) for _, one in documents_of(document))


def _has_news(document: Document) -> bool:
    if document["kind"] == "plan":
        quiet = all(c["action"] == "no-op" and c["standing"] == "ready" for c in document["changes"])
        return not (quiet and document["complete"]) or bool(document["stops"])
    return (
        document["kind"] == "failure" or bool(document["stops"]) or any(map(document.get, OutcomeLists.__annotations__))
    )


def outputs(document: Document, exit_code: int | None) -> dict[str, str]:
    """The outputs that a document decides, each on one line; counts are empty where there is neither plan nor outcome.

    Counts by action are those of a plan: without what is blocked. Of an apply they say nothing of how it ended. Of
    several environments they are sums over those that have any.
    """
    verdict = document["verdict"]
    documents = [one for _, one in documents_of(document)]
    failures = [one for one in documents if one["kind"] == "failure"]
    known = len(failures) < len(documents)
    counts: Counter[str] = Counter()
    for one in documents:
        counts.update(_counts(one) if one["kind"] != "failure" else {})
    reasons = verdict["reasons"][:1] if document["kind"] == "failure" else []
    values = {
        "changes": str(bool(counts["changes"])).lower() if known else "",
        **{f"to-{action}": str(counts[action]) if known else "" for action in _ACTIONS},
        **{name: str(counts[name]) if known else "" for name in ("held", "blocked")},
        "verdict": ": ".join([verdict["text"], *reasons]),
        "exit-code": "" if exit_code is None else str(exit_code),
        "failure-reason": failures[0]["error"]["code"] if failures else "",
    }
    return {name: clean(value) for name, value in values.items()}


def _counts(document: Document) -> dict[str, int]:
    if document["kind"] == "plan":
        summary = document["summary"]
        counts = {name: int(summary[name]) for name in (*_ACTIONS, "held", "blocked")}
        other = ("adopt", "forget", "repair", "verify", "blocked", "unknown")
        return {**counts, "changes": sum(counts[name] for name in _ACTIONS) + sum(summary[name] for name in other)}
    steps = [step for name in OutcomeLists.__annotations__ for step in document[name]]
    to_do = [step for step in steps if step["result"] != "blocked"]
    counts = {action: sum(step["action"] == action for step in to_do) for action in _ACTIONS}
    return {**counts, "held": len(document["held"]), "blocked": len(document["blocked"]), "changes": len(steps)}
