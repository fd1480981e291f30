"""Two processes against one emulator, whose answers take their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.running import emulator_process

from .runners import *  # noqa: F403  the cases are the tests
from .runners import Race

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(1800)
HELD_S = 2.0


@pytest.fixture
def race(tmp_path: Path) -> Iterator[Race]:
    with emulator_process() as emulator:

        def slow(*, skip: int, seconds: float, count: int) -> None:
            fault = {"kind": "delay", "method": "PUT", "path": "/_inference/.*"}
            emulator.call("DELETE", "/_emulator/faults")
            emulator.call("POST", "/_emulator/faults", {**fault, "skip": skip, "seconds": seconds, "count": count})

        def hold(creates: int) -> float:
            slow(skip=creates, seconds=HELD_S, count=1)
            return HELD_S

        slow(skip=0, seconds=0.05, count=-1)
        yield Race(emulator.url, emulator.call, tmp_path, hold)
