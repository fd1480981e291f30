"""The jobs of templates/inferctl.yml, by their own scripts: reports as artifacts, and a note through the API."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from tests.running import ROOT, clean_environment, running_emulator

from inferctl.ci.gitlab import code_quality, widget
from inferctl.report.annotations import Annotation

from .github import serving_api
from .scenes import KEYS, A, endpoint, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEC, JOBS = yaml.safe_load_all((ROOT / "templates" / "inferctl.yml").read_text(encoding="utf-8"))
NOTES = "/projects/5/merge_requests/7/notes"
ME, OTHER = 1, 2


@dataclass
class Notes:
    """The notes of one merge request."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def add(self, body: str, author: int = ME, *, system: bool = False) -> int:
        self.notes.append({"id": len(self.notes) + 1, "body": body, "author": {"id": author}, "system": system})
        return len(self.notes)

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        url = urlsplit(target)
        if url.path == "/user":
            return 200, {"id": ME}
        if url.path == NOTES and method == "POST":
            return 201, {"id": self.add(body["body"])}
        if url.path == NOTES:
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            assert (query["sort"], query["order_by"]) == ("asc", "created_at")
            first = (int(query["page"]) - 1) * int(query["per_page"])
            return 200, self.notes[first : first + int(query["per_page"])]
        number = int(url.path.removeprefix(f"{NOTES}/"))
        (note,) = (note for note in self.notes if note["id"] == number)
        if method == "DELETE":
            self.notes.remove(note)
            return 204, None
        assert method == "PUT"
        note["body"] = body["body"]
        return 200, note


@pytest.fixture
def notes() -> Iterator[Notes]:
    made = Notes()
    with serving_api(made):
        yield made


