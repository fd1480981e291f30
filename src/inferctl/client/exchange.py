"""One call from request to result, without sending anything itself. Pure.

`exchange` is a generator: it yields what is to be done (send this, wait so long) and gets the result and the
time. The sync and the async client differ only in how they do it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from inferctl.client.answers import Answer, Done, answer_of, rule_for
from inferctl.client.api_errors import api_error, unexpected_answer
from inferctl.client.known_secrets import hide_in_error
from inferctl.client.redact import redact
from inferctl.client.request import NoJson, Request, Response
from inferctl.client.transport import answer_lost
from inferctl.errors import NotTried, TransportError, UnexpectedAnswer

if TYPE_CHECKING:
    from inferctl.client.retry import RetryPolicy
    from inferctl.errors import ApiError
    from inferctl.secrets.secret import Secret

_log = logging.getLogger("inferctl.client")


@dataclass(frozen=True, slots=True)
class Send:
    """Send this; the result has its outcome."""

    request: Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so long."""

    seconds: float


Step: TypeAlias = Send | Wait


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of a step. `now_s` is a monotonic clock's reading after it. `gave_up`: of a wait that led nowhere."""

    now_s: float
    outcome: Response | TransportError | None = None
    gave_up: bool = False


Exchange: TypeAlias = Generator[Step, StepResult, Response]


def exchange(
    request: Request,
    policy: RetryPolicy,
    *,
    started_s: float,
    jitter: Callable[[], float],
    known_secrets: Iterable[Secret] = (),
) -> Exchange:
    """Yields steps until there is a success, which is returned, or a failure that stands, which is raised.

    What an earlier attempt may have done, the last one's "no" does not take back.
    """
    attempt, sent_s, maybe_done = 0, started_s, False
    while True:
        attempt += 1
        result = yield Send(request)
        outcome = result.outcome
        if outcome is None:
            raise AssertionError("the result of a Send step has an outcome")
        if _log.isEnabledFor(logging.DEBUG):
            _trace(shown_request(request, known_secrets), outcome, attempt, result.now_s - sent_s)
        if isinstance(outcome, Response) and answer_of(outcome) is Answer.YES:
            return outcome
        wait_s = None
        if not isinstance(outcome, NotTried) and not (isinstance(outcome, TransportError) and outcome.answer_refused):
            elapsed_s = result.now_s - started_s
            wait_s = policy.wait_s(request, outcome, attempt=attempt, elapsed_s=elapsed_s, jitter=jitter())
        if wait_s is not None:
            _log.info("%s: again in %.1f s", shown_request(request, known_secrets), wait_s)
            waited = yield Wait(wait_s)
            sent_s = waited.now_s
        if wait_s is None or waited.gave_up:
            error = _error(request, outcome, known_secrets)
            error.may_have_happened = error.may_have_happened or maybe_done
            raise error
        maybe_done = maybe_done or rule_for(request, outcome).done is Done.MAYBE


def _error(
    request: Request, outcome: Response | TransportError, known_secrets: Iterable[Secret]
) -> ApiError | TransportError:
    if isinstance(outcome, Response):
        return api_error(request, outcome, known_secrets)
    hide_in_error(outcome, lambda text: redact(text, known_secrets))
    return outcome


def shown_request(request: Request, known_secrets: Iterable[Secret]) -> str:
    """Method and path; an id in it may be of the server's making."""
    return redact(f"{request.method} {request.path}", known_secrets)


def _trace(shown: str, outcome: Response | TransportError, attempt: int, took_s: float) -> None:
    """Method, path, status, time. Never a body, a header or a query."""
    status = outcome.status if isinstance(outcome, Response) else type(outcome).__name__
    _log.debug("%s: %s in %.3f s (attempt %d)", shown, status, took_s, attempt)


def json_object(request: Request, response: Response, known_secrets: Iterable[Secret] = ()) -> dict[str, Any]:
    """The answer's JSON object.

    Raises UnknownOutcome (a write) or ConnectionLost (a read) when the JSON breaks off, UnexpectedAnswer when
    the answer is something else.
    """
    wrong = "the body is not a JSON object"
    breaks_off = False
    try:
        value = response.json()
    except NoJson:
        value = None
        breaks_off = response.body.lstrip()[:1] in {b"{", b"["}
    except ValueError as error:
        value = None
        wrong = f"its JSON is not taken: {error}"
    if isinstance(value, dict):
        return value
    if breaks_off:
        raise answer_lost(request, "the answer breaks off")
    raise unexpected_answer(request, response, wrong, known_secrets)


def unexpected_shape(request: Request, what: str) -> UnexpectedAnswer:
    """The error for JSON that is not of the documented shape."""
    return UnexpectedAnswer(
        f"{request.method} {request.path}: unexpected answer, {what}",
        method=request.method,
        path=request.path,
        status=200,
        reason=what,
    )
