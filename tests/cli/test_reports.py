"""A document in each report and on stdout, whatever a command ends with; nothing older at its place."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.in_process import Finished
from tests.running import Emulator, clean_environment, running_emulator

import inferctl.report
from inferctl.applier.runner import Run
from inferctl.ledger.records import INDEX, Holder, lock_document
from inferctl.workspace import desired

from .conftest import Repository, Shell, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURE = Draft202012Validator(
    json.loads((Path(inferctl.report.__file__).parent / "schema" / "failure.json").read_text(encoding="utf-8"))
)
FILES = {"text": "plan.txt", "json": "plan.json", "markdown": "plan.md"}
REPORTS = [word for name, file in FILES.items() for word in ("--report", f"{name}={file}")]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OF_A_FILE = "(that of a finding)"
YESTERDAY = "what was true yesterday"


@dataclass
class Scene:
    """A repository on an emulated cluster."""

    shell: Shell
    emulator: Emulator
    patch: pytest.MonkeyPatch

    def write(self, name: str, text: str) -> None:
        (self.shell.folder / name).write_text(text, encoding="utf-8")

    def refuse(self) -> None:
        fault = {"kind": "status", "method": "GET", "path": "/", "status": 401, "count": -1}
        self.emulator.call("POST", "/_emulator/faults", {**fault, "error_type": "security_exception"})

    def lock(self) -> None:
        other = Holder(run="r0", who="somebody", ttl_s=600.0, since="2026-01-01T00:00:00Z")
        self.emulator.call("PUT", f"/{INDEX}/_create/lock:shop", lock_document("shop", other))

    def save_for_another_cluster(self) -> None:
        with running_emulator() as other:
            assert self.shell("plan", "--out", "saved.json", "--url", other.url).code == 0

    def fail(self, error: BaseException) -> None:
        def failing(*_: Any, **__: Any) -> Any:
            raise error

        self.patch.setattr(desired, "load_workspace", failing)

    def fail_while_writing(self, error: BaseException) -> None:
        def failing(*_: Any, **__: Any) -> Any:
            raise error

        self.patch.setattr(Run, "carry_out", failing)


@dataclass(frozen=True)
class Ending:
    """A command line, what is wrong with it, its exit code, the code of the error, and whether the cluster was seen."""

    words: str
    prepare: Callable[[Scene], object]
    exit_code: int
    error: str
    seen: bool = False


def nothing(_scene: Scene) -> None:
    """All is as it should be."""


ENDINGS = {
    "a bad file": Ending("plan", lambda s: s.write("endpoints/b.yaml", "inference_id: ["), 1, OF_A_FILE),
    "a bad file, apply": Ending("apply --yes", lambda s: s.write("endpoints/b.yaml", "a: ["), 1, OF_A_FILE),
    "a bad settings file": Ending("plan", lambda s: s.write("inferctl.yaml", "scoop: x"), 1, OF_A_FILE),
    "a bad settings file, destroy": Ending("destroy", lambda s: s.write("inferctl.yaml", "s: x"), 1, OF_A_FILE),
    "no settings file": Ending("plan --config none.yaml", nothing, 1, OF_A_FILE),
    "no cluster is named": Ending(
        "plan", lambda s: s.shell.environment.pop("ELASTICSEARCH_URL"), 1, "settings.invalid"
    ),
    "nobody listens": Ending("plan --url http://127.0.0.1:1", nothing, 1, "transport.connection-failed"),
    "a refused key": Ending("plan", Scene.refuse, 1, "api.unauthorised"),
    "a refused key, apply": Ending("apply --yes", Scene.refuse, 1, "api.unauthorised"),
    "a missing secret": Ending(
        "apply --yes", lambda s: s.shell.environment.pop("COHERE_API_KEY"), 1, "input.invalid", seen=True
    ),
    "a lock that is held": Ending("apply --yes --lock-timeout 0", Scene.lock, 7, "ledger.locked", seen=True),
    "a lock that is held, destroy": Ending("destroy --yes --lock-timeout 0", Scene.lock, 7, "ledger.locked", seen=True),
    "a stale plan": Ending("apply saved.json --yes", Scene.save_for_another_cluster, 5, "plan.stale", seen=True),
    "a damaged plan": Ending("show saved.json", lambda s: s.write("saved.json", "{}"), 1, "plan.file"),
    "no plan": Ending("show saved.json", nothing, 1, "plan.file"),
    "an id that no file declares": Ending("rotate other", nothing, 64, "usage"),
    "nobody approves": Ending("apply", nothing, 3, "not-approved", seen=True),
    "a flag that is not there": Ending("plan --no-such-flag", nothing, 64, "usage"),
    "a value that cannot be": Ending("apply --parallelism 1000", nothing, 64, "usage"),
    "a word too many": Ending("show a b", nothing, 64, "usage"),
    "flags that exclude each other": Ending("plan --emulator", nothing, 64, "usage"),
    "a place that cannot be written": Ending("plan --out nowhere/plan.json", nothing, 64, "usage"),
    "a defect": Ending("plan", lambda s: s.fail(ZeroDivisionError("secret words")), 1, "internal"),
    "a defect while writing": Ending(
        "apply --yes", lambda s: s.fail_while_writing(ZeroDivisionError()), 4, "internal", seen=True
    ),
    "an interruption": Ending("plan", lambda s: s.fail(KeyboardInterrupt()), 130, "interrupted"),
    "an interruption while writing": Ending(
        "apply --yes", lambda s: s.fail_while_writing(KeyboardInterrupt()), 130, "interrupted", seen=True
    ),
}


@pytest.fixture
def scene(repository: Repository, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Scene:
    shell = repository("shop", {"a": endpoint("a")})
    shell.environment.update(GITHUB_SHA=COMMIT, INFERCTL_RUN_URL="https://ci.example/runs/7")
    for file in FILES.values():
        (shell.folder / file).write_text(YESTERDAY, encoding="utf-8")
    return Scene(shell, emulator, monkeypatch)


@pytest.mark.parametrize("name", ENDINGS)
@pytest.mark.parametrize("output_format", FILES)
def test_every_ending_has_its_document(scene: Scene, name: str, output_format: str) -> None:
    ending = ENDINGS[name]
    ending.prepare(scene)
    done = scene.shell(*ending.words.split(), *REPORTS, "--format", output_format)
    assert done.code == ending.exit_code, done.err
    text, as_json, markdown = ((scene.shell.folder / file).read_text(encoding="utf-8") for file in FILES.values())
    document = json.loads(as_json)
    FAILURE.validate(document)
    assert document["verdict"]["exit_code"] == ending.exit_code
    errors = {finding["code"] for finding in document["diagnostics"] if finding["severity"] == "error"}
    error = document["error"]["code"]
    assert error in errors if ending.error == OF_A_FILE else error == ending.error and not errors
    assert document["run"]["command"] == ending.words.split()[0]
    assert (document["run"]["commit"], document["run"]["run_url"]) == (COMMIT, "https://ci.example/runs/7")
    assert bool(document["cluster"]["uuid"]) == ending.seen
    assert document["error"]["text"].splitlines()[0] in text
    assert f"error[{error}]" in text
    assert markdown.startswith("<!-- inferctl:plan" if ending.words[:4] in ("plan", "show") else "<!-- inferctl:apply")
    assert f"<code>{error}</code>" in markdown
    if output_format != "text":
        assert done.out == (markdown if output_format == "markdown" else as_json)
    assert "secret words" not in text + as_json + markdown + done.err
    assert YESTERDAY not in text + as_json + markdown
    assert sorted(path.name for path in scene.shell.folder.glob("*plan*")) == sorted(FILES.values())


def test_a_plan_and_an_outcome_stand_where_their_failures_would(scene: Scene) -> None:
    for command, kind in (("plan", "plan"), ("apply --yes", "apply")):
        assert scene.shell(*command.split(), *REPORTS).code == 0
        document = json.loads((scene.shell.folder / "plan.json").read_text(encoding="utf-8"))
        assert document["kind"] == kind
        assert document["run"]["address"] == scene.emulator.url
        assert document["run"]["address_from"] == "ELASTICSEARCH_URL"
        assert document["scope"] == "shop"
    # The ledger knows the run by the same id.
    runs = scene.shell("history", "--format", "json").json()["runs"]
    assert [run["run"] for run in runs] == [document["run"]["run"]]


def test_reports_that_can_be_told_are_written_beside_one_that_cannot(scene: Scene) -> None:
    done = scene.shell("plan", *REPORTS, "--report", "text=nowhere/plan.txt")
    assert done.code == 64
    for file in FILES.values():
        assert "the folder of" in (scene.shell.folder / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ["plan --help", "plan --report text=plan.txt --help"])
def test_help_is_no_run(scene: Scene, words: str) -> None:
    assert scene.shell(*words.split()).code == 0
    assert (scene.shell.folder / "plan.txt").read_text(encoding="utf-8") == YESTERDAY


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("plan endpoints/a.yaml --report json=endpoints/a.yaml", "endpoints/a.yaml"),
        ("plan --config inferctl.yaml --report json=./inferctl.yaml", "inferctl.yaml"),
        ("plan --report json=inferctl.yaml", "inferctl.yaml"),
        ("plan --report json=endpoints/a.yaml", "endpoints/a.yaml"),
        ("plan --out inferctl.yaml", "inferctl.yaml"),
        ("plan --out endpoints/a.yaml", "endpoints/a.yaml"),
        ("show saved.json --report json=saved.json", "saved.json"),
        ("apply saved.json --yes --report json=saved.json", "saved.json"),
    ],
)
def test_nothing_is_written_over_what_the_command_reads(scene: Scene, words: str, file: str) -> None:
    assert scene.shell("plan", "--out", "saved.json").code == 0
    before = (scene.shell.folder / file).read_bytes()
    done = scene.shell(*words.split())
    assert done.code == 64
    assert re.search("the (report|plan) would replace it", done.err)
    assert (scene.shell.folder / file).read_bytes() == before


KILLED = """
import os
from inferctl.cli import app
from inferctl.workspace import desired
desired.load_workspace = lambda *_, **__: os.kill(os.getpid(), {number})
app.main()
"""


def killed_at_the_first_reading(scene: Scene, number: int, *words: str) -> Finished:
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(number=number), *words, *REPORTS],
        cwd=scene.shell.folder,
        env={**clean_environment(), **scene.shell.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_run_that_is_killed_leaves_nothing_older_behind(scene: Scene, command: str) -> None:
    assert killed_at_the_first_reading(scene, signal.SIGKILL, command).code == -signal.SIGKILL
    text, as_json, markdown = ((scene.shell.folder / file).read_text(encoding="utf-8") for file in FILES.values())
    document = json.loads(as_json)
    FAILURE.validate(document)
    assert document["error"]["code"] == "run.not-ended"
    assert (document["verdict"]["exit_code"], document["verdict"]["name"]) == (None, "NOT_ENDED")
    assert f"{command} has not ended" in text.lower()
    assert f"{command} has not ended" in markdown.lower()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_the_first_write_is_in_the_reports(scene: Scene, number: signal.Signals) -> None:
    done = killed_at_the_first_reading(scene, number, "plan", "--format", "json")
    assert done.code == 130
    assert done.out == (scene.shell.folder / "plan.json").read_text(encoding="utf-8")
    assert done.json()["error"]["text"].startswith(f"interrupted by {number.name}")


LINKED = {
    "a file": ".git/config",
    "a file outside": "../elsewhere",
    "nothing": ".git/new",
    "a folder": ".git",
    "a pipe": "pipe",
    "a device": "/dev/null",
    "itself": "plan.md",
}


@pytest.mark.parametrize("target", LINKED.values(), ids=LINKED.keys())
@pytest.mark.parametrize("words", ["plan", "plan --url http://127.0.0.1:1"])
def test_a_link_at_the_place_of_a_report_is_replaced(scene: Scene, target: str, words: str) -> None:
    """A pull request can bring it."""
    folder = scene.shell.folder
    (folder / ".git").mkdir()
    for precious in (".git/config", "../elsewhere"):
        scene.write(precious, "kept")
    os.mkfifo(folder / "pipe")
    (folder / "plan.md").unlink()
    (folder / "plan.md").symlink_to(target)
    scene.shell(*words.split(), "--report", "markdown=plan.md")
    assert not (folder / "plan.md").is_symlink()
    assert (folder / "plan.md").read_text(encoding="utf-8").startswith("<!-- inferctl:plan")
    assert {(folder / file).read_text(encoding="utf-8") for file in (".git/config", "../elsewhere")} == {"kept"}
    assert sorted(file.name for file in (folder / ".git").iterdir()) == ["config"]


def test_a_report_goes_through_no_linked_folder_of_the_repository(scene: Scene) -> None:
    folder = scene.shell.folder
    (folder / ".git").mkdir()
    (folder / "deep").mkdir()
    for link, target in (("out", ".git"), ("deep/out", "/tmp")):
        (folder / link).symlink_to(target)
    for place in ("out/config", "./deep/../out/config", "deep/out/config", f"{folder}/out/config"):
        done = scene.shell("plan", "--report", f"markdown={place}", "--report", "json=plan.json")
        assert done.code == 64
        assert "leads through a link of the repository" in done.err
        assert json.loads((folder / "plan.json").read_text(encoding="utf-8"))["error"]["code"] == "usage"
    assert not list((folder / ".git").iterdir())


def test_a_plan_file_goes_through_no_linked_folder_of_the_repository(scene: Scene) -> None:
    (scene.shell.folder / ".git").mkdir()
    scene.write(".git/config", "kept")
    (scene.shell.folder / "out").symlink_to(".git")
    done = scene.shell("plan", "--out", "out/config")
    assert done.code == 64
    assert "leads through a link of the repository" in done.err
    assert (scene.shell.folder / ".git" / "config").read_text(encoding="utf-8") == "kept"


def test_a_linked_folder_of_the_operator_is_followed(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert scene.shell("plan", "--report", f"text={tmp_path}/link/plan.txt").code == 0
    assert "Plan: 1 to create" in (tmp_path / "real" / "plan.txt").read_text(encoding="utf-8")


def test_what_the_system_links_to_stderr_is_written_to_once(scene: Scene) -> None:
    done = scene.shell.process("plan", "--report", "text=/dev/stderr")
    assert done.err == done.out
    assert Path("/dev/stderr").is_symlink()


def test_the_log_that_stderr_goes_to_is_not_replaced(scene: Scene) -> None:
    """`/dev/stderr` leads to a file then, and what it held stays."""
    scene.write("log", "before\n")
    words = [sys.executable, "-m", "inferctl", "plan", "--report", "text=/dev/stderr"]
    with (scene.shell.folder / "log").open("a") as log:
        environment = {**clean_environment(), **scene.shell.environment}
        subprocess.run(words, cwd=scene.shell.folder, env=environment, stdout=log, stderr=log, check=True)
    assert (scene.shell.folder / "log").read_text(encoding="utf-8").startswith("before\n")
    assert Path("/dev/stderr").is_symlink()
    assert Path("/dev/stderr").exists()


def test_a_report_that_cannot_be_written_is_told_once(scene: Scene) -> None:
    (scene.shell.folder / "folder").mkdir()
    for words, code in (("plan", 1), ("apply --yes", 0), ("plan --url http://127.0.0.1:1", 1)):
        done = scene.shell(*words.split(), "--report", "text=folder", "--report", "json=plan.json")
        assert done.code == code
        assert done.err.count("the report folder could not be written: Is a directory") == 1
        assert YESTERDAY not in (scene.shell.folder / "plan.json").read_text(encoding="utf-8")


def test_a_plan_that_nobody_reads_has_its_reports(scene: Scene) -> None:
    full = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m inferctl plan --report text=plan.txt > /dev/full"],
        cwd=scene.shell.folder,
        env={**clean_environment(), **scene.shell.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert full.returncode == 1
    assert "Plan: 1 to create" in (scene.shell.folder / "plan.txt").read_text(encoding="utf-8")


ON_GITHUB = {"GITHUB_ACTIONS": "true"}


def shown_on_github(done: Finished) -> list[str]:
    return [line for line in done.err.splitlines() if line.startswith("::")]


def test_on_github_a_failure_that_is_no_finding_is_an_annotation(scene: Scene) -> None:
    scene.shell.environment.update(ON_GITHUB)
    (line,) = shown_on_github(scene.shell("plan", "--url", "http://127.0.0.1:1"))
    assert line.startswith("::error title=transport.connection-failed::")


def test_on_github_a_finding_is_annotated_once(scene: Scene) -> None:
    scene.shell.environment.update(ON_GITHUB)
    scene.write("endpoints/b.yaml", "inference_id: [")
    (line,) = shown_on_github(scene.shell("plan", *REPORTS))
    assert line.startswith("::error file=endpoints/b.yaml,line=1,")


def test_on_github_held_steps_are_annotations(scene: Scene) -> None:
    assert scene.shell("apply", "--yes").code == 0
    scene.shell.environment.update(ON_GITHUB)
    assert shown_on_github(scene.shell("plan")) == []
    other = {"model_id": "rerank-v4.0", "api_key": {"env": "COHERE_API_KEY"}}
    scene.write("endpoints/a.yaml", endpoint("a", service_settings=other))
    for words in ("plan", "apply --yes"):
        (line,) = shown_on_github(scene.shell(*words.split()))
        assert line.startswith("::error")
        assert "title=replace held%3A a::" in line
