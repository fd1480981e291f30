"""One step, carried out: create, update, delete, replace. The server has the last word on each.

A create is never sent twice. After a lost answer the endpoint is read, and what is there decides.
Source: inference-api 3.4, 3.6, 3.8, 5, 6, 12.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from inferctl.apply.bodies import with_secrets
from inferctl.apply.events import Result
from inferctl.apply.leftover import left_behind
from inferctl.errors import (
    AlreadyExists,
    Conflict,
    DeploymentTimeout,
    InferctlError,
    NotFound,
    Referenced,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
)
from inferctl.json_types import canonical, path_text
from inferctl.model.endpoint import ObservedEndpoint
from inferctl.observe.cluster import observe
from inferctl.observe.references import ask_server, both_views
from inferctl.plan import comparable
from inferctl.plan.action import Action
from inferctl.plan.decide import owns_deployment
from inferctl.plan.make import sharers_of
from inferctl.plan.readback import ReadBack, compare_after
from inferctl.plan.references import reference_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.client.sync import InferenceClient
    from inferctl.json_types import Path
    from inferctl.model.versions import Version
    from inferctl.observe.references import Scan
    from inferctl.plan.change import Change
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

# An update holds a lock for the time of its provider call (inference-api 5.4, 9).
_LOCK_TRIES = 4
_LOCK_PAUSE_S = 1.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Written:
    """How a write ended. `wrote`: the cluster may have changed. `after`: the endpoint as last seen."""

    result: Result
    detail: str = ""
    wrote: bool = False
    leaves: tuple[Path, ...] = ()
    after: ObservedEndpoint | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """Sends the writes of one run.

    `force` are the ids that may go although something refers to them. `scan` is our own search for users, made
    when the first removal asks for it.
    """

    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    version: Version
    force: frozenset[str]
    sleep: Callable[[float], None]
    scan: Callable[[], Scan]

    def write(self, change: Change) -> Written:
        """Carry out one step. Never raises for what a server or a network does."""
        match change.action:
            case Action.CREATE:
                return self._create(change)
            case Action.UPDATE:
                return self._update(change)
            case Action.DELETE:
                return self._delete(change)
            case Action.REPLACE:
                return self._replace(change)
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
        return _first(answer)

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
        return Written(result, _difference(read_back), wrote=True, leaves=read_back.leaves, after=after)

    def _create(self, change: Change) -> Written:
        body = with_secrets(change.put_body or {}, change.secrets, self.secrets)
        timeout = _timeout(change) if change.timeout_parameter else None
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
        after = _observed(answer)
        return self._after_lost_create(change, _no_endpoint()) if after is None else self.judge(change, after)

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
            return Written(Result.FAILED, f"{error}\nit exists, with other settings: {_difference(found)}", wrote=True,
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
            return Written(Result.FAILED, str(error))
        after = _observed(answer)
        return self._after_lost_update(change, _no_endpoint()) if after is None else self.judge(change, after)

    def _after_lost_update(self, change: Change, error: InferctlError) -> Written:
        if not change.fields:
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
        """Remove what the plan saw, and nothing else that has its id by now."""
        try:
            now = self.read(change)
        except InferctlError as error:
            return Written(Result.FAILED, f"nothing was deleted: {error}")
        if now is None:
            return Written(Result.DONE, "it was gone already")
        if canonical(comparable.of_observed(now)) != canonical(change.observed or {}):
            return Written(Result.FAILED, "it changed since the plan: nothing was deleted, plan again")
        forced = change.inference_id in self.force
        try:
            scan = self.scan()
            references = both_views(ask_server(self.client, change.inference_id, now.task_type), scan, now.inference_id)
            if references and not forced:
                return Written(Result.BLOCKED, f"{reference_text(references)} since the plan")
            in_the_way = self._sharing(change)
            if in_the_way:
                return Written(Result.BLOCKED, in_the_way)
            # DELETE looks at the task type it is told, so tell it what is there, not what a file wants.
            self._unlocked(
                lambda: self.client.delete(
                    task_type=now.task_type, inference_id=change.inference_id, force=forced or None
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
        return Written(Result.DONE, self._left_behind(change), wrote=True)

    def _left_behind(self, change: Change) -> str:
        """Only force passes over a model that cannot be stopped."""
        return left_behind(self.client, change, self.version) if change.inference_id in self.force else ""

    def _sharing(self, change: Change) -> str:
        """Who would lose the deployment together with its owner (inference-api 6.5); the server does not ask."""
        if not owns_deployment(change):
            return ""
        seen = observe(self.client, (), version=self.version)
        if not seen.listed:
            return "the list of endpoints failed: who shares its deployment cannot be seen"
        sharers = sharers_of(seen, change.inference_id)
        return f"its deployment is shared by {', '.join(sharers)} since the plan" if sharers else ""

    def _after_not_found(self, change: Change, error: InferctlError) -> Written:
        """404 says "gone", and "no such service" of an endpoint that is still there (inference-api 6.1)."""
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

    def _replace(self, change: Change) -> Written:
        removed = self._delete(change)
        if removed.result is not Result.DONE:
            return removed
        gone = "the old one was deleted" if removed.wrote else "the old one was gone already"
        left = removed.detail if removed.wrote else ""
        created = self._create(change)
        if created.result is Result.DONE or (created.after is not None and created.result is Result.IGNORED):
            return replace(created, detail="\n".join(filter(None, [created.detail, left])), wrote=True)
        if created.result is Result.UNKNOWN:
            state = f"{gone}; whether the new one is there is not known: plan again"
        elif created.after is not None:
            state = f"{gone}; what is there now is not what was asked for"
        else:
            state = f"{gone}, and the new one is not there: nobody can use this id until the next apply creates it"
        return replace(created, detail="\n".join(filter(None, [state, created.detail, left])), wrote=True)


def _may_still_start(error: InferctlError) -> bool:
    """The server gave up waiting, and the deployment may go on: 408, 429 or 504 by version (inference-api 3.8)."""
    return error.may_have_happened or isinstance(error, DeploymentTimeout | Throttled | Unavailable)


def _no_endpoint() -> InferctlError:
    """A success that shows no endpoint: as good as no answer."""
    error = UnexpectedAnswer("the server said yes, and its answer is no endpoint")
    error.may_have_happened = True
    return error


def _timeout(change: Change) -> str:
    """In the cluster a first start downloads a model; a provider answers within seconds."""
    return f"{max(1, int(min(change.ready_timeout_s, 120)))}s" if change.runs_in_cluster else "60s"


def _before(change: Change) -> ObservedEndpoint | None:
    if change.observed is None:
        return None
    return ObservedEndpoint.from_json({"inference_id": change.inference_id, **change.observed})


def _difference(found: ReadBack) -> str:
    parts = []
    for words, paths in (
        ("the server ignored", found.ignored),
        ("the server holds another value of", found.different),
        ("changed although nobody asked:", found.undeclared),
    ):
        if paths:
            parts.append(f"{words} {', '.join(path_text(path) for path in paths)}")
    return "; ".join(parts)


def _observed(answer: Mapping[str, Any]) -> ObservedEndpoint | None:
    try:
        return ObservedEndpoint.from_json(answer)
    except ValueError:
        return None


def _first(answer: Mapping[str, Any]) -> ObservedEndpoint | None:
    listed = answer.get("endpoints")
    return _observed(listed[0]) if isinstance(listed, list) and listed else None
