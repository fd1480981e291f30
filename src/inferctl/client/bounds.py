"""What may be sent at all: a run that is to end, or that has nobody to talk to, stops trying. No network in here.

`Breaker` is the pure part. Calls in a row without an answer open it; then nothing is sent, but for one short call now
and then that may find the cluster back.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from inferctl.client.answers import is_genuine
from inferctl.client.transport import not_tried
from inferctl.errors import NotTried, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.request import Request, Response
    from inferctl.client.transport import Transport

# Of what stands before a cluster that is gone.
_GATEWAY = frozenset({502, 503, 504})


class Bounds(Protocol):
    """What limits the calls of a client. Asked from several threads."""

    def at_most_s(self) -> float | None:
        """How long a call may take that begins now; None: as long as it likes. Raises ValueError, saying why not."""

    def answered(self) -> None:
        """A call got an answer of the cluster, whatever it says."""

    def died(self) -> None:
        """A call got none."""

    def pause(self, seconds: float) -> bool:
        """Wait before the same call is made again. False: it is not worth it any more."""


@dataclass(slots=True)
class Breaker:
    """Opens after `most` calls in a row that got no answer, once nobody has answered for `silence_s` seconds.

    While it is open, one call of at most `probe_s` seconds may be made in `pause_s`. `opened` is called each time that
    it opens. `clock` is monotonic seconds.
    """

    clock: Callable[[], float]
    opened: Callable[[], None] = lambda: None
    most: int = 3
    silence_s: float = 10.0
    pause_s: float = 2.0
    probe_s: float = 3.0
    _is_open: bool = False
    _dead: int = 0
    _silent_since_s: float = 0.0
    _tried_s: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def silent_s(self) -> float:
        """For how long nobody has answered; 0 where somebody has."""
        return self.clock() - self._silent_since_s if self._dead else 0.0

    def at_most_s(self, *, at_the_end: bool = False) -> float | None:
        """As `Bounds.at_most_s`. `at_the_end`: few calls are left, and each may find the cluster back."""
        with self._guard:
            if not self._is_open:
                return None
            now_s = self.clock()
            if not at_the_end and now_s - self._tried_s < self.pause_s:
                raise ValueError("the cluster does not answer, so nothing more is tried")
            self._tried_s = now_s
            return self.probe_s

    def answered(self) -> None:
        with self._guard:
            self._is_open, self._dead = False, 0

    def died(self) -> None:
        with self._guard:
            now_s = self.clock()
            if not self._dead:
                self._silent_since_s = now_s
            self._dead += 1
            self._tried_s = now_s
            opens = not self._is_open and self._dead >= self.most and now_s - self._silent_since_s >= self.silence_s
            self._is_open = self._is_open or opens
        if opens:
            self.opened()


class Within:
    """Bounds of a few calls that must be over after `seconds` from now. `clock` is monotonic seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end_s = clock() + seconds

    def at_most_s(self) -> float | None:
        rest_s = self._end_s - self._clock()
        if rest_s <= 0:
            raise ValueError("there is no time left for it")
        return rest_s

    def answered(self) -> None:
        """It does not matter."""

    def died(self) -> None:
        """It does not matter."""

    def pause(self, seconds: float) -> bool:
        if self._clock() + seconds >= self._end_s:
            return False
        time.sleep(seconds)
        return True


class BoundedTransport:
    """Sends what `bounds` allows, and no longer; tells them what came of it. Closing it closes nothing."""

    def __init__(self, inner: Transport, bounds: Bounds) -> None:
        self._inner = inner
        self._bounds = bounds

    def send(self, request: Request) -> Response:
        """Raises NotTried where nothing may be sent."""
        try:
            at_most_s = self._bounds.at_most_s()
        except ValueError as error:
            why = str(error)
        else:
            return self._sent(request if at_most_s is None else replace(request, at_most_s=at_most_s))
        raise not_tried(request, why)

    def _sent(self, request: Request) -> Response:
        try:
            response = self._inner.send(request)
        except NotTried:
            raise
        except TransportError:
            self._bounds.died()
            raise
        if response.status in _GATEWAY and not is_genuine(response):
            self._bounds.died()
        else:
            self._bounds.answered()
        return response

    def close(self) -> None:
        """Nothing: whoever made `inner` closes it."""
