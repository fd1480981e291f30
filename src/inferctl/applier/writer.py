"""What every write of a run needs: the client, the secrets, who listens; reading back, and judging what is there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from inferctl.applier.events import Result
from inferctl.applier.limits import Limits
from inferctl.applier.result import WriteResult, difference
from inferctl.errors import Conflict, InferctlError, NotFound
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.observe.cluster import only_endpoint
from inferctl.planner.action import Action
from inferctl.planner.readback import compare_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.applier.events import Event
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
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Writer:
    """What the writes of one run share.

    `force` are the ids that may go although something refers to them. `scan` is our own search for users, made
    when the first removal asks for it. `notes` are told of throw-away endpoints, `emit` of the parts of a replace.
    `limits` are those that the run has met. `finishing` is the client of what must not be given up half-way, whatever
    ends the run: of a replace.
    """

    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    version: Version
    force: frozenset[str]
    sleep: Callable[[float], None]
    scan: Callable[[], DocumentScan]
    emit: Callable[[Event], None]
    notes: LedgerNotes | None = None
    limits: Limits = field(default_factory=Limits)
    finishing: InferenceClient | None = None

    def for_step(self, change: Change) -> Writer:
        """The writer of one step: its requests are sent as fast as the limits allow."""
        finishing = self.finishing if change.action is Action.REPLACE else None
        return replace(self, client=self.limits.client_for(change, finishing or self.client))

    def read(self, change: Change) -> ObservedEndpoint | None:
        """The endpoint now; None when it is not there. Raises InferctlError."""
        try:
            answer = self.client.get(task_type=None, inference_id=change.inference_id)
        except NotFound:
            return None
        return only_endpoint(answer, change.inference_id)

    def read_after(self, change: Change, error: InferctlError) -> ObservedEndpoint | WriteResult | None:
        """The endpoint after a write whose answer was lost with `error`. UNKNOWN where it cannot be read either."""
        try:
            return self.read(change)
        except InferctlError as second:
            return WriteResult(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)

    def judge(self, change: Change, after: ObservedEndpoint | None) -> WriteResult:
        """Compare what is there with what was meant."""
        if after is None:
            return WriteResult(Result.FAILED, "the server said yes, and it is not there", wrote=True)
        before = _before(change) if change.action is Action.UPDATE else None
        read_back = compare_after(change, before, after, serverless=self.version.serverless)
        if read_back.holds:
            note = "the server chose another size" if read_back.server_values else ""
            return WriteResult(Result.DONE, note, wrote=True, after=after)
        result = Result.IGNORED if read_back.ignored and not read_back.undeclared else Result.FAILED
        return WriteResult(result, difference(read_back), wrote=True, leaves=read_back.leaves, after=after)

    def insist(self, send: Callable[[], _T]) -> _T:
        """Sends again, a few times, while somebody else's update holds the endpoint."""
        for attempt in range(_LOCK_TRIES - 1):
            try:
                return send()
            except Conflict as error:
                if "currently being updated" not in error.reason:
                    raise
            self.sleep(_LOCK_PAUSE_S * 2**attempt)
        return send()


def _before(change: Change) -> ObservedEndpoint | None:
    if change.observed is None:
        return None
    return ObservedEndpoint.from_json({"inference_id": change.inference_id, **change.observed})
