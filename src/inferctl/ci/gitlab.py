"""One job of GitLab (templates/inferctl.yml): the command, then its reports, and a note of the merge request.

Run by `python -I -m inferctl.ci.gitlab plan|apply`. GitLab takes artifacts only from the project's folder: they are put
there at the end, in a folder of their own that has the number of the job in its name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inferctl.ci.comment import Comment, Method, When, body_of, post
from inferctl.ci.document import has_news, outputs
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
from inferctl.json_types import printed
from inferctl.report.annotations import annotations_in_files, annotations_of_run, documents_of, repository_path
from inferctl.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from inferctl.report.annotations import Annotation, Document

_INPUT = "INFERCTL_JOB_"
_TOKEN = "INFERCTL_GITLAB_TOKEN"  # noqa: S105  the name of a variable
_SETTINGS_FILE = "inferctl.yaml"
LIMIT = 1_000_000  # characters of a note


def main(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code of the command."""

    def given(name: str) -> str:
        return environment.get(_INPUT + name, "").strip()

    root = Path(environment["CI_PROJECT_DIR"])
    command, folder = words[0], given("WORKING_DIRECTORY") or "."
    artifacts = root / f"inferctl-{environment['CI_JOB_ID']}"
    remove(artifacts)
    reports = ReportFolder(Path(tempfile.mkdtemp(prefix="inferctl-")))
    try:
        when = one_of("comment", given("COMMENT") or "always", When)
        method = one_of("comment-method", given("COMMENT_METHOD") or "update", Method)
        expect_none = is_true("expect-no-changes", given("EXPECT_NO_CHANGES") or "false")
        job = Job(command, given("PATHS"), given("ARGS"), given("LABEL"), given("PLAN_FILE"), expect_none, given("ENV"))
        code = run_job(job, reports, folder_in(root, folder), without(environment, _INPUT, _TOKEN))
    except (JobError, OSError) as error:
        _say(f"error: {error}")
        return Exit.USAGE
    document = read_document(reports, command, code)
    markdown = read_markdown(reports, document, given("LABEL") or given("ENV"))
    findings = [found for _, one in documents_of(document) for found in one.get("diagnostics", ())]
    # What is wrong in a file is so in each environment that has it.
    annotations = [*dict.fromkeys(annotations_in_files(findings)), *annotations_of_run(document)]
    write(reports, "gl-code-quality.json", code_quality(annotations, folder))
    if command == "plan":
        write(reports, "tfplan.json", widget(document))
    shutil.copytree(reports.folder, artifacts)
    _note(environment, body_of(markdown, given("COMMENT_NOTE"), LIMIT), when, method, news=has_news(document))
    return code


def remove(path: Path) -> None:
    """Whatever a commit put there, the target of a link left alone."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def write(reports: ReportFolder, name: str, value: object) -> None:
    (reports.folder / name).write_text(printed(value, indent=2), encoding="utf-8")


def code_quality(annotations: Sequence[Annotation], folder: str) -> list[dict[str, Any]]:
    """The annotations as a code quality report. What has no place stands at the settings file."""
    made: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for annotation in annotations:
        path = repository_path(folder, annotation.file or _SETTINGS_FILE)
        same = f"{annotation.title}\0{path}\0{annotation.text}"  # not the line: it moves
        seen[same] += 1
        made.append(
            {
                "description": clean(f"{annotation.title}: {'; '.join(annotation.text.splitlines())}"),
                "check_name": clean(annotation.title.partition(":")[0]),
                "fingerprint": hashlib.sha256(f"{same}\0{seen[same]}".encode()).hexdigest(),
                "severity": "major" if annotation.level == "error" else "minor",
                "location": {"path": path, "lines": {"begin": max(annotation.line, 1)}},
            }
        )
    return made


def widget(document: Document) -> dict[str, int]:
    """The counts that GitLab shows of a Terraform plan; a replace is a delete and a create, as there."""
    counted = outputs(document, None)
    create, update, replace, delete = (int(counted[f"to-{n}"] or 0) for n in ("create", "update", "replace", "delete"))
    return {"create": create + replace, "update": update, "delete": delete + replace}


def _note(environment: Mapping[str, str], body: str, when: When, method: Method, *, news: bool) -> None:
    number, token = environment.get("CI_MERGE_REQUEST_IID", ""), environment.get(_TOKEN, "")
    if not number or when is When.NEVER:
        return
    if not token:
        _say(f"No note of the merge request: {_TOKEN} is not set.")
        return
    api = WebApi(environment["CI_API_V4_URL"], {"PRIVATE-TOKEN": token})
    forge = GitLab(api, f"/projects/{environment['CI_PROJECT_ID']}/merge_requests/{number}/notes")
    try:
        post(forge, body, when=when, method=method, news=news)
    except ForgeError as error:
        _say(f"warning: the merge request has no note of this run: {error}")


@dataclass(frozen=True, slots=True)
class GitLab:
    """The notes of one merge request."""

    api: WebApi
    path: str

    def comments(self) -> Iterator[Comment]:
        own = self.api.call("GET", "/user")["id"]
        for found in self.api.pages(f"{self.path}?sort=asc&order_by=created_at"):
            yield Comment(found["id"], found["body"], found["author"]["id"] == own and not found["system"])

    def create(self, body: str) -> int:
        return int(self.api.call("POST", self.path, {"body": body})["id"])

    def update(self, number: int, body: str) -> None:
        self.api.call("PUT", f"{self.path}/{number}", {"body": body})

    def delete(self, number: int) -> None:
        self.api.call("DELETE", f"{self.path}/{number}")


def _say(text: str) -> None:
    sys.stdout.write(f"{clean(text)}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
