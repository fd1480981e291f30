"""A fenced write whose answer is lost is settled: a realtime read says whether it was done, else it is sent again.

Each write of the ledger is create-only or names a sequence number, so the cluster itself does it once at most, however
often it is sent and however late it arrives.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from inferctl.errors import AlreadyExists, ApiError, Conflict, InferctlError, LedgerError, TransportError
from inferctl.ledger.records import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inferctl.client.sync import InferenceClient

TRIES = 5
_T = TypeVar("_T")


def is_unsure_status(status: int) -> bool:
    """Whether a line of a bulk that was answered so may have been done, or may be done yet."""
    return status == 429 or status >= 500


def pause(client: InferenceClient, attempt: int, sleep: Callable[[float], None]) -> None:
    """Wait after the attempt with this number, counted from 1: 0.25 s at first, twice as long each time."""
    wait_s = client.back_off_s(attempt)
    if wait_s > 0:
        sleep(wait_s)


def settled(
    write: Callable[[], _T],
    look: Callable[[], _T | None],
    client: InferenceClient,
    sleep: Callable[[float], None],
    *,
    tries: int = TRIES,
) -> _T:
    """What `write` answers, or what `look` finds where the answer was lost; None of `look`: it is not done.

    Raises what `write` raises where nothing is unclear, Conflict where somebody else was quicker, what `look` says of
    somebody else, and after `tries` the last error.
    """
    unclear: InferctlError | None = None
    for attempt in range(1, tries + 1):
        conflict: InferctlError | None = None
        try:
            return write()
        except (Conflict, AlreadyExists) as error:
            conflict = error  # perhaps with our own write: it came late, or the client sent it again after a 429
        except InferctlError as error:
            if not error.may_have_happened:
                raise
            unclear = error
            pause(client, attempt, sleep)
        try:
            done = look()
        except (ApiError, TransportError) as error:
            if conflict is not None:  # whose write it was is what could not be seen
                unclear = error
                pause(client, attempt, sleep)
            continue
        if done is not None:
            return done
        if conflict is not None:
            raise conflict
    raise unclear if unclear is not None else AssertionError("a write that was never tried")


@contextmanager
def naming_the_ledger(what: str) -> Iterator[None]:
    """The cluster's error with the ledger named in it."""
    try:
        yield
    except (ApiError, TransportError) as error:
        raise LedgerError(f"the ledger ({INDEX}) {what}: {error}") from None
