"""Several reads at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_ONCE = 4


@contextmanager
def reads_at_once() -> Iterator[ThreadPoolExecutor]:
    """Four at a time. After an error nothing new begins, and an interruption waits for none of them."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield pool
    except BaseException as problem:
        pool.shutdown(wait=not isinstance(problem, KeyboardInterrupt), cancel_futures=True)
        raise
    pool.shutdown()
