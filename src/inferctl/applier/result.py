"""How a write ended, and what the answer to one says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from inferctl.applier.cause import cause_of
from inferctl.applier.events import Left, Result, StepFinished
from inferctl.client.answers import Again, answer_of, rule
from inferctl.client.request import Operation
from inferctl.errors import ApiError, LimitedBy, TransportError, Unauthorised, UnexpectedAnswer
from inferctl.json_types import path_text
from inferctl.model.desired_observed import ObservedEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inferctl.errors import InferctlError
    from inferctl.json_types import Path
    from inferctl.planner.change import Change
    from inferctl.planner.health import Ailment
    from inferctl.planner.readback import ReadBack


_NOT_DONE = frozenset({Result.FAILED, Result.UNKNOWN})


class Next(Enum):
    """What can be done about a write that is not done, where it has to be."""

    NOTHING = "nothing"  # it is done, or refused, or something else is there
    SEND = "send again"  # nothing of it is there
    LOOK = "look again"  # what is there could not be read


@dataclass(frozen=True, slots=True)
class WriteResult:
    """How a write ended. `wrote`: the cluster may have changed. `after`: the endpoint as last seen.

    `untouched`: what changed is something else (a throw-away endpoint), and the endpoint itself is as it was.
    `unwell`: how the endpoint was found, where a look at it did not go well.
    `answered`: the server said that it stored what was sent, secrets and all; the read-back speaks of the rest.
    `next` is for those who must go on; a single write is over all the same. `left` and `down_since` are those of
    `StepFinished`. `error` is what kept it from being done, or made it doubtful.
    """

    result: Result
    detail: str = ""
    wrote: bool = False
    leaves: tuple[Path, ...] = ()
    after: ObservedEndpoint | None = None
    answered: bool = False
    unwell: Ailment | None = None
    next: Next = Next.NOTHING
    untouched: bool = False
    left: Left | None = None
    down_since: str = ""
    error: InferctlError | None = None


def step_finished(change: Change, written: WriteResult, elapsed_s: float, hide: Callable[[str], str]) -> StepFinished:
    """What is told of a step that ended. `hide` takes secrets out of a text."""
    left = written.left or (Left.UNTOUCHED if written.untouched else None)
    if left is None and written.after is not None and written.result in (Result.FAILED, Result.IGNORED):
        left = Left.OTHER
    if left is None and change.is_lost and written.result in _NOT_DONE:  # it was down before, and still is
        left = Left.DOWN if written.result is Result.FAILED else Left.MAYBE_DOWN
    cause = None
    if written.error is not None and written.result is not Result.DONE:
        cause = cause_of(written.error, change)
        cause = replace(cause, text=hide(cause.text))
    return StepFinished(
        change.inference_id,
        change.action,
        written.result,
        hide(written.detail),
        written.leaves,
        written.wrote,
        elapsed_s,
        left,
        written.down_since,
        cause,
    )


def may_be_sent_again(error: InferctlError) -> bool:
    """Whether a write was not done, and what kept it from being done may pass.

    There was no connection, the provider is busy, or a key that was good a moment ago is refused: what the cluster asks
    about keys may be away for a while.
    """
    if isinstance(error, TransportError):
        return rule(Operation.CREATE, answer_of(error)).again is Again.AT_ONCE
    return isinstance(error, Unauthorised) or (isinstance(error, ApiError) and error.limited_by is LimitedBy.PROVIDER)


def endpoint_in(answer: Mapping[str, Any], inference_id: str) -> ObservedEndpoint | None:
    """The endpoint that the answer to a write shows; None where it shows none, or another one."""
    try:
        found = ObservedEndpoint.from_json(answer)
    except ValueError:
        return None
    return found if found.inference_id == inference_id else None


def no_endpoint() -> InferctlError:
    """A success that shows no endpoint: as good as no answer."""
    error = UnexpectedAnswer("the server said yes, and its answer is no endpoint")
    error.may_have_happened = True
    return error


def not_acknowledged() -> InferctlError:
    """A success of a DELETE that does not say so (docs/reference/server/delete.md#answers): as good as no answer."""
    error = UnexpectedAnswer("the server answered, and did not acknowledge the removal")
    error.may_have_happened = True
    return error


def put_timeout(change: Change, *, in_cluster: bool) -> str | None:
    """In the cluster a first start downloads a model; a provider answers within seconds. None: not on this version."""
    if not change.timeout_parameter:
        return None
    return f"{max(1, int(min(change.ready_timeout_s, 120)))}s" if in_cluster else "60s"


def difference(found: ReadBack) -> str:
    """What is not as it was meant, in words."""
    parts = []
    for words, paths in (
        ("the server ignored", found.ignored),
        ("the server holds another value of", found.different),
        ("changed although nobody asked:", found.undeclared),
    ):
        if paths:
            parts.append(f"{words} {', '.join(path_text(path) for path in paths)}")
    return "; ".join(parts)
