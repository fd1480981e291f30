"""The installed command as other processes see it: a clean environment, and an emulator at an address."""

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

from inferctl.emulator.cluster import Cluster
from inferctl.emulator.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
POINTS_ELSEWHERE = ("ELASTIC", "ES_", "INFERCTL_", "NO_COLOR", "FORCE_COLOR", "GITHUB_", "CLOUD_ID",
                   "CI_", "BUILDKITE_", "CIRCLE_", "CHANGE_ID", "SYSTEM_PULLREQUEST", "BITBUCKET_", "DRONE_", "TRAVIS_")  # fmt: skip


def clean_environment() -> dict[str, str]:
    """The environment without anything that points inferctl at a cluster or colours its output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(POINTS_ELSEWHERE)}
    kept.pop("PYTEST_ADDOPTS", None)  # meant for the pytest that runs us
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "error"}


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

    def live(self) -> dict[str, Any]:
        """The endpoints that are there, without the server's own."""
        found = self.call("GET", "/_inference/_all")["endpoints"]
        return {e["inference_id"]: e for e in found if not e["inference_id"].startswith(".")}

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
def running_emulator(version: str = "9.5", uuid: str = "") -> Iterator[Emulator]:
    """An emulator behind a port, in a thread."""
    with running(Cluster.of(version, uuid=uuid)) as server:
        yield Emulator(server.url)


@contextmanager
def inferctl_process(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, for signals; killed with the block. The key of the endpoints is in `K`."""
    with subprocess.Popen(
        [sys.executable, "-m", "inferctl", *arguments],
        cwd=folder,
        env={**clean_environment(), "K": "k"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def emulator_process(version: str = "9.5", *arguments: str) -> Iterator[Emulator]:
    """`inferctl emulate`, which ends with the block."""
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
