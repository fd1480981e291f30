"""What a job wants to know of a JSON report: findings with their places, and outputs. Pure.

A document is one that `--report json=FILE` wrote (docs/reference/report-formats.md): kind plan, apply or failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from inferctl.report.escape import clean
from inferctl.report.failure import NOT_ENDED

Document: TypeAlias = Mapping[str, Any]
Level: TypeAlias = Literal["error", "warning"]

# Lists of an outcome, worst first, and how bad it is to find a step there.
_ENDED: Mapping[str, Level] = {
    "failed": "error",
    "unknown": "error",
    "not_ready": "error",
    "blocked": "error",
    "held": "warning",
    "not_started": "error",
}
_NO_REPORT = "no-report"
_ACTIONS = ("create", "update", "replace", "delete")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should look at. No file: none is to blame. Line 0: the file as a whole."""

    level: Level
    title: str
    text: str
    file: str = ""
    line: int = 0
    column: int = 0


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


def findings_in_files(document: Document) -> list[Finding]:
    """What is wrong in the files, in the order of the document."""
    return [
        Finding(
            "error" if found["severity"] == "error" else "warning",
            found["code"],
            _lines(found["what"], found["why"], *_fixes(found)),
            found["span"]["file"],
            found["span"]["line"],
            found["span"]["column"],
        )
        for found in document.get("diagnostics", ())
    ]


def findings_of_run(document: Document) -> list[Finding]:
    """What else stands in the way: errors first, each level in the order of the document."""
    made = list(_of_failure(document) if document["kind"] == "failure" else _of_run(document))
    verdict = document["verdict"]
    if document["kind"] == "plan" and verdict["exit_code"] and all(finding.level != "error" for finding in made):
        made.append(Finding("error", "verdict", _lines(verdict["text"], *verdict["reasons"])))  # a lock, a secret
    return sorted(made, key=lambda finding: finding.level != "error")


def _of_failure(document: Document) -> Iterator[Finding]:
    if not any(found["severity"] == "error" for found in document["diagnostics"]):
        error = document["error"]
        yield Finding("error", error["code"], _lines(error["text"], *_fixes(error)))


def _of_run(document: Document) -> Iterator[Finding]:
    for stop in document["stops"]:
        yield Finding("error", f"stopped: {stop['guard']}", _lines(stop["text"], *_fixes(stop)))
    if document["kind"] == "plan":
        for change in document["changes"]:
            if change["standing"] != "ready":
                yield _not_ready_to_go(change)
    else:
        for name, level in _ENDED.items():
            for step in document[name]:
                yield _ended(step, level)
    for warning in document["warnings"]:
        yield Finding("warning", "warning", warning)


def _not_ready_to_go(change: Document) -> Finding:
    place = change["source"] or {"file": "", "line": 0}
    # A held replace leaves an endpoint that is not as declared; a held delete harms nobody.
    harmless = change["standing"] == "held" and change["action"] == "delete"
    texts = [text for block in change["blocks"] for text in (block["text"], *_fixes(block))]
    return Finding(
        "warning" if harmless else "error",
        f"{change['action']} {change['standing']}: {change['id']}",
        _lines(*(texts or change["reasons"])),
        place["file"],
        place["line"],
    )


def _ended(step: Document, level: Level) -> Finding:
    harmful = step["result"] == "held" and step["action"] != "delete"
    texts = [text for block in step["blocks"] for text in (block["text"], *_fixes(block))]
    return Finding(
        "error" if harmful else level,
        f"{step['action']} {step['result']}: {step['id']}",
        _lines(step["detail"], *(text for text in texts if text not in step["detail"])),
    )


def _fixes(found: Document) -> Sequence[str]:
    return [f"fix: {fix['text']}" for fix in found["fixes"]]


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def has_news(document: Document) -> bool:
    """Whether somebody should hear of it: anything but a run in which all was as declared."""
    if document["kind"] == "plan":
        quiet = all(c["action"] == "no-op" and c["standing"] == "ready" for c in document["changes"])
        return not (quiet and document["complete"]) or bool(document["stops"])
    return document["kind"] == "failure" or bool(document["stops"]) or any(map(document.get, (*_ENDED, "done")))


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
    steps = [step for name in (*_ENDED, "done") for step in document[name]]
    to_do = [step for step in steps if step["result"] != "blocked"]
    counts = {action: sum(step["action"] == action for step in to_do) for action in _ACTIONS}
    return {**counts, "held": len(document["held"]), "blocked": len(document["blocked"]), "changes": len(steps)}
