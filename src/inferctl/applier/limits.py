"""What is limited is sent more slowly, by all steps of a run together, and again when the limit has passed.

A provider says that it is asked too often inside the server's 400 for a create or an update: the server asks it before
it stores anything (docs/reference/server/create.md#validation-call), so nothing was done, and the request is sent again
here. The cluster, or what stands before it, says so with 429. Whether that was done all the same is for the sender to
find out (`client.answers`); here only all others slow down with it.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from inferctl.applier.events import StepWaiting, nobody_hears
from inferctl.applier.pace import Pace
from inferctl.client.answers import Again, Answer, answer_of, rule_for
from inferctl.client.request import Operation
from inferctl.client.retry import retry_after_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.applier.events import Event
    from inferctl.client.request import Request, Response
    from inferctl.client.sync import InferenceClient
    from inferctl.planner.change import Change

PATIENCE_S = 300.0
CLUSTER = ""
_LOOK_S = 0.1


@dataclass(slots=True)
class Limits:
    """The limits that a run has met so far. Shared by its threads.

    `patience_s` is how long a limit may let nothing pass; then what it refuses has failed, and nobody waits for it any
    more. `clock` is monotonic seconds, `stopped` ends every wait.
    """

    parallelism: int = 1
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    stopped: Callable[[], bool] = lambda: False
    emit: Callable[[Event], None] = nobody_hears
    patience_s: float = PATIENCE_S
    jitter: Callable[[], float] = random.random
    _paces: dict[str, Pace] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def client_for(self, change: Change, client: InferenceClient) -> InferenceClient:
        """The client with which a step writes."""
        return client.guided(partial(self.send, change))

    def send(self, change: Change, request: Request, send: Callable[[], Response]) -> Response:
        """The answer to a request of this step, sent when the limits allow it. Raises what `send` raises."""
        if request.is_read:
            return send()
        while True:
            response = self._sent(change, request, send)
            if rule_for(request, response).again is not Again.LATER or not self.may_pass(change.service):
                return response

    def may_pass(self, limit: str = CLUSTER) -> bool:
        """Whether a limit that was met is likely to pass while the run lasts."""
        if self.stopped():
            return False
        with self._changed:
            pace = self._pace(limit)
        now_s = self.clock()
        return pace.refused_for_s(now_s) + pace.wait_s(now_s) <= self.patience_s

    def _sent(self, change: Change, request: Request, send: Callable[[], Response]) -> Response:
        """Waits until it may be sent; learns from the answer."""
        limits = (CLUSTER, change.service)
        self._wait(change, limits)
        sent_s = self.clock()
        response: Response | None = None
        try:
            response = send()
        finally:
            self._ended(limits, sent_s, response, _limit_met(change, request, response))
        return response

    def _wait(self, change: Change, limits: tuple[str, ...]) -> None:
        """Takes a place among those under way."""
        start_s = self.clock()
        while True:
            with self._changed:
                now_s = self.clock()
                wait_s, limit = max((self._pace(limit).wait_s(now_s), limit) for limit in limits)
                has_room = all(self._pace(limit).has_room(self._running[limit]) for limit in limits)
                given_up = any(self._pace(limit).refused_for_s(now_s) > self.patience_s for limit in limits)
                if self.stopped() or given_up or (wait_s <= 0 and has_room):
                    self._running.update(limits)
                    return
            if wait_s > 0:
                what = f"{limit or 'the cluster'} limits: again in {math.ceil(wait_s)} s"
                self.emit(StepWaiting(change.inference_id, what, now_s - start_s))
                self.sleep(wait_s)
            else:
                with self._changed:
                    self._changed.wait(_LOOK_S)

    def _ended(self, limits: tuple[str, ...], sent_s: float, response: Response | None, met: str | None) -> None:
        with self._changed:
            self._running.subtract(limits)
            for limit in limits:
                if limit == met and response is not None:
                    # Longer than anybody waits is long enough: those that wait already must see the end of it.
                    asked_for_s = retry_after_s(response.headers)
                    self._paces[limit] = self._pace(limit).refused(
                        sent_s=sent_s,
                        now_s=self.clock(),
                        retry_after_s=None if asked_for_s is None else min(asked_for_s, self.patience_s + 1),
                        jitter=self.jitter(),
                    )
                elif response is not None and response.is_success and limit in self._paces:
                    self._paces[limit] = self._paces[limit].passed()
            self._changed.notify_all()

    def _pace(self, limit: str) -> Pace:
        return self._paces.get(limit) or Pace.unlimited(max(1, self.parallelism))


def _limit_met(change: Change, request: Request, response: Response | None) -> str | None:
    """Whose limit an answer is about; None where it is about none."""
    if response is None:
        return None
    match answer_of(response):
        case Answer.PROVIDER_LIMIT:
            return change.service
        case Answer.THROTTLED:
            return change.service if request.operation is Operation.INFERENCE else CLUSTER
        case _:
            return None
