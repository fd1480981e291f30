"""Ctrl-C and SIGTERM: the first finishes running calls and reports, the second stops at once."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class StopSignal:
    """Set once somebody wants the run to end."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.name = ""

    def set(self, name: str) -> None:
        """Ask the run to end. `name` says who asked ("SIGTERM"), or what happened ("the loss of the lock")."""
        self.name = name  # first: a signal that interrupts the next line must see it, and not take the lock again
        self._event.set()

    def is_set(self) -> bool:
        return bool(self.name)

    @property
    def by_signal(self) -> bool:
        """Somebody interrupted the run; otherwise it lost its lock."""
        return self.name.startswith("SIG")

    def sleep(self, seconds: float) -> None:
        """Sleep, or wake early when the run is to end."""
        self._event.wait(seconds)


@contextmanager
def listening() -> Iterator[StopSignal]:
    """A StopSignal that SIGINT and SIGTERM set; the second one raises KeyboardInterrupt. Main thread only."""
    stop = StopSignal()

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set(signal.Signals(number).name)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            # None: a handler that Python did not install, and so cannot put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
