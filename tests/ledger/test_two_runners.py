"""Two processes against one emulator, whose answers take their time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.running import emulator_process

from .runners import *  # noqa: F403  the cases are the tests
from .runners import Race

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(1800)
USUAL_S, HELD_S = 0.05, 2.0


@pytest.fixture
def race(tmp_path: Path, inferctl: Path) -> Iterator[Race]:
    with emulator_process() as emulator:

        def slow(seconds: float, *, skip: int = 0) -> None:
            emulator.call("DELETE", "/_emulator/faults")
            fault = {"kind": "delay", "method": "PUT", "path": "/_inference/.*"}
            emulator.call("POST", "/_emulator/faults", {**fault, "seconds": seconds, "skip": skip, "count": -1})

        def hold(creates: int) -> Callable[[], None]:
            slow(HELD_S, skip=creates)
            return calm

        def calm() -> None:
            time.sleep(HELD_S)
            slow(USUAL_S)

        slow(USUAL_S)
        yield Race(emulator.url, emulator.call, tmp_path, hold, can_hold=True, program=(str(inferctl),))
