"""A run that is killed in the middle of a trial, and the one after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.running import Emulator, clean_environment

from .conftest import Shell

if TYPE_CHECKING:
    from pathlib import Path


def write(shell: Shell, model: str) -> None:
    body = {
        "inference_id": "a",
        "task_type": "rerank",
        "service": "cohere",
        "service_settings": {"model_id": model, "api_key": {"env": "COHERE_API_KEY"}},
    }
    (shell.folder / "a.yaml").write_text(json.dumps(body), encoding="utf-8")


def test_killed_between_the_trial_and_its_removal(tmp_path: Path, emulator: Emulator) -> None:
    shell = Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, "COHERE_API_KEY": "k"})
    settings = "scope: shop\nendpoints: ['*.yaml']\nallow: [replace]\nlock: {ttl_s: 1}\n"
    (tmp_path / "inferctl.yaml").write_text(settings, encoding="utf-8")
    write(shell, "rerank-v3")
    assert shell("apply", "--yes").code == 0
    write(shell, "rerank-v3.5")
    planned = shell("plan")
    assert "steps: try the new settings under a temporary id; delete; create; if that fails" in planned.out
    slow = {"kind": "delay", "method": "DELETE", "path": "/_inference/rerank/inferctl-trial-.*", "seconds": 60}
    emulator.call("POST", "/_emulator/faults", slow)
    run = subprocess.Popen(
        [sys.executable, "-m", "inferctl", "apply", "--yes"],
        cwd=tmp_path,
        env={**clean_environment(), **shell.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ends_s = time.monotonic() + 60
        while len(emulator.live()) < 2 and time.monotonic() < ends_s:
            time.sleep(0.05)
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait(timeout=20)
    assert "a" in emulator.live()
    (left,) = set(emulator.live()) - {"a"}
    assert left.startswith("inferctl-trial-")
    planned = shell("plan")
    assert f"- {left}" in planned.out
    assert "left behind by a run that died" in planned.out
    applied = shell("apply", "--yes", "--lock-timeout", "30")
    assert applied.code == 0, applied.out + applied.err
    assert "replacing a: trying the new settings as inferctl-trial-" in applied.err
    assert f"deleted {left}" in applied.err
    assert {name: e["service_settings"]["model_id"] for name, e in emulator.live().items()} == {"a": "rerank-v3.5"}
    assert shell("plan", "--detailed-exitcode").code == 0
