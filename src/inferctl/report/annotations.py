"""What a person should look at on a pull request: read from a JSON report, shown as GitHub's workflow commands. Pure.

A report is one that `--report json=FILE` wrote (docs/reference/report-formats.md): kind plan, apply, failure, or
environments, which holds one of these for each.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from inferctl.report.escape import clean
from inferctl.report.fixes import fix_lines
from inferctl.report.next_step import BEGUN, DOWN, NOT_STARTED
from inferctl.report.style import PLAIN

Document: TypeAlias = Mapping[str, Any]
Level: TypeAlias = Literal["error", "warning"]

_MOST = 10  # annotations of a level that GitHub shows of one step


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that a person should look at. No file: none is to blame. Line 0: the file as a whole."""

    level: Level
    title: str
    text: str
    file: str = ""
    line: int = 0
    column: int = 0


def annotations_in_files(findings: Iterable[Document], environment: str = "") -> list[Annotation]:
    """What is wrong in the files: findings as a JSON report has them, in their order."""
    made = [
        Annotation(
            "error" if found["severity"] == "error" else "warning",
            found["code"],
            _lines(found["what"], f"why: {found['why']}" if found["why"] else "", *_fixes(found)),
            found["span"]["file"],
            found["span"]["line"],
            found["span"]["column"],
        )
        for found in findings
    ]
    return [_in(environment, annotation) for annotation in made]


def annotations_of_run(document: Document) -> list[Annotation]:
    """What else stands in the way: errors first, each level in the order of the document."""
    made = [annotation for _, one in documents_of(document) for annotation in _annotations(one)]
    return sorted(made, key=lambda annotation: annotation.level != "error")


def documents_of(document: Document) -> list[tuple[str, Document]]:
    """The documents of a report by their environments; one alone has the name "" here."""
    if document["kind"] != "environments":
        return [("", document)]
    return [(section["environment"], section["document"]) for section in document["environments"]]


def _annotations(document: Document) -> list[Annotation]:
    made = list(_of_failure(document) if document["kind"] == "failure" else _of_run(document))
    verdict = document["verdict"]
    if document["kind"] == "plan" and verdict["exit_code"] and all(annotation.level != "error" for annotation in made):
        made.append(Annotation("error", "verdict", _lines(verdict["text"], *verdict["reasons"])))  # a lock, a secret
    return [_in(document["run"].get("environment", ""), annotation) for annotation in made]


def _in(environment: str, annotation: Annotation) -> Annotation:
    """Named by its environment: the jobs of several are shown on the same lines."""
    return replace(annotation, title=f"{annotation.title} ({environment})") if environment else annotation


def _of_failure(document: Document) -> Iterator[Annotation]:
    if not any(found["severity"] == "error" for found in document["diagnostics"]):
        error = document["error"]
        yield Annotation("error", error["code"], _lines(error["text"], *_fixes(error)))


def _of_run(document: Document) -> Iterator[Annotation]:
    for stop in document["stops"]:
        yield Annotation("error", f"stopped: {stop['guard']}", _lines(stop["text"], *_fixes(stop)))
    if document["kind"] == "plan":
        for change in document["changes"]:
            if change["standing"] != "ready":
                yield _not_ready_to_go(change)
    else:
        for name in (*BEGUN, *NOT_STARTED):
            yield from map(_ended, document[name])
    for warning in document["warnings"]:
        yield Annotation("warning", "warning", warning)


def _not_ready_to_go(change: Document) -> Annotation:
    place = change["source"] or {"file": "", "line": 0}
    texts = [text for block in change["blocks"] for text in (block["text"], *_fixes(block))]
    return Annotation(
        _level(change["standing"], change["action"]),
        f"{change['action']} {change['standing']}: {change['id']}",
        _lines(*(texts or change["reasons"])),
        place["file"],
        place["line"],
    )


def _ended(step: Document) -> Annotation:
    """The cause and what mends it first: the whole answer of a server may be long."""
    texts = [text for block in step["blocks"] for text in (block["text"], *_fixes(block))]
    return Annotation(
        _level(step["result"], step["action"]),
        f"{step['action']} {step['state'] if step['state'] in DOWN else step['result']}: {step['id']}",
        _lines(
            f"why: {step['why']}" if step["why"] else "",
            *_fixes(step),
            step["detail"],
            *(text for text in texts if text not in step["detail"] and text not in _fixes(step)),
        ),
    )


def _level(word: str, action: str) -> Level:
    """A held replace leaves an endpoint that is not as declared; a held delete harms nobody."""
    return "warning" if (word, action) == ("held", "delete") else "error"


def _fixes(found: Document) -> Iterator[str]:
    return fix_lines(found["fixes"], PLAIN)


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def first_of_each_level(annotations: Sequence[Annotation]) -> Iterator[Annotation]:
    """Of each level as many as GitHub shows, and how many more there are."""
    for level in ("error", "warning"):
        of_level = [annotation for annotation in annotations if annotation.level == level]
        room = _MOST if len(of_level) <= _MOST else _MOST - 1
        yield from of_level[:room]
        if len(of_level) > room:
            yield Annotation(of_level[0].level, "more", f"{len(of_level) - room} more: see the summary of the job")


def workflow_command(annotation: Annotation, folder: str = "") -> str:
    """The line that shows it on the pull request; `folder` as in `repository_path`."""
    file = repository_path(folder, annotation.file)
    places = {"file": file, "line": annotation.line, "col": annotation.column, "title": annotation.title}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value)
    return f"::{annotation.level} {properties}::{_message(annotation.text)}"


def _message(text: str) -> str:
    """The message of a workflow command. Clean leaves no line end in a line; `%` starts the runner's own escapes."""
    return "%0A".join(clean(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    """The value of a property of a workflow command."""
    return clean(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def repository_path(folder: str, file: str) -> str:
    """The path of a file from the root of the repository; `folder` is where the command ran, from there."""
    return posixpath.normpath(posixpath.join(folder, file)) if file else ""
