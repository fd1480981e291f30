"""Some pieces of work at a time, and an end in sight: what hangs is left behind."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_POLL_S = 0.1
_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


def side_by_side(
    work: Callable[[_Item], _Done], items: Sequence[_Item], workers: int, *, is_overdue: Callable[[], bool]
) -> list[_Done | None]:
    """What came of each item, in order; None for one that was left behind, or never began.

    Raises what a piece of work raises; then nothing more begins. Once `is_overdue` says so, nobody waits any longer:
    not for what has not begun, not for what hangs. A KeyboardInterrupt does not wait either.
    """
    pool = ThreadPoolExecutor(max(1, min(workers, len(items))))
    over = threading.Event()
    left = [len(items)]
    guard = threading.Lock()

    def ended(future: Future[_Done]) -> None:
        with guard:
            left[0] -= 1
            if not left[0] or (not future.cancelled() and future.exception() is not None):
                over.set()

    try:
        futures = [pool.submit(work, item) for item in items]
        for future in futures:
            future.add_done_callback(ended)
        while futures and not over.wait(_POLL_S) and not is_overdue():
            pass
        results = [future.result() if future.done() else None for future in futures]
    except BaseException as problem:
        pool.shutdown(wait=not isinstance(problem, KeyboardInterrupt), cancel_futures=True)
        raise
    pool.shutdown(wait=over.is_set(), cancel_futures=True)
    return results
