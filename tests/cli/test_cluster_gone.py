"""The cluster goes away in the middle of an apply: real processes, one of which is the cluster."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING

import pytest
from tests.running import Emulator, inferctl_process

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

ENDPOINT = """\
inference_id: shop-{number:02}
task_type: completion
service: openai
service_settings: {{model_id: m, api_key: {{env: K}}}}
"""
# What the run promises. Its parts: 12 s for running calls, 6 s to read back, 4 s for the lock.
LONGEST_S = 30.0
LISTS = ("done", "failed", "unknown", "not_ready", "held", "blocked", "not_started")


@pytest.fixture
def files(tmp_path: Path, folder: Callable[[dict[str, str]], Path]) -> Path:
    (tmp_path / "inferctl.yaml").write_text("scope: shop\n", encoding="utf-8")
    return folder({f"{n}.yaml": ENDPOINT.format(number=n) for n in range(40)})


def until_twenty_are_made(apply: subprocess.Popen[str]) -> None:
    made = 0
    assert apply.stderr is not None
    for line in apply.stderr:
        made += line.startswith("created ")
        if made == 20:
            return
    raise AssertionError(f"it ended after {made}")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_forty_creates_and_the_cluster_gone_at_the_twentieth(files: Path, how: signal.Signals) -> None:
    """It used to take minutes, one dead read for each endpoint, and the report came last of all.

    Killed, it refuses connections; stopped, it takes them and never answers.
    """
    folder = files.parent
    with inferctl_process(folder, "emulate", "--port", "0") as cluster:
        assert cluster.stdout is not None
        emulator = Emulator(cluster.stdout.readline().split()[0])
        slow = {"kind": "delay", "method": "PUT", "path": "/_inference/.*", "count": -1, "seconds": 0.05}
        emulator.call("POST", "/_emulator/faults", slow)
        arguments = ("apply", "--yes", "endpoints", "--url", emulator.url, "--report", "json=report.json")
        with inferctl_process(folder, *arguments) as apply:
            until_twenty_are_made(apply)
            cluster.send_signal(how)
            apply.send_signal(signal.SIGTERM)
            start = time.monotonic()
            out, err = apply.communicate(timeout=120)
            took_s = time.monotonic() - start
        assert took_s < LONGEST_S
        cluster.kill()
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    results = {step["id"]: step["result"] for name in LISTS for step in report[name]}
    assert len(results) == 40
    assert list(results.values()).count("unknown") >= 20  # written, and not confirmed
    assert "not started" in results.values()
    assert apply.returncode == report["verdict"]["exit_code"] == 130
    assert "Exit code 130:" in out
    assert "the lock of scope shop stays until its time to live of 60 s is over" in err
    assert "Traceback" not in err
