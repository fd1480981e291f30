"""What must come after the DELETE of a replace: the new endpoint, and where that cannot be, the old one again.

Until then nobody can use the id. So what is not done is sent again, with growing pauses: the new endpoint for half of
the time that is given, then the old one for the rest. The first signal does not end it, nor does a lock that could not
be renewed; the second signal does, and a lock that another run has taken.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from inferctl.applier.create import create, look_for
from inferctl.applier.delete import look_whether_gone
from inferctl.applier.events import Left, Result, SubStep
from inferctl.applier.restore import GONE, look_for_old, restore
from inferctl.applier.result import Next, WriteResult
from inferctl.errors import UnknownOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.applier.writer import Writer
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0


class _Try(Protocol):
    """One try, and what can be done where it is not done."""

    @property
    def result(self) -> Result: ...

    @property
    def next(self) -> Next: ...


_T = TypeVar("_T", bound=_Try)


@dataclass(slots=True)
class Section:
    """The part of one replace that must finish. `writer` is one that goes on (`Writer.going_on`).

    `since` is when the DELETE was about to be sent, UTC, ISO 8601; "" where somebody else removed it.
    """

    writer: Writer
    change: Change
    since: str = ""
    _began_s: float = field(init=False)
    _waited_s: float = field(init=False, default=0.0)
    _maybe_done: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._began_s = self.writer.clock()

    def known(self, removed: WriteResult) -> WriteResult:
        """How the DELETE ended, where that could not be read so far: it may have opened the section."""
        if removed.next is not Next.LOOK:
            return self._down(removed, Left.MAYBE_DOWN) if removed.result is Result.UNKNOWN else removed

        def look(last: WriteResult) -> WriteResult:
            seen = look_whether_gone(self.writer, self.change, _lost(last.detail))
            return seen if seen.next is Next.LOOK else dataclasses.replace(seen, next=Next.NOTHING)

        ended = self._repeated("looking whether the old one is gone", lambda _: removed, look, 1.0)
        return self._down(ended, Left.MAYBE_DOWN) if ended.result is Result.UNKNOWN else ended

    def finish(self, gone: str, old: ObservedEndpoint | None) -> WriteResult:
        """The new endpoint, or what is there where it failed. `old`: what is to be put back then, if anything."""
        writer, change = self.writer, self.change
        writer.emit(SubStep(change.inference_id, "creating"))
        created = self._repeated(
            "creating",
            lambda maybe_ours: create(writer, change, maybe_ours=maybe_ours),
            lambda last: look_for(writer, change, _lost(last.detail)),
            0.5,
        )
        wrote = created.wrote or self._maybe_done or old is not None
        is_there = created.result in (Result.DONE, Result.NOT_READY)
        if is_there or (created.after is not None and created.result is Result.IGNORED):
            return dataclasses.replace(created, wrote=wrote)
        left: Left | None = None
        if created.next is Next.LOOK:
            state, left = f"{gone}; whether the new one is there is not known: plan again", Left.MAYBE_DOWN
        elif created.after is not None:
            state = f"{gone}; what is there now is not what was asked for"
        elif old is not None and not writer.is_over():
            return self._restored(old, created)
        else:
            state, left = f"{gone}, and the new one is not there: {GONE}", Left.DOWN
        return self._down(dataclasses.replace(created, detail=f"{state}\n{created.detail}", wrote=wrote), left)

    def _down(self, ended: WriteResult, left: Left | None) -> WriteResult:
        since = self.since if left in (Left.DOWN, Left.MAYBE_DOWN) else ""
        return dataclasses.replace(ended, left=left, down_since=since)

    def _restored(self, old: ObservedEndpoint, created: WriteResult) -> WriteResult:
        """Only where the new one is known to be absent: what a failed start left behind is not removed for it."""
        writer, change = self.writer, self.change
        writer.emit(SubStep(change.inference_id, "restoring the old settings"))
        found = self._repeated(
            "restoring the old settings",
            lambda _: restore(writer, change, old),
            lambda last: look_for_old(writer, change, old, _lost(last.state)),
            1.0,
        )
        if found.result is Result.DONE:
            return WriteResult(Result.DONE, found.state, wrote=True, after=found.after)
        state = f"the new endpoint could not be created after the old one was deleted; {found.state}"
        ended = WriteResult(found.result, f"{state}\nthe create: {created.detail}", wrote=True, after=found.after,
                            error=created.error)  # fmt: skip
        return self._down(ended, found.left)

    def _repeated(self, what: str, send: Callable[[bool], _T], look: Callable[[_T], _T], share: float) -> _T:
        """Until there is nothing more to be done, or this share of the whole time is over.

        `send` hears whether an earlier try was maybe done.
        """
        maybe_ours, pause_s = False, _FIRST_PAUSE_S
        ended = send(False)
        while ended.next is not Next.NOTHING and not self.writer.is_over():
            maybe_ours = maybe_ours or ended.result is Result.UNKNOWN
            self._maybe_done = self._maybe_done or maybe_ours
            if self._spent_s() + pause_s > self.writer.replace_timeout_s * share:
                break
            self.writer.emit(SubStep(self.change.inference_id, f"{what}, again in {pause_s:g} s"))
            self.writer.sleep(pause_s)
            self._waited_s += pause_s
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            ended = look(ended) if ended.next is Next.LOOK else send(maybe_ours)
        return ended

    def _spent_s(self) -> float:
        return max(self.writer.clock() - self._began_s, self._waited_s)


def _lost(detail: str) -> UnknownOutcome:
    """The answer that was lost, by its first words: what came of looking for it is looked up again."""
    return UnknownOutcome(detail.partition("\n")[0])
