"""What every write of a run needs: the client, the secrets, who listens; reading back, and judging what is there.

A write that is maybe done (`client.answers`) is looked for: the server may be at work on it still, so what is not there
yet is read again after a while.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from inferctl.applier.events import Left, Result
from inferctl.applier.limits import Limits
from inferctl.applier.result import Next, WriteResult, difference
from inferctl.durations import REPLACE_TIMEOUT_S
from inferctl.errors import ApiError, Conflict, InferctlError, LimitedBy, NotFound
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.observe.cluster import only_endpoint
from inferctl.planner.action import Action
from inferctl.planner.readback import compare_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.applier.events import Event
    from inferctl.applier.interrupt import StopSignal
    from inferctl.applier.ledger_notes import LedgerNotes
    from inferctl.client.sync import InferenceClient
    from inferctl.model.versions import Version
    from inferctl.observe.references import DocumentScan
    from inferctl.planner.change import Change
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

# An update holds a lock for the time of its provider call (docs/reference/server/update.md#steps, in-cluster.md#stats).
_LOCK_TRIES = 4
_LOCK_PAUSE_S = 1.0
LOOK_AGAIN_S = (0.5, 1.0, 2.0)
_LOOK_LONGER_S = (4.0, 8.0)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Writer:
    """What the writes of one run share.

    `force` are the ids that may go although something refers to them. `scan` is our own search for users, made
    when the first removal asks for it. `notes` are told of throw-away endpoints, `emit` of the parts of a replace.
    `limits` are those that the run has met. `clock` is monotonic seconds; `now` is UTC in ISO 8601, "" where nobody
    knows the time of day.

    `finishing` sends what must follow the DELETE of a replace, for up to `replace_timeout_s`, whatever ends the run;
    `must_finish` are the endpoints that are at this point.
    """

    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    version: Version
    force: frozenset[str]
    stop: StopSignal
    scan: Callable[[], DocumentScan]
    emit: Callable[[Event], None]
    clock: Callable[[], float]
    notes: LedgerNotes | None = None
    limits: Limits = field(default_factory=Limits)
    finishing: InferenceClient | None = None
    replace_timeout_s: float = REPLACE_TIMEOUT_S
    must_finish: set[str] = field(default_factory=set)
    goes_on: bool = False
    now: Callable[[], str] = str

    def for_step(self, change: Change) -> Writer:
        """The writer of one step: its requests are sent as fast as the limits allow."""
        return replace(
            self, client=self.limits.client_for(change, self.client), finishing=self.finishing or self.client
        )

    def going_on(self, change: Change) -> Writer:
        """The same for what must finish: it goes on although the run is to end, and waits for no other step."""
        self.must_finish.add(change.inference_id)
        return replace(self, client=self.finishing or self.client, goes_on=True)

    def sleep(self, seconds: float) -> None:
        """Wakes early where the writes are to end."""
        if self.goes_on:
            self.stop.sleep_through(seconds)
        else:
            self.stop.sleep(seconds)

    def is_over(self) -> bool:
        """Whether the writes are to end: then waiting is of no use."""
        return self.stop.is_at_once() if self.goes_on else self.stop.is_set()

    def will_pass(self, error: InferctlError) -> bool:
        """Whether a write met a limit of the cluster that may pass while the run lasts."""
        limited = isinstance(error, ApiError) and error.limited_by is LimitedBy.CLUSTER
        return limited and not self.goes_on and self.limits.may_pass()

    def read(self, change: Change) -> ObservedEndpoint | None:
        """The endpoint now; None when it is not there. Raises InferctlError."""
        try:
            answer = self.client.get(task_type=None, inference_id=change.inference_id)
        except NotFound:
            return None
        return only_endpoint(answer, change.inference_id)

    def read_after(
        self, change: Change, error: InferctlError, is_done: Callable[[ObservedEndpoint | None], bool]
    ) -> ObservedEndpoint | WriteResult | None:
        """The endpoint after a write that `error` leaves maybe done: read until it `is_done`, some seconds in all.

        UNKNOWN where it cannot be read either.
        """
        seen = self._read_now(change, error)
        for wait_s in LOOK_AGAIN_S:
            if self.is_over() or (not isinstance(seen, WriteResult) and is_done(seen)):
                break
            self.sleep(wait_s)
            seen = self._read_now(change, error)
        return seen

    def trial_pauses_s(self) -> tuple[float, ...]:
        """Between the removals of a throw-away endpoint; more where no ledger tells the next run of it."""
        return LOOK_AGAIN_S if self.is_noted else LOOK_AGAIN_S + _LOOK_LONGER_S

    @property
    def is_noted(self) -> bool:
        """Whether a ledger tells the next run what this one may leave behind."""
        return self.notes is not None and bool(self.notes.plan.scope)

    def _read_now(self, change: Change, error: InferctlError) -> ObservedEndpoint | WriteResult | None:
        try:
            return self.read(change)
        except InferctlError as second:
            return WriteResult(
                Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True, next=Next.LOOK,
                error=error,
            )  # fmt: skip

    def judge(self, change: Change, after: ObservedEndpoint | None) -> WriteResult:
        """Compare what is there with what was meant."""
        if after is None:
            left = Left.DOWN if change.observed is not None else None
            return WriteResult(Result.FAILED, "the server said yes, and it is not there", wrote=True, left=left)
        before = _before(change) if change.action is Action.UPDATE else None
        read_back = compare_after(change, before, after, serverless=self.version.serverless)
        if read_back.holds:
            note = "the server chose another size" if read_back.server_values else ""
            return WriteResult(Result.DONE, note, wrote=True, after=after)
        result = Result.IGNORED if read_back.ignored and not read_back.undeclared else Result.FAILED
        return WriteResult(result, difference(read_back), wrote=True, leaves=read_back.leaves, after=after)

    def insist(self, send: Callable[[], _T]) -> _T:
        """Sends again, a few times, while somebody else's update holds the endpoint."""
        maybe_done = False
        for attempt in range(_LOCK_TRIES):
            try:
                return send()
            except InferctlError as error:
                error.may_have_happened = maybe_done = maybe_done or error.may_have_happened
                is_held = isinstance(error, Conflict) and "currently being updated" in error.reason
                if not is_held or attempt == _LOCK_TRIES - 1:
                    raise
            self.sleep(_LOCK_PAUSE_S * 2**attempt)
        raise AssertionError("the last try returns or raises")


def _before(change: Change) -> ObservedEndpoint | None:
    if change.observed is None:
        return None
    return ObservedEndpoint.from_json({"inference_id": change.inference_id, **change.observed})
