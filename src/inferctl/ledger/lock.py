"""One run at a time: a lock document per scope, kept alive by a heartbeat, taken over when its holder is dead.

A waiter knows nothing of other machines' clocks. It watches the lock's sequence number: when that has not moved for
one TTL on the waiter's own monotonic clock, the holder has missed every heartbeat, and a fenced write takes the lock.
Calls of the inference API cannot be fenced. Each needs a heartbeat younger than half a TTL when it is sent; a call
that then takes longer than the other half can end after somebody else took the lock (docs/explanation/ledger.md).
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.client.bounds import Within
from inferctl.errors import AlreadyExists, Conflict, InferctlError, LedgerError, LockHeld, LockLost
from inferctl.fix import command, flag
from inferctl.ledger.fenced import settled
from inferctl.ledger.records import INDEX, Holder, lock_document, lock_id, read_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.documents import StoredDocument
    from inferctl.client.sync import InferenceClient

DEFAULT_TTL_S = 60.0
_RELEASE_S = 4.0  # whoever sends SIGTERM does not wait for long
_SHORTEST_LOOK_S, _LONGEST_LOOK_S = 0.01, 2.0
# A heartbeat has the next one after it, and a release the time to live: neither is worth a long wait.
_FEW_TRIES = 3


class _Taken(Exception):  # noqa: N818  what happened
    """The lock is not ours: somebody else has it, or somebody removed it."""


@dataclass(slots=True)
class Lease:
    """The lock of one scope, held by this process. `clock` is monotonic seconds; `lost` is called once, at the loss.
    `keep` says why the lock is to be left to its TTL at the end.

    Made by `acquire`. Every write of the run goes through `check`, which raises LockLost before anything is sent.
    """

    client: InferenceClient
    scope: str
    holder: Holder
    seq_no: int
    primary_term: int
    clock: Callable[[], float]
    lost: Callable[[], None] = lambda: None
    sleep: Callable[[float], None] = time.sleep
    keep: str = ""
    _beat_s: float = 0.0
    _gone: bool = False
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Beat in the background, three times a TTL."""
        self._thread = threading.Thread(target=self._beat_on, name="inferctl-lock", daemon=True)
        self._thread.start()

    def check(self, *, finishing: bool = False) -> None:
        """The lock is ours, and we know it since less than half a TTL. Raises LockLost.

        `finishing`: what was begun under the lock must be finished, so that nobody is known to have taken it is enough.
        """
        if self._is_fresh() or (finishing and not self._gone):
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

    def release(self) -> str:
        """Remove our lock; somebody else's is left alone. Never raises, and is over within seconds.

        Why it could not be removed, "" where it is gone: then the TTL frees it.
        """
        self._stop.set()
        started_s = time.monotonic()
        # A signal may have come while it was being started; then it finds `_stop` set, and ends.
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=_RELEASE_S)
        # A write that nobody waited for may be renewing it, too.
        if not self._guard.acquire(timeout=max(0.0, _RELEASE_S - (time.monotonic() - started_s))):
            return "a heartbeat is still under way"
        try:
            if self._gone:
                return ""
            self._gone = True
            if self.keep:
                return self.keep
            rest_s = max(1.0, _RELEASE_S - (time.monotonic() - started_s))
            self.client = self.client.bounded(Within(rest_s))
            settled(self._remove, self._is_removed, self.client, self.sleep, tries=_FEW_TRIES)
        except InferctlError as error:
            return str(error)
        finally:
            self._guard.release()
        return ""

    def _remove(self) -> bool:
        try:
            self._remove_at(self.seq_no, self.primary_term)
        except Conflict:  # perhaps only with a heartbeat of ours, whose answer was lost
            ours = _held_by(self.holder, self.client, self.scope)
            if ours is not None:
                self._remove_at(ours.seq_no, ours.primary_term)
        return True

    def _remove_at(self, seq_no: int, primary_term: int) -> None:
        self.client.delete_document(INDEX, lock_id(self.scope), if_seq_no=seq_no, if_primary_term=primary_term)

    def _is_removed(self) -> bool | None:
        """None where our lock is still there."""
        return True if _held_by(self.holder, self.client, self.scope) is None else None

    def _beat_on(self) -> None:
        while not self._stop.wait(self.holder.ttl_s / 3):
            with self._guard:
                self._beat()
            if self._gone:
                return

    def _beat(self) -> None:
        """One heartbeat, under the guard. A failure that may pass is tried again by the next one.

        It counts once the document has moved: that is what a waiter watches.
        """
        if self._gone:
            return
        sent_s = self.clock()
        holder = replace(self.holder, beats=self.holder.beats + 1)
        try:
            numbers = self._renewed(holder)
        except _Taken:
            self._gone = True
            self.lost()
        except InferctlError:
            return
        else:
            if numbers is not None:
                self.holder, self._beat_s = holder, sent_s
                self.seq_no, self.primary_term = numbers

    def _renewed(self, holder: Holder) -> tuple[int, int] | None:
        """The numbers of the lock with this heartbeat in it, None where it could not be had. Raises _Taken."""
        try:
            return settled(
                lambda: self._written(holder), lambda: self._beaten(holder), self.client, self.sleep, tries=_FEW_TRIES
            )
        except Conflict:
            return self._beaten(holder)

    def _written(self, holder: Holder) -> tuple[int, int]:
        written = self.client.index_document(
            INDEX,
            lock_id(self.scope),
            lock_document(self.scope, holder),
            if_seq_no=self.seq_no,
            if_primary_term=self.primary_term,
        )
        return written.seq_no, written.primary_term

    def _beaten(self, holder: Holder) -> tuple[int, int] | None:
        """The numbers of this heartbeat where it is there, None where it is not. Raises _Taken."""
        held = _held(self.client, self.scope)
        seen, other = held if held is not None else (None, None)
        if seen is None or other is None or other.run != holder.run:
            raise _Taken
        if other.beats < holder.beats:
            self.seq_no, self.primary_term = seen.seq_no, seen.primary_term
            return None
        return seen.seq_no, seen.primary_term


