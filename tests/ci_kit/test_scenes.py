"""The job of a pull request and the job that deploys, by the steps of action.yml: what a reader and a workflow get."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.in_process import run_here
from tests.report import golden
from tests.running import clean_environment, running_emulator

from .github import Api, Ended, Runner
from .scenes import KEYS, SCENES, Scene, event, write

if TYPE_CHECKING:
    from tests.running import Emulator

GOLDEN = Path(__file__).parent / "golden"
PULL_REQUEST = 7


def prepared(scene: Scene, folder: Path, emulator: Emulator) -> dict[str, str]:
    """The checkout and the cluster; the environment of both jobs."""
    folder.mkdir()
    environment = {
        **clean_environment(),
        **KEYS,
        "ELASTICSEARCH_URL": emulator.url,
        "INFERCTL_SECRETS_ALLOW": ",".join(KEYS),
    }
    if scene.before:
        write(folder, scene.before)
        done = run_here(folder, environment, "apply", "--yes")
        assert done.code == 0, done.err
    scene.others(emulator)
    write(folder, scene.files, scene.settings)
    environment = {**environment, **scene.environment, "GITHUB_SHA": "c0ffee", "GITHUB_ACTOR": "ann"}
    return {name: value for name, value in environment.items() if name not in scene.without}


def page(ended: Ended, comments: list[str]) -> str:
    """What is left of a job, as one text; made alike where runs differ."""
    outputs = "\n".join(f"{name}={value}" for name, value in ended.outputs.items())
    parts = [
        f"exit code {ended.code}\n", "# annotations\n", *(f"{line}\n" for line in ended.annotations),
        "# outputs\n", f"{outputs}\n", "# comments\n", *(f"{comment}\n" for comment in comments),
    ]  # fmt: skip
    return alike("".join(parts))


def alike(text: str) -> str:
    text = re.sub(r"uuid(\W+)[0-9a-f]{20,}", r"uuid\1(uuid)", text)
    text = re.sub(r"127\.0\.0\.1:(?!9\b)\d+", "127.0.0.1:9200", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "(time)", text)
    text = re.sub(r"until: \d{4}-\d\d-\d\d", "until: (date)", text)
    text = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{6}", "(run)", text)
    text = re.sub(r"\d+\.\d s\b", "0.0 s", text)
    return re.sub(r"/\S+/inferctl-[\w&#;]+/", "(reports)/", text)  # an underscore is an entity in Markdown


@pytest.mark.parametrize("name", SCENES)
def test_both_jobs(name: str, tmp_path: Path, programs: Path, api: Api) -> None:
    scene, workspace = SCENES[name], tmp_path / "checkout"
    with running_emulator() as emulator:
        environment = prepared(scene, workspace, emulator)
        before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
        runner = Runner(workspace, tmp_path / "temp", programs, api.url, environment)
        api.add(PULL_REQUEST, "<!-- inferctl:plan scope=wiki label= -->\nof another scope")
        inputs = dict(scene.inputs)
        if scene.saved:
            inputs["plan-file"] = "../plan.json"
            assert run_here(workspace, environment, "plan", "--out", inputs["plan-file"]).code == 0
        scene.later(emulator)
        planned = runner.use("pull_request", event(PULL_REQUEST), inputs)
        made = page(planned, [c["body"] for c in api.comments[PULL_REQUEST][1:]])
        golden.check(f"{name}.pull-request.txt", made, GOLDEN)
        applied = runner.use("push", {"ref": "refs/heads/main"}, {**inputs, "pr-number": str(PULL_REQUEST)})
        made = page(applied, [c["body"] for c in api.comments[PULL_REQUEST][2:]])
        golden.check(f"{name}.deploy.txt", made, GOLDEN)
    assert (planned.code, applied.code) == (scene.code, scene.code), planned.log + applied.log
    for ended in (planned, applied):
        assert ended.outputs["exit-code"] == str(ended.code)
        assert ended.summary.startswith("<!-- inferctl:")
        assert KEYS["COHERE_API_KEY"] not in ended.log + ended.summary + str(ended.outputs) + str(api.comments)
    # One comment for the plan, one for the apply, and the other scope's is as it was.
    assert [c["body"].partition(" ")[2].partition(" ")[0] for c in api.comments[PULL_REQUEST]] == [
        "inferctl:plan", "inferctl:plan", "inferctl:apply"
    ]  # fmt: skip
    assert api.comments[PULL_REQUEST][0]["body"].endswith("of another scope")
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before
