"""`--deadline`: the run ends by itself, with its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.running import Emulator

    from .conftest import Shell

ENDPOINT = """\
inference_id: shop-{number}
task_type: completion
service: openai
service_settings: {{model_id: m, api_key: {{env: K}}}}
"""


@pytest.fixture
def files(shell: Shell, folder: Callable[[dict[str, str]], Path]) -> Path:
    shell.environment["K"] = "k"
    (shell.folder / "inferctl.yaml").write_text("scope: shop\n", encoding="utf-8")
    return folder({f"{n}.yaml": ENDPOINT.format(number=n) for n in range(8)})


def test_what_is_not_begun_in_time_is_not_started(shell: Shell, emulator: Emulator, files: Path) -> None:
    slow = {"kind": "delay", "method": "PUT", "path": "/_inference/.*", "count": -1, "seconds": 1.0}
    emulator.call("POST", "/_emulator/faults", slow)
    flags = ("--yes", "--parallelism", "1", "--deadline", "4s", "--report", "text=report.txt")
    ended = shell("apply", *flags, "--url", emulator.url, files)
    assert ended.code == 4
    assert "not started" in ended.out
    assert "warning: the run was ended by the deadline: nothing more was begun" in ended.out
    *_, ended_so, next_line = (shell.folder / "report.txt").read_text(encoding="utf-8").splitlines()
    assert ended_so.partition("Exit code 4: ")[2]
    assert next_line.startswith("next: inferctl apply --yes --parallelism 1 --deadline 4s ")
    emulator.call("DELETE", "/_emulator/faults")
    assert shell("apply", "--yes", "--deadline", "10m", "--url", emulator.url, files).code == 0  # the lock is free
    assert len(emulator.live()) == 8


def test_a_deadline_that_passes_while_planning_writes_nothing(shell: Shell, emulator: Emulator, files: Path) -> None:
    slow = {"kind": "delay", "method": "GET", "path": "/_inference/_all", "seconds": 1.5}
    emulator.call("POST", "/_emulator/faults", slow)
    ended = shell("apply", "--deadline", "1", "--url", emulator.url, files)  # and nobody is asked
    assert ended.code == 1
    assert emulator.live() == {}


@pytest.mark.parametrize("text", ["0", "x", "-1", "1.5", "1d", ""])
def test_what_is_no_duration_is_refused(shell: Shell, files: Path, text: str) -> None:
    ended = shell("apply", "--deadline", text, files)
    assert ended.code == 64
    assert "as in 90, 15m, 1h30m" in ended.err
