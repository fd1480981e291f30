"""The installed command in a subprocess, and an emulator in another one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "endpoints"
CANARY = "canary-Z9x8Y7w6"


def example_environment(value: str = CANARY) -> dict[str, str]:
    """Every variable that an example refers to, set to the same value."""
    names = set()
    for file in EXAMPLES.rglob("*.yaml"):
        names.update(re.findall(r"env:\s*([A-Z][A-Z0-9_]*)", file.read_text(encoding="utf-8")))
    return dict.fromkeys(sorted(names), value)


@dataclass
class Finished:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def clean_environment() -> dict[str, str]:
    """The environment without anything that would point inferctl at a cluster or colour its output."""
    drop = ("ELASTIC", "ES_", "INFERCTL_", "NO_COLOR", "FORCE_COLOR", "GITHUB_", "CLOUD_ID")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "error"}


@dataclass
class Shell:
    """Runs inferctl in `folder` with `environment` added to a clean one."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: object, stdin: str | None = None, timeout: float = 90) -> Finished:
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


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {})


@dataclass
class Emulator:
    url: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One request to the emulator, as another client of the cluster would send it."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def writes(self) -> list[str]:
        """What was sent to `_inference` other than GET and dry runs since the last look."""
        log = self.call("GET", "/_emulator/requests")["requests"]
        self.call("DELETE", "/_emulator/requests")
        return [
            f"{r['method']} {r['path']}"
            for r in log
            if "/_inference" in r["path"]
            and r["method"] not in ("GET", "HEAD")
            and "dry_run=true" not in str(r.get("query", ""))
        ]


@contextmanager
def running_emulator(version: str, *arguments: str) -> Iterator[Emulator]:
    process = subprocess.Popen(
        [sys.executable, "-m", "inferctl", "emulate", "--port", "0", "--version", version, *arguments],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, f"no address in the first line: {first!r}"
        yield Emulator(found.group())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator("9.5") as running:
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
