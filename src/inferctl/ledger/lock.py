"""One run at a time: a lock document per scope, kept alive by a heartbeat, taken over when its holder is dead.

A waiter knows nothing of other machines' clocks. It watches the lock's sequence number: when that has not moved for
one TTL on the waiter's own monotonic clock, the holder has missed every heartbeat, and a fenced write takes the lock.
Calls of the inference API cannot be fenced. Each needs a heartbeat younger than half a TTL when it is sent; a call
that then takes longer than the other half can end after somebody else took the lock (docs/explanation/ledger.md).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.errors import AlreadyExists, Conflict, InferctlError, LockHeld, LockLost, UnknownOutcome
from inferctl.ledger.records import INDEX, Holder, lock_document, lock_id, read_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.documents import StoredDocument
    from inferctl.client.sync import InferenceClient

DEFAULT_TTL_S = 60.0
_SHORTEST_LOOK_S, _LONGEST_LOOK_S = 0.01, 2.0


@dataclass(slots=True)
class Lease:
    """The lock of one scope, held by this process. `clock` is monotonic seconds; `lost` is called once, at the loss.

    Made by `acquire`. Every write of the run goes through `check`, which raises LockLost before anything is sent.
    """

    client: InferenceClient
    scope: str
    holder: Holder
    seq_no: int
    primary_term: int
    clock: Callable[[], float]
    lost: Callable[[], None] = lambda: None
    _beat_s: float = 0.0
    _gone: bool = False
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Beat in the background, three times a TTL."""
        self._beat_s = self.clock()
        self._thread = threading.Thread(target=self._beat_on, name="inferctl-lock", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """The lock is ours, and we know it since less than half a TTL. Raises LockLost."""
        if self._is_fresh():
            return
        with self._guard:
            if not self._is_fresh():  # another thread may have beaten meanwhile
                self._beat()
        if self._gone:
            raise LockLost(f"the lock of scope {self.scope} was lost: another run may be at work, so nothing is sent")
        if not self._is_fresh():
            raise LockLost(f"the lock of scope {self.scope} could not be renewed in time, so nothing is sent")

    def _is_fresh(self) -> bool:
        return not self._gone and self.clock() - self._beat_s < self.holder.ttl_s / 2

    def release(self) -> None:
        """Remove our lock; somebody else's is left alone. Never raises: the TTL frees it anyway."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=self.holder.ttl_s)
        with self._guard:
            if self._gone:
                return
            self._gone = True
            try:
                self.client.delete_document(
                    INDEX, lock_id(self.scope), if_seq_no=self.seq_no, if_primary_term=self.primary_term
                )
            except InferctlError:
                return

    def _beat_on(self) -> None:
        while not self._stop.wait(self.holder.ttl_s / 3):
            with self._guard:
                self._beat()
            if self._gone:
                return

    def _beat(self) -> None:
        """One heartbeat, under the guard. A failure that may pass is tried again by the next one."""
        if self._gone:
            return
        sent_s = self.clock()
        holder = replace(self.holder, beats=self.holder.beats + 1)
        try:
            written = self.client.index_document(
                INDEX,
                lock_id(self.scope),
                lock_document(self.scope, holder),
                if_seq_no=self.seq_no,
                if_primary_term=self.primary_term,
            )
        except (Conflict, UnknownOutcome):
            self._look_again(sent_s)
        except InferctlError:
            return
        else:
            self.holder, self.seq_no, self.primary_term = holder, written.seq_no, written.primary_term
            self._beat_s = sent_s

    def _look_again(self, sent_s: float) -> None:
        """After a heartbeat whose answer was lost, the document tells whether it is still ours."""
        try:
            seen = self.client.get_document(INDEX, lock_id(self.scope))
            held = None if seen is None else read_lock(seen.id, seen.source)
        except InferctlError:
            return
        if seen is None or held is None or held.run != self.holder.run:
            self._gone = True
            self.lost()
            return
        self.holder, self.seq_no, self.primary_term = held, seen.seq_no, seen.primary_term
        self._beat_s = sent_s


def acquire(
    client: InferenceClient,
    scope: str,
    holder: Holder,
    *,
    timeout_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    waiting: Callable[[Holder], None] = lambda _: None,
) -> Lease:
    """The lock, or LockHeld after `timeout_s`. `waiting` hears once who has it. Raises ApiError of the index."""
    started_s = clock()
    watched: StoredDocument | None = None
    since_s = started_s
    vanished = False
    while True:
        taken = _try(client, scope, holder, clock)
        if taken is not None:
            return taken
        seen = client.get_document(INDEX, lock_id(scope))
        now_s = clock()
        if seen is None:  # released between the two calls
            if now_s - started_s >= timeout_s and vanished:
                raise LockHeld(f"the lock of scope {scope} is taken whenever it is asked for, and nobody holds it")
            vanished = True
            sleep(_SHORTEST_LOOK_S)
            continue
        other = read_lock(seen.id, seen.source)
        if watched is None and timeout_s > 0:
            waiting(other)
        if watched is None or (watched.seq_no, watched.primary_term) != (seen.seq_no, seen.primary_term):
            watched, since_s = seen, now_s
        elif now_s - since_s >= other.ttl_s:
            taken = _take_over(client, scope, holder, seen, clock)
            if taken is not None:
                return taken
            watched = None
            continue
        if now_s - started_s >= timeout_s:
            raise LockHeld(
                f"the lock of scope {scope} is held by {other}. --lock-timeout SECONDS waits for it; "
                f"if that run is dead, a run that waits more than {other.ttl_s:g} s takes the lock over"
            )
        look_s = min(_LONGEST_LOOK_S, other.ttl_s / 4, timeout_s - (now_s - started_s))
        sleep(max(look_s, _SHORTEST_LOOK_S))


def _try(client: InferenceClient, scope: str, holder: Holder, clock: Callable[[], float]) -> Lease | None:
    try:
        written = client.create_document(INDEX, lock_id(scope), lock_document(scope, holder))
    except (Conflict, AlreadyExists):
        return None
    except UnknownOutcome:
        return _ours_after_all(client, scope, holder, clock)
    return Lease(client, scope, holder, written.seq_no, written.primary_term, clock)


def _take_over(
    client: InferenceClient, scope: str, holder: Holder, seen: StoredDocument, clock: Callable[[], float]
) -> Lease | None:
    """Fenced by what was watched: of two waiters one gets it."""
    try:
        written = client.index_document(
            INDEX,
            lock_id(scope),
            lock_document(scope, holder),
            if_seq_no=seen.seq_no,
            if_primary_term=seen.primary_term,
        )
    except Conflict:
        return None
    except UnknownOutcome:
        return _ours_after_all(client, scope, holder, clock)
    return Lease(client, scope, holder, written.seq_no, written.primary_term, clock)


def _ours_after_all(client: InferenceClient, scope: str, holder: Holder, clock: Callable[[], float]) -> Lease | None:
    """The answer was lost; the document says who wrote it."""
    seen = client.get_document(INDEX, lock_id(scope))
    if seen is None or read_lock(seen.id, seen.source).run != holder.run:
        return None
    return Lease(client, scope, holder, seen.seq_no, seen.primary_term, clock)
