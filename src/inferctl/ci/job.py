"""The command of a job: its words, and the process that runs it. Reports go to a folder that the job made."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from inferctl.ci.comment import plain_markdown
from inferctl.ci.document import has_news, no_report
from inferctl.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.report.annotations import Document

COMMANDS = ("plan", "apply")
# The command runs in the checkout: with PYTHONPATH=. its sitecustomize.py would be run, with the keys at hand. Tokens
# of the job are no keys of a provider, and a file could name them as one.
NOT_PASSED_ON = ("PYTHON", "GITHUB_TOKEN", "ACTIONS_", "CI_JOB_TOKEN", "CI_JOB_JWT", "CI_REPOSITORY_URL", "CI_BUILD_",
                  "CI_REGISTRY_PASSWORD", "CI_DEPENDENCY_PROXY_PASSWORD", "CI_DEPLOY_PASSWORD")  # fmt: skip
_Choice = TypeVar("_Choice", bound=StrEnum)


class JobError(Exception):
    """An input of the job that cannot be used."""


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """The files of one run, in a folder of their own."""

    folder: Path

    @property
    def markdown(self) -> Path:
        return self.folder / "report.md"

    @property
    def document(self) -> Path:
        return self.folder / "report.json"

    @property
    def plan(self) -> Path:
        return self.folder / "plan.json"

    @property
    def plan_of_each(self) -> Path:
        """The same of several environments; the command puts their names in."""
        return self.folder / "plan-{env}.json"

    @property
    def saved_plan(self) -> str:
        """A path, or the pattern of several, which a shell expands; empty where none was saved."""
        several = "plan-*.json"
        there = self.plan if self.plan.is_file() else self.folder / several if any(self.folder.glob(several)) else ""
        return str(there)


@dataclass(frozen=True, slots=True)
class Job:
    """What to run. `paths` and `args` are split as a shell splits them; nothing in them is run or expanded.

    `environment`: the one of the settings file, or several with commas; `label`: what the report is called by, else by
    that.
    """

    command: str
    paths: str = ""
    args: str = ""
    label: str = ""
    plan_file: str = ""
    expect_no_changes: bool = False
    environment: str = ""

    def words(self, reports: ReportFolder) -> list[str]:
        """The command line. Raises JobError."""
        if self.command not in COMMANDS:
            raise JobError(f"command: {self.command!r} is none of {', '.join(COMMANDS)}")
        if self.plan_file and self.paths.strip():
            raise JobError("plan-file: a saved plan says itself which endpoints are meant: leave paths out")
        if self.expect_no_changes and self.command != "plan":
            raise JobError("expect-no-changes: only a plan can end without changes")
        own = ["--env", self.environment] if self.environment else []
        own += ["--check"] if self.command == "plan" else ["--yes"]
        args = _split("args", self.args)
        several = "," in self.environment or "--all-envs" in args
        plan = reports.plan_of_each if several else reports.plan
        own += ["--out", str(plan)] if self.command == "plan" and not self.plan_file else []
        own += ["--report", f"markdown={reports.markdown}", "--report", f"json={reports.document}"]
        paths = [self.plan_file] if self.plan_file else _split("paths", self.paths)
        # Paths first: a fix adds its flag at the end of the line.
        return [self.command, *paths, *own, *args]


def _split(name: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise JobError(f"{name}: {error}") from None


def one_of(name: str, value: str, known: type[_Choice]) -> _Choice:
    """The value of an input. Raises JobError where it is none of the known ones."""
    try:
        return known(value)
    except ValueError:
        raise JobError(f"{name}: {value!r} is none of {', '.join(known)}") from None


def is_true(name: str, value: str) -> bool:
    """`true` or `false`. Raises JobError."""
    if value not in ("true", "false"):
        raise JobError(f"{name}: {value!r} is neither true nor false")
    return value == "true"


def folder_in(checkout: Path, name: str) -> Path:
    """The folder that the command runs in. Raises JobError where a link of the checkout leads out of it."""
    folder = checkout / name
    if not folder.resolve().is_relative_to(checkout.resolve()):
        raise JobError(f"working-directory: {name} leads out of the checkout")
    return folder


def run_job(job: Job, reports: ReportFolder, folder: Path, environment: Mapping[str, str]) -> int:
    """The exit code of the command, run in `folder`; 2 where changes were not expected. Raises JobError.

    The command stands beside this interpreter, and hears of no other place for modules, so nothing of the checkout is
    run.
    """
    words = job.words(reports)
    passed_on = without(environment, *NOT_PASSED_ON) | ({"INFERCTL_LABEL": job.label} if job.label else {})
    code = _run(
        [str(Path(sys.executable).with_name("inferctl")), *words],
        folder,
        passed_on,
    )
    if code == 0 and job.expect_no_changes and has_news(read_document(reports, job.command, code)):
        return Exit.CHANGES
    return code


def _run(words: list[str], folder: Path, environment: Mapping[str, str]) -> int:
    """A signal to us is one for the command: it ends by itself, with its report."""
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    process = subprocess.Popen(words, cwd=folder, env=dict(environment))  # noqa: S603  our own command
    for missed in early:
        process.send_signal(missed)
    code = process.wait()
    return code if code >= 0 else 128 - code


def read_document(reports: ReportFolder, command: str, exit_code: int | None) -> Document:
    """The JSON report; what stands in for it where there is none."""
    try:
        document: Any = json.loads(reports.document.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return no_report(command, exit_code)
    return document if isinstance(document, dict) else no_report(command, exit_code)


def read_markdown(reports: ReportFolder, document: Document, label: str) -> str:
    """The Markdown report; where there is none, what the document says in a sentence."""
    try:
        written = reports.markdown.read_text(encoding="utf-8")
    except (OSError, ValueError):
        written = ""
    if written:
        return written
    command = document["command"] if document["kind"] == "environments" else document["run"]["command"]
    return plain_markdown(command, document["scope"], label, document["verdict"]["text"])


def without(environment: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """The environment of the command: what is the job's own business is left out."""
    return {name: value for name, value in environment.items() if not name.startswith(prefixes)}
