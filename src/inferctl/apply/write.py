"""One step, carried out: create, update, delete, replace. The server has the last word on each.

A create is never sent twice. After a lost answer the endpoint is read, and what is there decides.
Source: inference-api 3.4, 3.6, 3.8, 5, 6, 12.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from inferctl.apply.bodies import with_secrets
from inferctl.apply.events import Result
from inferctl.errors import (
    AlreadyExists,
    Conflict,
    DeploymentTimeout,
    InferctlError,
    NotFound,
    Referenced,
)
from inferctl.json_types import canonical, path_text
from inferctl.model.endpoint import ObservedEndpoint
from inferctl.observe.cluster import ask_one
from inferctl.plan import comparable
from inferctl.plan.action import Action
from inferctl.plan.decide import reference_text
from inferctl.plan.readback import ReadBack, compare_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.client.sync import InferenceClient
    from inferctl.json_types import Path
    from inferctl.plan.change import Change
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

# An update holds a lock for the time of its provider call (inference-api 5.4, 9).
_LOCK_TRIES = 4
_LOCK_PAUSE_S = 1.0


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
    """Sends the writes of one run. `force` are the ids that may go although something refers to them."""

    client: InferenceClient
    secrets: Mapping[SecretRef, Secret]
    serverless: bool
    force: frozenset[str]
    sleep: Callable[[float], None]

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
        read_back = compare_after(change, before, after, serverless=self.serverless)
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
            if error.may_have_happened or isinstance(error, DeploymentTimeout) or change.runs_in_cluster:
                return self._after_lost_create(change, error)
            return Written(Result.FAILED, str(error))
        return self.judge(change, _observed(answer))

    def _appeared(self, change: Change) -> Written:
        try:
            after = self.read(change)
        except InferctlError as error:
            return Written(Result.UNKNOWN, f"it exists already, and could not be read: {error}")
        if after is not None and compare_after(change, None, after).holds:
            return Written(Result.DONE, "somebody else made it meanwhile, with the same settings", after=after)
        return Written(Result.FAILED, "somebody else made it between plan and apply, with other settings")

    def _after_lost_create(self, change: Change, error: InferctlError) -> Written:
        try:
            after = self.read(change)
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)
        if after is None:
            return Written(Result.FAILED, f"{error}\nit was not created")
        found = compare_after(change, None, after, serverless=self.serverless)
        if not found.holds:
            return Written(Result.FAILED, f"{error}\nit exists, with other settings: {_difference(found)}", wrote=True,
                           leaves=found.leaves)  # fmt: skip
        if change.runs_in_cluster and not (error.may_have_happened or isinstance(error, DeploymentTimeout)):
            return Written(Result.FAILED, f"{error}\nit exists, but its model did not start", wrote=True, after=after)
        return Written(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)

    def _update(self, change: Change) -> Written:
        body = with_secrets(change.update_body or {}, change.secrets, self.secrets)
        for attempt in range(_LOCK_TRIES):
            try:
                answer = self.client.update(
                    task_type=change.task_type, inference_id=change.inference_id, inference_config=body
                )
            except Conflict as error:
                if "currently being updated" in error.reason and attempt + 1 < _LOCK_TRIES:
                    self.sleep(_LOCK_PAUSE_S * 2**attempt)
                    continue
                return Written(Result.FAILED, str(error))
            except InferctlError as error:
                return (
                    self._after_lost_update(change, error)
                    if error.may_have_happened
                    else Written(Result.FAILED, str(error))
                )
            else:
                return self.judge(change, _observed(answer))
        raise AssertionError("the last attempt returns")

    def _after_lost_update(self, change: Change, error: InferctlError) -> Written:
        if not change.fields:
            return Written(Result.UNKNOWN, f"{error}\na secret cannot be read back: send it again", wrote=True)
        try:
            after = self.read(change)
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)
        judged = self.judge(change, after)
        if judged.result is Result.DONE:
            if change.rotates_secrets:
                return Written(Result.UNKNOWN, f"{error}\nthe settings are there, the secret cannot be read back",
                               wrote=True, after=after)  # fmt: skip
            return Written(Result.DONE, "the answer was lost; read back, it is as declared", wrote=True, after=after)
        return Written(Result.FAILED, f"{error}\n{judged.detail}", wrote=True, leaves=judged.leaves, after=after)

    def _delete(self, change: Change) -> Written:
        forced = change.inference_id in self.force
        # DELETE looks at the task type it is told, so tell it what is there, not what a file wants.
        task_type = str((change.observed or {}).get("task_type", change.task_type))
        try:
            references = ask_one(self.client, change.inference_id, task_type)
            if references and not forced:
                return Written(Result.BLOCKED, f"{reference_text(references)} since the plan")
            self.client.delete(task_type=task_type, inference_id=change.inference_id, force=forced or None)
        except NotFound:
            return Written(Result.DONE, "it was gone already")
        except Referenced as error:
            return Written(Result.BLOCKED, str(error))
        except InferctlError as error:
            return (
                self._after_lost_delete(change, error)
                if error.may_have_happened
                else Written(Result.FAILED, str(error))
            )
        return Written(Result.DONE, wrote=True)

    def _after_lost_delete(self, change: Change, error: InferctlError) -> Written:
        try:
            after = self.read(change)
        except InferctlError as second:
            return Written(Result.UNKNOWN, f"{error}\nand it could not be read back: {second}", wrote=True)
        if after is None:
            return Written(Result.DONE, "the answer was lost; it is gone", wrote=True)
        return Written(Result.FAILED, f"{error}\nit is still there")

    def _replace(self, change: Change) -> Written:
        try:
            now = self.read(change)
        except InferctlError as error:
            return Written(Result.FAILED, f"nothing was deleted: {error}")
        if now is not None:
            if canonical(comparable.of_observed(now)) != canonical(change.observed or {}):
                return Written(Result.FAILED, "it changed since the plan: nothing was deleted, plan again")
            removed = self._delete(change)
            if removed.result is not Result.DONE:
                return removed
        created = self._create(change)
        if created.result in (Result.DONE, Result.IGNORED):
            return Written(created.result, created.detail, wrote=True, leaves=created.leaves, after=created.after)
        lost = "it was deleted and is not there again; the next apply creates it"
        return Written(created.result, f"{lost}\n{created.detail}", wrote=True, leaves=created.leaves)


def _timeout(change: Change) -> str:
    """In the cluster a first start downloads a model; a provider answers within seconds."""
    return f"{int(min(change.ready_timeout_s, 120))}s" if change.runs_in_cluster else "60s"


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
