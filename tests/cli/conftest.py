"""The command on files and an emulator: in this process, or in one of its own where that matters."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.in_process import Finished, run_here
from tests.running import ROOT, Emulator, clean_environment, running_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLES = ROOT / "examples" / "endpoints"
CANARY = "canary-Z9x8Y7w6"
READ_AT_START = ("PYTHON", "LC_", "LANG")  # by the interpreter: a test that sets one needs a process


def example_environment(value: str = CANARY) -> dict[str, str]:
    """Every variable that an example refers to, set to the same value."""
    names = set()
    for file in EXAMPLES.rglob("*.yaml"):
        names.update(re.findall(r"env:\s*([A-Z][A-Z0-9_]*)", file.read_text(encoding="utf-8")))
    return dict.fromkeys(sorted(names), value)


@dataclass
class Shell:
    """Runs inferctl in `folder` with `environment` added to a clean one."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: object, stdin: str = "") -> Finished:
        assert not any(name.startswith(READ_AT_START) for name in self.environment), self.environment
        environment = {**clean_environment(), **self.environment}
        return run_here(self.folder, environment, *map(str, arguments), stdin=stdin)

    def process(self, *arguments: object, stdin: str = "", timeout: float = 90) -> Finished:
        """As `__call__`, by `python -m inferctl`."""
        done = subprocess.run(
            [sys.executable, "-m", "inferctl", *map(str, arguments)],
            cwd=self.folder,
            env={**clean_environment(), **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)


Repository = Callable[..., Shell]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {})


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes endpoint files and returns their folder."""

    def write(files: dict[str, str]) -> Path:
        target = tmp_path / "endpoints"
        target.mkdir(exist_ok=True)
        for name, text in files.items():
            (target / name).write_text(text, encoding="utf-8")
        return target

    return write


def endpoint(name: str, **more: Any) -> str:
    body = {
        "inference_id": name,
        "task_type": "rerank",
        "service": "cohere",
        "service_settings": {"model_id": "rerank-v3.5", "api_key": {"env": "COHERE_API_KEY"}},
        "task_settings": {"top_n": 3},
        **more,
    }
    return json.dumps(body)


@pytest.fixture
def repository(tmp_path: Path, emulator: Emulator) -> Repository:
    """A repository with its own scope on the shared cluster."""

    def make(scope: str, files: dict[str, str], settings: str = "") -> Shell:
        folder = tmp_path / scope
        (folder / "endpoints").mkdir(parents=True, exist_ok=True)
        text = f"scope: {scope}\nendpoints: [endpoints/*.yaml]\n{settings}"
        (folder / "inferctl.yaml").write_text(text, encoding="utf-8")
        shell = Shell(folder, {"ELASTICSEARCH_URL": emulator.url, "COHERE_API_KEY": "k"})
        for name, content in files.items():
            (folder / "endpoints" / f"{name}.yaml").write_text(content, encoding="utf-8")
        return shell

    return make