def _held(client: InferenceClient, scope: str) -> tuple[StoredDocument, Holder | None] | None:
    """The lock by a realtime read, and who holds it: None for a holder that cannot be read. None where it is free."""
    seen = client.get_document(INDEX, lock_id(scope))
    if seen is None:
        return None
    try:
        return seen, read_lock(seen.id, seen.source)
    except LedgerError:
        return seen, None


def _held_by(holder: Holder, client: InferenceClient, scope: str) -> StoredDocument | None:
    """The lock where the run of `holder` has it; None where it is free, another's, or cannot be read."""
    held = _held(client, scope)
    return held[0] if held is not None and held[1] is not None and held[1].run == holder.run else None


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
    ours = _Ours(client, scope, holder, clock, sleep)
    while True:
        taken = ours.take()
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
        other = _holder_of(seen)
        if watched is None and timeout_s > 0:
            waiting(other)
        if watched is None or (watched.seq_no, watched.primary_term) != (seen.seq_no, seen.primary_term):
            watched, since_s = seen, now_s
        elif now_s - since_s >= other.ttl_s:
            taken = ours.take(over=seen)
            if taken is not None:
                return taken
            watched = None
            continue
        if now_s - started_s >= timeout_s:
            raise LockHeld(
                f"the lock of scope {scope} is held by {other}. If that run is dead, a run that waits more than "
                f"{other.ttl_s:g} s takes the lock over"
            ).with_fixes(flag(f"--lock-timeout {math.ceil(2 * other.ttl_s)}"), command("inferctl unlock"))
        sleep(_until_next_look_s(other, timeout_s - (now_s - started_s)))


def holder_after(
    client: InferenceClient,
    scope: str,
    *,
    timeout_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    waiting: Callable[[Holder], None] = lambda _: None,
) -> Holder | None:
    """Who still has the lock after `timeout_s`; None as soon as `acquire` would get it. Only reads are sent."""
    started_s = since_s = clock()
    watched: StoredDocument | None = None
    while True:
        seen = client.get_document(INDEX, lock_id(scope))
        if seen is None:
            return None
        now_s, other = clock(), _holder_of(seen)
        if watched is None and timeout_s > 0:
            waiting(other)
        if watched is None or (watched.seq_no, watched.primary_term) != (seen.seq_no, seen.primary_term):
            watched, since_s = seen, now_s
        elif now_s - since_s >= other.ttl_s:
            return None  # its holder is dead
        if now_s - started_s >= timeout_s:
            return other
        sleep(_until_next_look_s(other, timeout_s - (now_s - started_s)))


def _until_next_look_s(other: Holder, rest_s: float) -> float:
    return max(min(_LONGEST_LOOK_S, other.ttl_s / 4, rest_s), _SHORTEST_LOOK_S)


def _holder_of(seen: StoredDocument) -> Holder:
    """Who holds it. Raises LedgerError, with the way out: nobody waits for a lock that cannot be read."""
    try:
        return read_lock(seen.id, seen.source)
    except LedgerError as error:
        problem = f"{error}. If no run of the scope is at work, inferctl unlock removes this lock"
    raise LedgerError(problem)


@dataclass(frozen=True, slots=True)
class _Ours:
    """Takes the lock for `holder`."""

    client: InferenceClient
    scope: str
    holder: Holder
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def take(self, *, over: StoredDocument | None = None) -> Lease | None:
        """The lease; None where somebody else has the lock. `over` is what was watched: of two waiters one gets it."""
        sent_s = self.clock()  # to a waiter the lock is as old as the write, however late its answer comes
        try:
            seq_no, primary_term = settled(lambda: self._write(over), self._look, self.client, self.sleep)
        except (Conflict, AlreadyExists):
            return None
        return Lease(
            self.client, self.scope, self.holder, seq_no, primary_term, self.clock, sleep=self.sleep, _beat_s=sent_s
        )

    def _write(self, over: StoredDocument | None) -> tuple[int, int]:
        document = lock_document(self.scope, self.holder)
        if over is None:
            written = self.client.create_document(INDEX, lock_id(self.scope), document)
        else:
            written = self.client.index_document(
                INDEX, lock_id(self.scope), document, if_seq_no=over.seq_no, if_primary_term=over.primary_term
            )
        return written.seq_no, written.primary_term

    def _look(self) -> tuple[int, int] | None:
        """The answer was lost; the document says who wrote it."""
        ours = _held_by(self.holder, self.client, self.scope)
        return None if ours is None else (ours.seq_no, ours.primary_term)


def withdraw(client: InferenceClient, scope: str, holder: Holder) -> str:
    """After an `acquire` that broke off: remove the lock where it is ours after all. Says why that is not known."""
    client = client.bounded(Within(_RELEASE_S))
    try:
        seen = client.get_document(INDEX, lock_id(scope))
        if seen is not None and read_lock(seen.id, seen.source).run == holder.run:
            client.delete_document(INDEX, seen.id, if_seq_no=seen.seq_no, if_primary_term=seen.primary_term)
    except InferctlError as error:
        return str(error)
    return ""
