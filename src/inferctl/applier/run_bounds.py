"""What bounds the calls of one run: its deadline, an interruption, and that nobody answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.applier.interrupt import Cause
from inferctl.client.bounds import Breaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.applier.interrupt import StopSignal

# Once the run is to end, a call is made again only where that is soon.
_LONGEST_PAUSE_AT_THE_END_S = 2.0


class RunBounds:
    """The bounds of all calls of a run but those that must not be given up: these get `watching`."""

    def __init__(self, stop: StopSignal, clock: Callable[[], float] = time.monotonic) -> None:
        self._stop = stop
        self.breaker = Breaker(clock)

    def end_run_when_gone(self) -> None:
        """From now on a cluster that does not answer ends the run."""

        def gone() -> None:
            since = time.strftime("%H:%M:%S", time.gmtime(time.time() - self.breaker.silent_s))
            self._stop.set(f"{Cause.GONE.value} since {since} UTC", Cause.GONE)

        self.breaker.opened = gone

    def watching(self, *, at_most_s: float | None = None, counts: bool = True) -> Watching:
        """Bounds that give nothing up. Not `counts`: its dead calls do not count, its answers do."""
        return Watching(self.breaker, at_most_s, counts)

    def at_most_s(self) -> float | None:
        """As `Bounds.at_most_s`."""
        rest_s = self._stop.rest_s()
        if rest_s is not None and rest_s <= 0 and self._stop.is_set():  # which names a deadline that has passed
            raise ValueError(f"the run ends, because of {self._stop.name}")
        probe_s = self.breaker.at_most_s(at_the_end=self._stop.is_ending)
        return rest_s if probe_s is None else probe_s if rest_s is None else min(rest_s, probe_s)

    def answered(self) -> None:
        self.breaker.answered()

    def died(self) -> None:
        self.breaker.died()

    def pause(self, seconds: float) -> bool:
        """Wakes early when the run is to end; then the call is made once more."""
        if not self._stop.is_set():
            self._stop.sleep(seconds)
            return not self.breaker.is_open
        if self.breaker.is_open or seconds > _LONGEST_PAUSE_AT_THE_END_S:
            return False
        time.sleep(seconds)
        return True


@dataclass(frozen=True, slots=True)
class Watching:
    """Says how the cluster does, and gives nothing up: for heartbeats, and for a replace that is under way."""

    breaker: Breaker
    longest_s: float | None
    counts: bool

    def at_most_s(self) -> float | None:
        return self.longest_s

    def answered(self) -> None:
        self.breaker.answered()

    def died(self) -> None:
        if self.counts:
            self.breaker.died()

    def pause(self, seconds: float) -> bool:
        time.sleep(seconds)
        return True
