"""The Dockerfile's steps, carried out in a fresh environment: no container engine is needed to know they work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.packaging, pytest.mark.timeout(600)]


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_and_locked_requirements_give_a_working_command(tmp_path: Path) -> None:
    for name in ("runtime", "build"):
        run(sys.executable, "-m", "venv", tmp_path / name, cwd=tmp_path)
        pip = tmp_path / name / "bin" / "pip"
        run(pip, "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements" / f"{name}.txt", cwd=tmp_path)
    run(tmp_path / "build/bin/python", "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    python = tmp_path / "runtime" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    run(python, "-m", "compileall", "-q", tmp_path / "runtime" / "lib", cwd=tmp_path)
    command = tmp_path / "runtime" / "bin" / "inferctl"
    assert run(command, "--version", cwd=tmp_path).startswith("inferctl ")
    endpoint = tmp_path / "e.yaml"
    endpoint.write_text(
        "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n"
    )
    assert "1 to create" in run(command, "plan", "--emulator", endpoint, cwd=tmp_path)
