"""Seconds of a process that pass quickly: what waits for a second waits for a fiftieth of one.

All clocks and waits of the process keep step: `time.monotonic` runs as much faster as sleeps, events and the time
limits of sockets are shorter. So a heartbeat, a back-off and a limit meet in the order in which they do in real life;
only the machine seems slower. To be called before anything is loaded that keeps a clock of its own.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from typing import Any

SPEED = 50


def speed_up() -> None:
    sleep, monotonic = time.sleep, time.monotonic
    wait, join, limit = threading.Condition.wait, threading.Thread.join, socket.socket.settimeout

    def shorter(seconds: float | None) -> float | None:
        return None if seconds is None else seconds / SPEED

    def clock() -> float:
        return monotonic() * SPEED

    plain_lock = threading.Lock

    class Lock:
        """A lock whose time limits are shorter: the type of the real one takes no other `acquire`."""

        def __init__(self) -> None:
            self._lock = plain_lock()

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            return self._lock.acquire(blocking, timeout if timeout < 0 else timeout / SPEED)

        def __enter__(self) -> bool:
            return self._lock.__enter__()

        def __exit__(self, *_: object) -> None:
            self._lock.release()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._lock, name)

    instead: list[tuple[Any, str, Any]] = [
        (time, "sleep", lambda seconds: sleep(seconds / SPEED)),
        (time, "monotonic", clock),
        (queue, "time", clock),  # they took the clock by name
        (threading, "_time", clock),
        (threading, "Lock", Lock),
        (threading.Condition, "wait", lambda condition, timeout=None: wait(condition, shorter(timeout))),
        (threading.Thread, "join", lambda thread, timeout=None: join(thread, shorter(timeout))),
        (socket.socket, "settimeout", lambda connection, value: limit(connection, shorter(value))),
    ]
    for owner, name, quicker in instead:
        setattr(owner, name, quicker)
