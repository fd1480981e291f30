"""What a job wants to know of a JSON report: whether there is news, and its outputs. Pure.

A document is one that `--report json=FILE` wrote (docs/reference/report-formats.md): kind plan, apply or failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import clean
from inferctl.report.failure import NOT_ENDED
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


def ended_without_report(document: Document) -> bool:
    """Whether the run never began, or was killed before it could say how it ended."""
    return document["kind"] == "failure" and document["error"]["code"] in (_NO_REPORT, NOT_ENDED)


def has_news(document: Document) -> bool:
    """Whether somebody should hear of it: anything but a run in which all was as declared."""
    if document["kind"] == "plan":
        quiet = all(c["action"] == "no-op" and c["standing"] == "ready" for c in document["changes"])
        return not (quiet and document["complete"]) or bool(document["stops"])
    return (
        document["kind"] == "failure" or bool(document["stops"]) or any(map(document.get, OutcomeLists.__annotations__))
    )


def outputs(document: Document, exit_code: int | None) -> dict[str, str]:
    """The outputs that a document decides, each on one line; counts are empty where there is neither plan nor outcome.

    Counts by action are those of a plan: without what is blocked. Of an apply they say nothing of how it ended.
    """
    verdict = document["verdict"]
    known = document["kind"] != "failure"
    counts = _counts(document) if known else {}
    values = {
        "changes": str(bool(counts["changes"])).lower() if known else "",
        **{f"to-{action}": str(counts[action]) if known else "" for action in _ACTIONS},
        **{name: str(counts[name]) if known else "" for name in ("held", "blocked")},
        "verdict": ": ".join([verdict["text"], *([] if known else verdict["reasons"][:1])]),
        "exit-code": "" if exit_code is None else str(exit_code),
        "failure-reason": "" if known else document["error"]["code"],
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
