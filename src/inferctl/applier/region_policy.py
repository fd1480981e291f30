"""The region policy, carried out: put without force first, read back, removed only while it is what the plan saw.

`force` goes with a PUT only where the server's own "no" names nobody but endpoints that the operator has named: the
plan knows regions, the server knows whom it denies. What is maybe done is read; twice is the same as once.

Source: docs/reference/server/region-policy.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.applier.cause import unnamed_denied
from inferctl.applier.events import Left, Result
from inferctl.applier.result import WriteResult, not_acknowledged
from inferctl.applier.writer import LOOK_AGAIN_S
from inferctl.errors import InferctlError, NotFound, Referenced, UnexpectedAnswer
from inferctl.json_types import canonical
from inferctl.model.desired_observed import ObservedRegionPolicy
from inferctl.model.fact_words import first_of
from inferctl.observe.region_policy import read_region_policy
from inferctl.planner.action import Action
from inferctl.planner.diff import field_changes
from inferctl.planner.region_policy import PolicyChange, normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from inferctl.applier.writer import Writer
    from inferctl.json_types import JsonObject

_MOVED = "it changed since the plan: nothing was sent, plan again"


def write_policy(writer: Writer, change: PolicyChange) -> WriteResult:
    """Carry out the step of the policy. Never raises for what a server or a network does."""
    if change.action in (Action.ADOPT, Action.FORGET, Action.NOOP):
        return WriteResult(Result.DONE)
    try:
        now = _read(writer)
    except InferctlError as error:
        return WriteResult(Result.FAILED, f"nothing was sent: {error}", error=error)
    if change.action is Action.DELETE:
        return WriteResult(Result.DONE, "it was gone already") if now is None else _delete(writer, change, now)
    if not _is(now, change.observed):
        if now is not None and _is(now, change.wanted):
            return WriteResult(Result.DONE, "it was set meanwhile, as declared")
        return WriteResult(Result.FAILED, _MOVED, left=Left.OTHER if now is not None else None)
    return _put(writer, change, force=False)


def _put(writer: Writer, change: PolicyChange, *, force: bool, maybe_done: bool = False) -> WriteResult:
    """One PUT, and what came of it. `maybe_done`: an earlier one may have been stored."""
    try:
        answer = writer.client.put_region_policy(region_policy=change.wanted, force=force or None)
        shown = _shown(answer)
    except InferctlError as error:
        maybe_done = maybe_done or error.may_have_happened
        if isinstance(error, Referenced) and not force and _may_be_forced(change, error):
            return _put(writer, change, force=True, maybe_done=maybe_done)
        if writer.will_pass(error):
            return _put(writer, change, force=force, maybe_done=maybe_done)
        if maybe_done:
            return _after_lost_answer(writer, change, error)
        if isinstance(error, Referenced):
            return _refused(change, error)
        return WriteResult(Result.FAILED, str(error), error=error)
    if not _is(shown, change.wanted):
        return _differs(change, shown)
    return _read_back(writer, change)


def _may_be_forced(change: PolicyChange, error: Referenced) -> bool:
    """Whether the server says whom the policy would deny, and the operator has named each of them."""
    return bool(error.endpoints) and change.may_deny.issuperset(error.endpoints)


def _refused(change: PolicyChange, error: Referenced) -> WriteResult:
    """The server names endpoints in use that nobody has named. What lets it is a fix of the cause."""
    users = first_of((*error.pipelines, *error.indexes))
    text = f"it would deny {first_of(unnamed_denied(error, change)) or 'endpoints in use'}"
    return WriteResult(Result.BLOCKED, text + (f", used by {users}" if users else ""), error=error)


def _read_back(writer: Writer, change: PolicyChange) -> WriteResult:
    """Whether the cluster still says what its answer said."""
    now, problem = _look(writer)
    if problem is not None:
        text = f"written, and it could not be read back: {problem}"
        return WriteResult(Result.UNKNOWN, text, wrote=True, error=problem)
    return WriteResult(Result.DONE, wrote=True, answered=True) if _is(now, change.wanted) else _differs(change, now)


def _differs(change: PolicyChange, now: JsonObject | None) -> WriteResult:
    if now is None:
        return WriteResult(Result.FAILED, "the server said yes, and it is not there", wrote=True)
    paths = tuple(field.path for field in field_changes(now, change.wanted or {}))
    if _is(now, change.observed):
        return WriteResult(Result.IGNORED, "the server ignored it", wrote=True, leaves=paths, left=Left.OTHER)
    return WriteResult(Result.FAILED, "the server holds another policy", wrote=True, leaves=paths, left=Left.OTHER)


def _delete(writer: Writer, change: PolicyChange, now: JsonObject) -> WriteResult:
    if not _is(now, change.observed):
        return WriteResult(Result.FAILED, _MOVED, left=Left.OTHER)
    try:
        answer = writer.client.delete_region_policy()
        if answer.get("acknowledged") is not True:
            raise not_acknowledged()
    except NotFound:
        return WriteResult(Result.DONE, "it was gone already")
    except InferctlError as error:
        if error.may_have_happened:
            return _after_lost_answer(writer, change, error)
        return WriteResult(Result.FAILED, str(error), error=error)
    left, problem = _look(writer)
    if problem is not None:
        return WriteResult(Result.UNKNOWN, f"removed, and not confirmed: {problem}", wrote=True, error=problem)
    if left is not None:
        return WriteResult(Result.FAILED, "the server said it was removed, and it is still there", wrote=True)
    return WriteResult(Result.DONE, wrote=True)


def _after_lost_answer(writer: Writer, change: PolicyChange, error: InferctlError) -> WriteResult:
    """The policy after a write that is maybe done: read until it is, some seconds in all."""
    seen, problem = _look(writer, lambda now: _is(now, change.wanted))
    if problem is not None:
        text = f"{error}\nand it could not be read back: {problem}"
    elif _is(seen, change.wanted):
        shown = "it is gone" if change.wanted is None else "it is as declared"
        return WriteResult(Result.DONE, f"the answer was lost; read back, {shown}", wrote=True)
    else:
        may = "it may still go" if change.wanted is None else "it may still come"
        text = f"{error}\nread back: {_shows(change, seen)}, and {may}"
    return WriteResult(Result.UNKNOWN, text, wrote=True, error=error)


def _shows(change: PolicyChange, seen: JsonObject | None) -> str:
    if _is(seen, change.observed):
        return "it is as it was"
    return "there is none" if seen is None else "it is neither as it was nor as declared"


def _look(
    writer: Writer, is_done: Callable[[JsonObject | None], bool] = lambda _now: True
) -> tuple[dict[str, Any] | None, InferctlError | None]:
    """The policy, read until that works and it is as meant, some seconds in all; and what kept it from being read."""
    seen: dict[str, Any] | None = None
    problem: InferctlError | None = None
    for wait_s in (0.0, *LOOK_AGAIN_S):
        if wait_s:
            if writer.is_over():
                break
            writer.sleep(wait_s)
        try:
            seen, problem = _read(writer), None
        except InferctlError as error:
            problem = error
            continue
        if is_done(seen):
            break
    return seen, problem


def _read(writer: Writer) -> dict[str, Any] | None:
    """The policy in force, normalised; None where there is none. Raises InferctlError."""
    seen = read_region_policy(writer.client)
    return None if seen is None else normalised(seen.policy)


def _shown(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The policy in the answer to a PUT. Raises UnexpectedAnswer, which is as good as no answer."""
    try:
        return normalised(ObservedRegionPolicy.from_json(answer).policy)
    except ValueError:
        error = UnexpectedAnswer("the server said yes, and its answer is no region policy")
        error.may_have_happened = True
        raise error from None


def _is(now: JsonObject | None, meant: JsonObject | None) -> bool:
    if now is None or meant is None:
        return now is meant
    return canonical(now) == canonical(meant)