@dataclass(frozen=True)
class Pipeline:
    """Runs a job of the template in a checkout."""

    root: Path
    programs: Path
    notes: Notes
    environment: dict[str, str]

    def run(self, job: str, number: int = 31, **environment: str) -> tuple[int, str]:
        inputs = {name: str(about.get("default", "")) for name, about in SPEC["spec"]["inputs"].items()}
        variables = {
            name: re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: inputs[found[1]], text)
            for name, text in (JOBS[".inferctl"]["variables"] | JOBS[job]["variables"]).items()
        }
        done = subprocess.run(
            ["sh", "-c", "\n".join(JOBS[job]["script"])],
            cwd=self.root,
            env={
                **self.environment, **variables, "PATH": f"{self.programs}:{self.environment['PATH']}",
                "CI_PROJECT_DIR": str(self.root), "CI_PROJECT_ID": "5", "CI_JOB_ID": str(number),
                "CI_API_V4_URL": self.notes.url, "CI_MERGE_REQUEST_IID": "7", "INFERCTL_GITLAB_TOKEN": "project-token",
                **environment,
            },
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def artifact(self, name: str, number: int = 31) -> Any:
        return json.loads((self.root / f"inferctl-{number}" / name).read_text(encoding="utf-8"))


@pytest.fixture
def pipeline(tmp_path: Path, programs: Path, notes: Notes) -> Iterator[Pipeline]:
    with running_emulator() as emulator:
        root = tmp_path / "checkout"
        write(root, {"a": A})
        yield Pipeline(root, programs, notes, {**clean_environment(), **KEYS, "ELASTICSEARCH_URL": emulator.url})


def test_a_merge_request_and_its_deploy(pipeline: Pipeline) -> None:
    theirs = "<!-- inferctl:plan scope=shop label= -->\nof somebody else"
    pipeline.notes.add(theirs, OTHER)
    code, log = pipeline.run("inferctl-plan")
    assert code == 0, log
    assert pipeline.notes.notes[0]["body"] == theirs
    assert pipeline.notes.notes[1]["body"].startswith("<!-- inferctl:plan scope=shop label= -->\n")
    assert pipeline.artifact("tfplan.json") == {"create": 1, "update": 0, "delete": 0}
    assert pipeline.artifact("gl-code-quality.json") == []
    assert pipeline.artifact("report.json")["kind"] == "plan"
    code, log = pipeline.run("inferctl-apply", 32, CI_MERGE_REQUEST_IID="")
    assert code == 0, log
    assert len(pipeline.notes.notes) == 2
    assert pipeline.artifact("report.json", 32)["summary"]["done"] == 1
    write(pipeline.root, {"a": endpoint("shop-a", model="rerank-v4")})
    code, log = pipeline.run("inferctl-plan", 33)
    assert code == 3, log
    (finding,) = pipeline.artifact("gl-code-quality.json", 33)
    assert (finding["check_name"], finding["severity"]) == ("replace held", "major")
    assert finding["location"] == {"path": "endpoints/a.yaml", "lines": {"begin": 1}}
    assert len(pipeline.notes.notes) == 2
    assert "1 to replace" in pipeline.notes.notes[1]["body"]
    assert pipeline.notes.tokens == {"project-token"}
    assert "project-token" not in log
    for name in JOBS:
        for path in JOBS[name].get("artifacts", {}).get("reports", {}).values():
            assert (pipeline.root / path.replace("$CI_JOB_ID", "33" if name == "inferctl-plan" else "32")).is_file()


def test_a_file_that_is_wrong(pipeline: Pipeline) -> None:
    write(pipeline.root, {"a": A.replace("model_id", "modle_id")})
    code, log = pipeline.run("inferctl-plan")
    assert code == 1, log
    assert [f["location"]["path"] for f in pipeline.artifact("gl-code-quality.json")] == ["endpoints/a.yaml"]
    assert pipeline.artifact("tfplan.json") == {"create": 0, "update": 0, "delete": 0}
    assert len(pipeline.notes.notes) == 1


def test_without_a_token_there_is_no_note(pipeline: Pipeline) -> None:
    code, log = pipeline.run("inferctl-plan", INFERCTL_GITLAB_TOKEN="")
    assert code == 0
    assert "INFERCTL_GITLAB_TOKEN is not set" in log
    assert pipeline.notes.asked == []


def test_what_a_commit_put_in_the_place_of_artifacts_goes(pipeline: Pipeline, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "report.md").write_text("kept", encoding="utf-8")
    (pipeline.root / "inferctl-31").symlink_to(precious)
    (pipeline.root / "inferctl-32").mkdir()
    (pipeline.root / "inferctl-32" / "own.md").write_text("theirs", encoding="utf-8")
    assert pipeline.run("inferctl-plan")[0] == 0
    assert pipeline.run("inferctl-plan", 32, INFERCTL_JOB_COMMENT="sometimes")[0] == 64
    assert [path.name for path in precious.iterdir()] == ["report.md"]
    assert (precious / "report.md").read_text(encoding="utf-8") == "kept"
    assert not (pipeline.root / "inferctl-31").is_symlink()
    assert not (pipeline.root / "inferctl-32").exists()


def test_findings_keep_their_fingerprints_when_lines_move() -> None:
    def found(line: int) -> list[Annotation]:
        return [
            Annotation("error", "schema.x", "wrong", "a.yaml", line),
            Annotation("error", "schema.x", "wrong", "a.yaml", line),
        ]

    first, second = (code_quality(found(line), "search") for line in (3, 9))
    assert [f["fingerprint"] for f in first] == [f["fingerprint"] for f in second]
    assert len({f["fingerprint"] for f in first}) == 2
    assert code_quality([Annotation("warning", "w", "")], "search")[0]["location"] == {
        "path": "search/inferctl.yaml", "lines": {"begin": 1}
    }  # fmt: skip


def test_a_replace_is_a_delete_and_a_create() -> None:
    names = (
        "create",
        "update",
        "replace",
        "delete",
        "adopt",
        "forget",
        "repair",
        "verify",
        "held",
        "blocked",
        "unknown",
    )
    summary = dict.fromkeys(names, 0) | {"create": 1, "update": 2, "replace": 4, "delete": 8}
    assert widget({"kind": "plan", "summary": summary, "verdict": {"text": "", "exit_code": 0}}) == {
        "create": 5, "update": 2, "delete": 12
    }  # fmt: skip
