"""Whether a request may be sent again, and after how long. Pure: time and jitter come in as arguments.

The table is the project's own (docs/reference/server/errors.md#status-codes): a create whose answer was lost may exist,
so it is never repeated blindly; reads may be repeated at will.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from inferctl.client.request import Repeat, Request, Response
from inferctl.errors import ConnectionFailed, TlsFailed, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSWERS: Mapping[Repeat, frozenset[int]] = {
    Repeat.FREELY: frozenset({408, 429, 502, 503, 504}),
    Repeat.REFUSED: frozenset({429, 503}),
    Repeat.THROTTLED: frozenset({429}),
    Repeat.UNSENT: frozenset(),
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Limits and waits in seconds. `attempts` counts the first; waits double from `initial_s` to `longest_s`.

    `jitter_s` is added at random, from nothing to all of it. `retry_after_s` caps what a server may ask for.
    `total_s` bounds the whole: no attempt begins after it.
    """

    attempts: int = 6
    total_s: float = 60.0
    initial_s: float = 0.25
    longest_s: float = 8.0
    jitter_s: float = 0.5
    retry_after_s: float = 30.0

    def wait_s(
        self,
        request: Request,
        outcome: Response | TransportError,
        *,
        attempt: int,
        elapsed_s: float,
        jitter: float,
    ) -> float | None:
        """Seconds before the next attempt, or None to stop.

        `attempt` is the number of attempts made, `jitter` lies in [0, 1).
        """
        if attempt >= self.attempts or not may_repeat(request, outcome):
            return None
        wait = min(self.initial_s * 2.0 ** (attempt - 1), self.longest_s) + jitter * self.jitter_s
        asked_for = retry_after_s(outcome.headers) if isinstance(outcome, Response) else None
        if asked_for is not None:
            wait = max(wait, min(asked_for, self.retry_after_s))
        return wait if elapsed_s + wait <= self.total_s else None


def may_repeat(request: Request, outcome: Response | TransportError) -> bool:
    """Whether sending `request` again cannot do a thing twice."""
    if isinstance(outcome, Response):
        return outcome.status in _ANSWERS[request.repeat]
    if isinstance(outcome, TlsFailed):
        return False
    return isinstance(outcome, ConnectionFailed) or request.is_read


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for; a date is measured from the answer's own `Date`."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
        since = parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - since).total_seconds())
    except (TypeError, ValueError):
        return None
