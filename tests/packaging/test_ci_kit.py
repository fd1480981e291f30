"""What the CI kit installs, installed: the first step of the action, and the hook by pre-commit itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]
GOOD = "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n"


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def checkout(tmp_path: Path) -> Path:
    """What is committed here, and the changes that are not yet."""
    copy = tmp_path / "inferctl"
    assert run("git", "clone", "--quiet", ROOT, copy, cwd=tmp_path).returncode == 0
    for name in run("git", "ls-files", "--modified", "--others", "--exclude-standard", cwd=ROOT).stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    return copy


def test_the_action_installs_from_its_own_checkout(tmp_path: Path) -> None:
    copy, workspace = checkout(tmp_path), tmp_path / "workspace"
    before = {path for path in copy.rglob("*") if ".git" not in path.parts}
    workspace.mkdir()
    (workspace / "inferctl.py").write_text("raise SystemExit('theirs')", encoding="utf-8")
    install = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][0]
    output = tmp_path / "output"
    done = run(
        "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", install["run"], cwd=workspace,
        ACTION_PATH=str(copy), PYTHON=sys.executable, RUNNER_TEMP=str(tmp_path), GITHUB_OUTPUT=str(output),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    programs = Path(output.read_text(encoding="utf-8").strip().removeprefix("bin="))
    assert tmp_path in programs.parents
    assert {path for path in copy.rglob("*") if ".git" not in path.parts} == before
    assert run(programs / "inferctl", "--version", cwd=workspace).stdout.startswith("inferctl ")
    help_of = run(programs / "python", "-I", "-m", "inferctl.ci.github", "none", cwd=workspace)
    assert "KeyError: 'none'" in help_of.stderr  # it is there, and nothing of the workspace is


def test_the_hook(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    assert run(sys.executable, "-m", "venv", tool, cwd=tmp_path).returncode == 0
    done = run(tool / "bin/pip", "install", "--quiet", "pre-commit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    copy, repository = checkout(tmp_path), tmp_path / "repository"
    repository.mkdir()
    run("git", "init", "--quiet", cwd=repository)
    (repository / "inferctl.yaml").write_text("scope: shop\nendpoints: [a.yaml]\n", encoding="utf-8")
    codes = []
    for text in (GOOD, GOOD.replace("model_id", "modle_id")):
        (repository / "a.yaml").write_text(text, encoding="utf-8")
        run("git", "add", "--all", cwd=repository)
        hook = run(
            tool / "bin/pre-commit", "try-repo", copy, "inferctl-validate", "--verbose",
            cwd=repository, PRE_COMMIT_HOME=str(tmp_path / "cache"),
        )  # fmt: skip
        codes.append((hook.returncode, "1 endpoint in" in hook.stdout, "modle_id" in hook.stdout))
    assert codes == [(0, True, False), (1, False, True)], hook.stdout + hook.stderr
