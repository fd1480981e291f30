"""After how long a request is sent again that may be (`client.answers`). Pure: time and jitter are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from inferctl.client.answers import Again, rule_for
from inferctl.client.request import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.client.request import Request
    from inferctl.errors import TransportError


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
        if attempt >= self.attempts or rule_for(request, outcome).again is not Again.AT_ONCE:
            return None
        wait = min(self.initial_s * 2.0 ** (attempt - 1), self.longest_s) + jitter * self.jitter_s
        asked_for = retry_after_s(outcome.headers) if isinstance(outcome, Response) else None
        if asked_for is not None:
            wait = max(wait, min(asked_for, self.retry_after_s))
        return wait if elapsed_s + wait <= self.total_s else None


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for; a date is measured from the answer's own `Date`."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
        since = parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - since).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
