"""One step, carried out: create, update, delete, replace. The server has the last word on each.

A create is never sent twice. After a lost answer the endpoint is read, and what is there decides.
Source: docs/reference/server/create.md, in-cluster.md#create, update.md, delete.md, reconciling.md#creating.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, assert_never

from inferctl.applier.body_secrets import with_secrets
from inferctl.applier.events import Result
from inferctl.applier.replace import replaced
from inferctl.applier.result import Written, difference, endpoint_in, no_endpoint, not_acknowledged, put_timeout
from inferctl.applier.stray_deployment import left_behind
from inferctl.errors import (
    AlreadyExists,
    Conflict,
    DeploymentTimeout,
    InferctlError,
    NotFound,
    Referenced,
    Throttled,
    Unavailable,
)
from inferctl.json_types import canonical
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.observe.cluster import observe, only_endpoint
from inferctl.observe.references import ask_server, both_views
from inferctl.planner import normalise
from inferctl.planner.action import Action
from inferctl.planner.blocks import owns_deployment
from inferctl.planner.make_plan import sharers_of
from inferctl.planner.readback import compare_after
from inferctl.planner.references import reference_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.applier.events import Event
    from inferctl.applier.ledger_notes import Books
    from inferctl.client.sync import InferenceClient
    from inferctl.model.versions import Version
    from inferctl.observe.references import Scan
    from inferctl.planner.change import Change
    from inferctl.planner.references import References
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

# An update holds a lock for the time of its provider call (docs/reference/server/update.md#steps, in-cluster.md#stats).
_LOCK_TRIES = 4
_LOCK_PAUSE_S = 1.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Found:
    """An endpoint that may go: as it is now, and who uses it (nobody, unless it is forced)."""

    now: ObservedEndpoint
    references: References


@dataclass(frozen=True, slots=True)
class Writer:
    """Sends the writes of one run.

    `force` are the ids that may go although something refers to them. `scan` is our own search for users, made
    when the first removal asks for it. `books` are told of throw-away endpoints, `emit` of the parts of a replace.
    """

    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    version: Version
    force: frozenset[str]
    sleep: Callable[[float], None]
    scan: Callable[[], Scan]
    emit: Callable[[Event], None]
    books: Books | None = None

    def write(self, change: Change) -> Written:
        """Carry out one step. Never raises for what a server or a network does."""
        match change.action:
            case Action.CREATE:
                return self.create(change)
            case Action.UPDATE:
                return self._update(change)
            case Action.DELETE:
                return self._delete(change)
            case Action.REPLACE:
                return replaced(self, change)
            case Action.ADOPT | Action.FORGET | Action.NOOP:
                return Written(Result.DONE)
            case _:
                assert_never(change.action)

    def read(self, change: Change) -> ObservedEndpoint | None:
        """The endpoint now; None when it is not there. Raises InferctlError."""
        try:
            answer = self.client.get(task_type=None, inference_id=change.inference_id)
        except NotFound:
            return None
        return only_endpoint(answer, change.inference_id)

    def judge(self, change: Change, after: ObservedEndpoint | None) -> Written:
        """Compare what is there with what was meant."""
        if after is None:
            return Written(Result.FAILED, "the server said yes, and it is not there", wrote=True)
        before = _before(change) if change.action is Action.UPDATE else None
        read_back = compare_after(change, before, after, serverless=self.version.serverless)
        if read_back.holds:
            note = "the server chose another size" if read_back.server_values else ""
            return Written(Result.DONE, note, wrote=True, after=after)
        result = Result.IGNORED if read_back.ignored and not read_back.undeclared else Result.FAILED
        return Written(result, difference(read_back), wrote=True, leaves=read_back.leaves, after=after)

    def create(self, change: Change) -> Written:
        """PUT, once. After a lost answer the endpoint is read."""
        body = with_secrets(change.put_body or {}, change.secrets, self.secrets)
        timeout = put_timeout(change, in_cluster=change.runs_in_cluster)
        try:
            answer = self.client.put(
                task_type=change.task_type, inference_id=change.inference_id, inference_config=body, timeout=timeout
            )
        except AlreadyExists:
            return self._appeared(change)
        except InferctlError as error:
            # In the cluster the endpoint is stored before its model starts, and stays when that fails.
            if error.may_have_happened or change.runs_in_cluster:
                return self._after_lost_create(change, error)
            return Written(Result.FAILED, str(error))
        after = endpoint_in(answer, change.inference_id)
        return self._after_lost_create(change, no_endpoint()) if after is None else self.judge(change, after)

    def _appeared(self, change: Change) -> Written:
        try:
            after = self.read(change)
        except InferctlError as error:
            return Written(Result.UNKNOWN, f"it exists already, and could not be read: {error}")
        if after is None:
            return Written(Result.FAILED, "somebody else made it and removed it again: plan again")
        if not compare_after(change, None, after, serverless=self.version.serverless).holds:
            text = "somebody else made it between plan and apply, with other settings"
            return Written(Result.FAILED, text, after=after)
        text = "somebody else made it meanwhile, with the same settings"
        if change.secrets:
            text += f"; its secret is theirs (--send-secrets {change.inference_id} sends ours)"
        return Written(Result.DONE, text, after=after)

    def _after_lost_create(self, change: Change, error: InferctlError) -> Written:
        try:
            after = self.read(change)
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)
        if after is None:
            return Written(Result.FAILED, f"{error}\nread back: it is not there")
        found = compare_after(change, None, after, serverless=self.version.serverless)
        if not found.holds:
            return Written(Result.FAILED, f"{error}\nit exists, with other settings: {difference(found)}", wrote=True,
                           leaves=found.leaves, after=after)  # fmt: skip
        if change.runs_in_cluster:
            if not _may_still_start(error):
                text = f"{error}\nit exists, and its model did not start; no plan will see that, so delete it first"
                return Written(Result.FAILED, text, wrote=True, after=after)
            return Written(Result.DONE, "the server did not wait for the model; read back, it is as declared",
                           wrote=True, after=after)  # fmt: skip
        return Written(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)

    def _update(self, change: Change) -> Written:
        body = with_secrets(change.update_body or {}, change.secrets, self.secrets)
        try:
            answer = self._unlocked(
                lambda: self.client.update(
                    task_type=change.task_type, inference_id=change.inference_id, inference_config=body
                )
            )
        except InferctlError as error:
            if error.may_have_happened:
                return self._after_lost_update(change, error)
            kept = "\nnothing was stored: the old secret is still in use" if change.rotates_secrets else ""
            return Written(Result.FAILED, f"{error}{kept}")
        after = endpoint_in(answer, change.inference_id)
        return self._after_lost_update(change, no_endpoint()) if after is None else self.judge(change, after)

    def _after_lost_update(self, change: Change, error: InferctlError) -> Written:
        if all(field.sensitive for field in change.fields):
            return Written(Result.UNKNOWN, f"{error}\na secret cannot be read back: send it again", wrote=True)
        try:
            after = self.read(change)
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)
        if after is None:
            return Written(Result.FAILED, f"{error}\nread back: it is not there", wrote=True)
        judged = self.judge(change, after)
        if judged.result is Result.DONE:
            if change.rotates_secrets:
                return Written(Result.UNKNOWN, f"{error}\nthe settings are there, the secret cannot be read back",
                               wrote=True, after=after)  # fmt: skip
            return Written(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)
        said = "read back: nothing changed" if judged.result is Result.IGNORED else judged.detail
        return Written(Result.FAILED, f"{error}\n{said}", wrote=True, leaves=judged.leaves, after=after)

    def _unlocked(self, send: Callable[[], _T]) -> _T:
        """Sends again, a few times, while somebody else's update holds the endpoint."""
        for attempt in range(_LOCK_TRIES - 1):
            try:
                return send()
            except Conflict as error:
                if "currently being updated" not in error.reason:
                    raise
            self.sleep(_LOCK_PAUSE_S * 2**attempt)
        return send()

    def _delete(self, change: Change) -> Written:
        found = self.look(change)
        return found if isinstance(found, Written) else self.remove(change, found)

    def look(self, change: Change) -> Found | Written:
        """What may be removed: what the plan saw, and nothing else that has its id by now. Or why not."""
        now = self.unmoved(change)
        if isinstance(now, Written):
            return now
        try:
            scan = self.scan()
            references = both_views(ask_server(self.client, change.inference_id, now.task_type), scan, now.inference_id)
            if references and change.inference_id not in self.force:
                return Written(Result.BLOCKED, f"{reference_text(references)} since the plan")
            in_the_way = self._sharing(change)
        except InferctlError as error:
            return Written(Result.FAILED, str(error))
        return Written(Result.BLOCKED, in_the_way) if in_the_way else Found(now, references)

    def unmoved(self, change: Change) -> ObservedEndpoint | Written:
        """The endpoint, if it is still what the plan saw. DONE where it is gone."""
        try:
            now = self.read(change)
        except InferctlError as error:
            return Written(Result.FAILED, f"nothing was deleted: {error}")
        if now is None:
            return Written(Result.DONE, "it was gone already")
        if canonical(normalise.of_observed(now)) != canonical(change.observed or {}):
            return Written(Result.FAILED, "it changed since the plan: nothing was deleted, plan again")
        return now

    def remove(self, change: Change, found: Found) -> Written:
        """DELETE, with `force` only for what was named."""
        forced = change.inference_id in self.force
        try:
            # DELETE looks at the task type it is told, so tell it what is there, not what a file wants.
            answer = self._unlocked(
                lambda: self.client.delete(
                    task_type=found.now.task_type, inference_id=change.inference_id, force=forced or None
                )
            )
        except NotFound as error:
            return self._after_not_found(change, error)
        except Referenced as error:
            return Written(Result.BLOCKED, str(error))
        except InferctlError as error:
            if error.may_have_happened:
                return self._after_lost_delete(change, error)
            return Written(Result.FAILED, str(error))
        if answer.get("acknowledged") is not True:
            return self._after_lost_delete(change, not_acknowledged())
        return Written(Result.DONE, self._left_behind(change), wrote=True)

    def _left_behind(self, change: Change) -> str:
        """Only force passes over a model that cannot be stopped."""
        return left_behind(self.client, change, self.version) if change.inference_id in self.force else ""

    def _sharing(self, change: Change) -> str:
        """Who would lose the deployment together with its owner; the server does not ask.

        Source: docs/reference/server/delete.md#side-effects.
        """
        if not owns_deployment(change):
            return ""
        seen = observe(self.client, (), version=self.version)
        if not seen.listed:
            return "the list of endpoints failed: who shares its deployment cannot be seen"
        sharers = sharers_of(seen, change.inference_id)
        return f"its deployment is shared by {', '.join(sharers)} since the plan" if sharers else ""

    def _after_not_found(self, change: Change, error: InferctlError) -> Written:
        """404 says "gone", and "no such service" of an endpoint that is still there.

        Source: docs/reference/server/delete.md#steps.
        """
        try:
            if self.read(change) is not None:
                return Written(Result.FAILED, f"{error}\nit is still there")
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}")
        return Written(Result.DONE, "it was gone already")

    def _after_lost_delete(self, change: Change, error: InferctlError) -> Written:
        try:
            after = self.read(change)
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)
        if after is None:
            left = self._left_behind(change)
            return Written(Result.DONE, "\n".join(filter(None, ["the answer was lost; it is gone", left])), wrote=True)
        # Its deployment may be stopped by now, so `wrote`.
        return Written(Result.FAILED, f"{error}\nread back: it is still there", wrote=True, after=after)


def _may_still_start(error: InferctlError) -> bool:
    """The server gave up waiting, and the deployment may go on: 408, 429 or 504 by version.

    Source: docs/reference/server/in-cluster.md#create.
    """
    return error.may_have_happened or isinstance(error, DeploymentTimeout | Throttled | Unavailable)


def _before(change: Change) -> ObservedEndpoint | None:
    if change.observed is None:
        return None
    return ObservedEndpoint.from_json({"inference_id": change.inference_id, **change.observed})
