"""Two steps of the GitHub action (action.yml): `run` runs the command, `tell` says what came of it.

Run by `python -I -m inferctl.ci.github run|tell`. Inputs come as variables INFERCTL_ACTION_NAME, never inside of a
script. What a step finds goes on in files that the runner names: outputs, the summary of the job.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inferctl.ci.comment import Comment, Method, When, body_of, post
from inferctl.ci.document import has_news, outputs, without_report
from inferctl.ci.job import (
    Job,
    JobError,
    ReportFolder,
    folder_in,
    is_true,
    one_of,
    read_document,
    read_markdown,
    run_job,
    without,
)
from inferctl.ci.web_api import ForgeError, WebApi
from inferctl.exit_codes import Exit
from inferctl.report.annotations import Annotation, annotations_of_run, workflow_command
from inferctl.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_INPUT = "INFERCTL_ACTION_"
# What the command does without: files with which a step steers the steps after it.
_NOT_PASSED_ON = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
_OF_EVENT = {"pull_request": "plan", "merge_group": "plan", "push": "apply"}


def inputs_of(environment: Mapping[str, str]) -> Callable[[str], str]:
    """The inputs of the action by their names in action.yml; empty where one is not set."""
    return lambda name: environment.get(_INPUT + name.upper().replace("-", "_"), "").strip()


def command_for(given: str, event: str) -> str:
    """The command that was asked for, else the one for the event. Raises JobError."""
    if given:
        return given
    if event not in _OF_EVENT:
        raise JobError(f"command: there is none for the event {event!r}: name one")
    return _OF_EVENT[event]


def run(environment: Mapping[str, str]) -> int:
    """Run the command; its exit code and the folder of its reports become outputs of the step."""
    given = inputs_of(environment)
    reports = ReportFolder(Path(tempfile.mkdtemp(prefix="inferctl-", dir=environment["RUNNER_TEMP"])))
    emit(environment, {"reports": str(reports.folder)})
    try:
        one_of("comment", given("comment"), When)
        one_of("comment-method", given("comment-method"), Method)
        is_true("summary", given("summary"))
        job = Job(
            command_for(given("command"), environment.get("GITHUB_EVENT_NAME", "")),
            given("paths"),
            given("args"),
            given("label"),
            given("plan-file"),
            is_true("expect-no-changes", given("expect-no-changes")),
            given("environment"),
        )
        emit(environment, {"command": job.command})
        folder = folder_in(Path(environment["GITHUB_WORKSPACE"]), given("working-directory"))
        code = run_job(job, reports, folder, without(environment, _INPUT, *_NOT_PASSED_ON))
    except (JobError, OSError) as error:
        _say(Annotation("error", "inferctl action", str(error)))
        code = Exit.USAGE
    emit(environment, {"exit-code": str(int(code))})
    return int(code)


def tell(environment: Mapping[str, str]) -> int:
    """Outputs, the summary of the job and the comment. What cannot be told fails no job."""
    given = inputs_of(environment)
    command = given("ran") or "plan"
    code = int(given("exit-code")) if given("exit-code") else None
    reports = ReportFolder(Path(given("reports") or environment["RUNNER_TEMP"]))
    document = read_document(reports, command, code)
    for one in without_report(document):  # else the command itself has made its annotations
        for annotation in annotations_of_run(one):
            _say(annotation)
    markdown = read_markdown(reports, document, given("label") or given("environment"))
    body = body_of(markdown, given("comment-note"))
    if given("summary") != "false":
        with Path(environment["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
            summary.write(f"{body}\n")
    number = _comment(environment, body, news=has_news(document))
    emit(
        environment,
        {
            **outputs(document, code),
            "summary": summary_line(markdown),
            "plan-path": reports.saved_plan,
            "json-path": str(reports.document) if reports.document.is_file() else "",
            "markdown-path": str(reports.markdown) if reports.markdown.is_file() else "",
            "comment-id": "" if number is None else str(number),
        },
    )
    return 0


def _comment(environment: Mapping[str, str], body: str, *, news: bool) -> int | None:
    given = inputs_of(environment)
    number = given("pr-number") or str(_event(environment).get("pull_request", {}).get("number", ""))
    if not number.isdigit() or not given("token"):
        return None
    api = WebApi(
        environment.get("GITHUB_API_URL", "https://api.github.com"),
        {"Authorization": f"Bearer {given('token')}", "Accept": "application/vnd.github+json"},
    )
    forge = GitHub(api, environment["GITHUB_REPOSITORY"], number)
    try:
        when = one_of("comment", given("comment"), When)
        return post(forge, body, when=when, method=one_of("comment-method", given("comment-method"), Method), news=news)
    except JobError:  # the step before has said so
        return None
    except ForgeError as error:
        # The token of a pull request from a fork may not write. The plan stands in the summary of the job.
        _say(Annotation("warning", "no comment", f"The pull request has no comment of this run: {error}"))
        return None


@dataclass(frozen=True, slots=True)
class GitHub:
    """The comments of one pull request."""

    api: WebApi
    repository: str
    number: str

    def comments(self) -> Iterator[Comment]:
        login = self._login()
        for found in self.api.pages(f"/repos/{self.repository}/issues/{self.number}/comments"):
            author = found["user"] or {}  # null: the account is gone
            yield Comment(found["id"], found["body"] or "", author.get("login") == login)

    def _login(self) -> str:
        """Whose token it is. The token of a job is a bot's, and only GraphQL tells which: there are other bots."""
        try:
            return str(self.api.call("GET", "/user")["login"])
        except ForgeError as error:
            if error.status not in (401, 403, 404):
                raise
        graphql = replace(self.api, base=self.api.base.rstrip("/").removesuffix("/v3"))  # of a GitHub Enterprise Server
        answer = graphql.call("POST", "/graphql", {"query": "query { viewer { login } }"})
        try:
            return str(answer["data"]["viewer"]["login"])
        except (LookupError, TypeError):
            raise ForgeError(0, "it cannot be told whose token it is") from None

    def create(self, body: str) -> int:
        made = self.api.call("POST", f"/repos/{self.repository}/issues/{self.number}/comments", {"body": body})
        return int(made["id"])

    def update(self, number: int, body: str) -> None:
        self.api.call("PATCH", f"/repos/{self.repository}/issues/comments/{number}", {"body": body})

    def delete(self, number: int) -> None:
        self.api.call("DELETE", f"/repos/{self.repository}/issues/comments/{number}")


def _event(environment: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (OSError, KeyError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _say(annotation: Annotation) -> None:
    sys.stdout.write(f"{workflow_command(annotation)}\n")


def summary_line(markdown: str) -> str:
    """What the report begins with, below its heading, as plain text."""
    lines = (line.strip() for line in markdown.splitlines())
    first = next((line.strip("*") for line in lines if line and not line.startswith(("<!--", "#"))), "")
    return clean(unescape(first))


def emit(environment: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Outputs of the step. No value can end early and begin another output: nobody knows the delimiter before."""
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        for name, value in values.items():
            delimiter = f"inferctl-{secrets.token_hex(16)}"
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def main(words: Sequence[str], environment: Mapping[str, str]) -> int:
    return {"run": run, "tell": tell}[words[0]](environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
