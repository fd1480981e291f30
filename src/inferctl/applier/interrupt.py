"""What ends a run before its end: Ctrl-C and SIGTERM, the loss of the lock, a cluster that is gone, a deadline.

While something is written, the first signal lets running calls finish and the report be written; before that it ends
the command at once. The second stops at once, whatever is under way.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager, suppress
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# From the wish to end to the end: whoever sends SIGTERM kills after 30 s, as a rule.
GRACE_S = 12.0  # for calls under way; what then has no answer is unknown
ENDING_S = 6.0  # for reading back and for the ledger


class Cause(Enum):
    """Why a run ends early. Value: what is said of it."""

    SIGNAL = "a signal"
    LOCK_LOST = "the loss of the lock"
    GONE = "a cluster that does not answer"
    DEADLINE = "the deadline"


class _Gate:
    """Shut until it is opened, once. Opening takes no lock: a signal can come while its own thread waits or opens."""

    def __init__(self) -> None:
        self.is_open = False
        self._shut = threading.Lock()
        self._shut.acquire()

    def open(self) -> None:
        self.is_open = True
        with suppress(RuntimeError):  # it was open
            self._shut.release()

    def wait(self, seconds: float) -> None:
        """Until it is open, `seconds` at most."""
        if self._shut.acquire(timeout=max(0.0, seconds)):
            self.open()  # for the next one


class StopSignal:
    """Set once the run is to end. `deadline_s`: seconds from now until it is set by itself; `clock` is monotonic.

    `patient`: something is being written, so a first signal waits for what is under way. `over`: all is done and told,
    so no signal changes how the command ends; `came_late` is the name of one that came all the same.
    """

    def __init__(self, deadline_s: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._set = _Gate()
        self._clock = clock
        self._deadline_at_s: float | None = None
        self._since_s: float | None = None
        self._ending_at_s: float | None = None
        self.causes: dict[Cause, str] = {}
        self._set_at_once = _Gate()
        self.name = ""
        self.patient = False
        self.over = False
        self.came_late = ""
        if deadline_s is not None:
            self.ends_within(deadline_s)

    def begin_next(self) -> None:
        """Another run of the same command line begins: what ended the one before, but for a signal, ends it no more."""
        self.over = True  # a signal that comes meanwhile is late, and not lost
        self._set, self._set_at_once = _Gate(), _Gate()
        self._deadline_at_s = self._since_s = self._ending_at_s = None
        self.causes.clear()
        self.name = ""
        self.patient = self.over = False

    def ends_within(self, seconds: float) -> None:
        """Set the deadline: so many seconds from now."""
        self._deadline_at_s = self._clock() + seconds

    def set(self, name: str, cause: Cause = Cause.SIGNAL) -> None:
        """Ask the run to end. `name` says who asked ("SIGTERM"), or what happened ("the loss of the lock")."""
        if self._since_s is None:
            self._since_s = self._clock()
        if not self.name or cause is Cause.SIGNAL:
            self.name = name
        self.causes[cause] = name
        self._set.open()

    def is_set(self) -> bool:
        if self._deadline_at_s is not None and self._clock() >= self._deadline_at_s:
            self.causes.setdefault(Cause.DEADLINE, Cause.DEADLINE.value)
            self.name = self.name or Cause.DEADLINE.value
        return bool(self.causes)

    @property
    def by_signal(self) -> bool:
        """Somebody interrupted the run."""
        return Cause.SIGNAL in self.causes

    def sleep(self, seconds: float) -> None:
        """Sleep, or wake early when the run is to end."""
        if self._deadline_at_s is not None:
            seconds = min(seconds, max(0.0, self._deadline_at_s - self._clock()))
        self._set.wait(seconds)

    def set_at_once(self) -> None:
        """Somebody wants the run to end whatever it is in the middle of."""
        self._set_at_once.open()

    def is_at_once(self) -> bool:
        return self._set_at_once.is_open

    def sleep_through(self, seconds: float) -> None:
        """Sleep although the run is to end: for what must be finished. Wakes early where it is to end at once."""
        self._set_at_once.wait(seconds)

    def begin_ending(self) -> None:
        """The last step is over: what comes is reading back, the ledger and the report."""
        self._ending_at_s = self._clock()

    @property
    def is_ending(self) -> bool:
        return self._ending_at_s is not None

    def rest_s(self) -> float | None:
        """How long a call may take that begins now, 0 or less for none at all; None while nothing ends the run."""
        end_s = _earliest(self._grace_end_s, self._deadline_at_s)
        if end_s is None:
            return None
        now_s = self._clock()
        if self._ending_at_s is not None or now_s >= end_s:
            end_s = max(end_s, self._ending_at_s or end_s) + ENDING_S
        return end_s - now_s

    def is_overdue(self) -> bool:
        """The time of the calls under way is over, too: nobody waits for them any longer."""
        if self._ending_at_s is not None:
            rest_s = self.rest_s()
            return rest_s is not None and rest_s <= 0
        # A deadline bounds each call by itself, and what is read after it.
        deadline_s = None if self._deadline_at_s is None else self._deadline_at_s + ENDING_S
        end_s = _earliest(self._grace_end_s, deadline_s)
        return end_s is not None and self._clock() >= end_s

    @property
    def _grace_end_s(self) -> float | None:
        return None if self._since_s is None else self._since_s + GRACE_S


def _earliest(*times_s: float | None) -> float | None:
    return min((time_s for time_s in times_s if time_s is not None), default=None)


def hear(stop: StopSignal, within: CodeType | None = None) -> dict[int, object]:
    """From now on SIGINT and SIGTERM go to `stop`. Main thread only. Returns the handlers of before.

    `within`: once a signal has ended the run at once, later ones are heard only inside of this code. Whoever called it
    could not catch all of them: the next one may come while he catches the last.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.over:
            stop.came_late = signal.Signals(number).name
            return
        if within is not None and stop.is_at_once() and not _is_inside(frame, within):
            return
        first = not stop.by_signal
        stop.set(signal.Signals(number).name)
        if not (first and stop.patient):
            stop.set_at_once()
            raise KeyboardInterrupt

    return {number: signal.signal(number, handle) for number in SIGNALS}


def _is_inside(frame: FrameType | None, code: CodeType) -> bool:
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def ignore_signals() -> None:
    """Until the process ends: how it ends is decided. Python itself resets other handlers before its last moment."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def listening() -> Iterator[StopSignal]:
    """A StopSignal that SIGINT and SIGTERM set; outside of the main thread it hears none."""
    stop = StopSignal()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = hear(stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            # None: a handler that Python did not install, and so cannot put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)  # type: ignore[arg-type]
