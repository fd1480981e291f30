"""What may be sent at all: the breaker as a pure value, and the client that asks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import error, reply

from inferctl.client.bounds import Breaker, Within
from inferctl.client.http_transport import HttpTransport
from inferctl.client.request import Request
from inferctl.client.retry import RetryPolicy
from inferctl.client.settings import ConnectionSettings
from inferctl.client.sync import InferenceClient
from inferctl.errors import ConnectionFailed, InferctlError, NotTried, UnknownOutcome

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def die(breaker: Breaker, clock: Clock, *times_s: float) -> None:
    for time_s in times_s:
        clock.now_s = time_s
        breaker.died()


@pytest.mark.parametrize(
    ("times_s", "opens"),
    [
        ((0, 1, 2, 3, 9), False),  # many, and a short while: a cluster that restarts behind its proxy
        ((0, 30), False),  # long, and only two
        ((0, 1, 10), True),
        ((0, 0, 0, 0), False),  # four at once are one moment
        ((0, 0, 0, 0, 10), True),
    ],
)
def test_it_opens_after_some_dead_calls_and_some_silence(times_s: tuple[float, ...], opens: bool) -> None:
    clock, heard = Clock(), []
    breaker = Breaker(clock, opened=lambda: heard.append(clock.now_s))
    die(breaker, clock, *times_s)
    assert (breaker.is_open, bool(heard)) == (opens, opens)


def test_one_answer_begins_anew() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    die(breaker, clock, 0, 5, 9)
    breaker.answered()
    die(breaker, clock, 10, 11, 12)
    assert not breaker.is_open


def test_an_open_one_lets_a_short_call_through_now_and_then() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    die(breaker, clock, 0, 1, 10)
    clock.now_s = 11
    with pytest.raises(ValueError, match="does not answer"):
        breaker.at_most_s()
    clock.now_s = 12
    assert breaker.at_most_s() == 3
    with pytest.raises(ValueError, match="does not answer"):
        breaker.at_most_s()  # one call, not one per thread
    breaker.answered()
    assert breaker.at_most_s() is None


@dataclass
class Wired:
    """A client over an answer, its breaker, and how often it was asked."""

    clock: Clock = field(default_factory=Clock)
    sent: int = 0
    answer: Callable[[], Any] = lambda: reply(200, {"endpoints": []})
    goes_on: bool = True

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.clock)
        base = InferenceClient("http://x", transport=self._answer, retry=RetryPolicy(jitter_s=0.0))
        self.client = base.bounded(self)

    def _answer(self, *_request: object) -> Any:
        self.sent += 1
        return self.answer()

    def at_most_s(self) -> float | None:
        return self.breaker.at_most_s()

    def answered(self) -> None:
        self.breaker.answered()

    def died(self) -> None:
        self.breaker.died()

    def pause(self, seconds: float) -> bool:
        self.clock.now_s += seconds
        return self.goes_on


def refuse() -> Any:
    raise ConnectionRefusedError


def cut() -> Any:
    raise ConnectionResetError


@pytest.mark.parametrize("answer", [refuse, lambda: (502, {}, b"<html>bad gateway</html>")])
def test_a_cluster_that_is_gone_costs_no_more_calls(answer: Callable[[], Any]) -> None:
    wired = Wired(answer=answer)
    with pytest.raises(InferctlError):
        wired.client.get()
    assert wired.sent == 6  # the retries of one read
    with pytest.raises(InferctlError):
        wired.client.get()
    while_it_lasts = wired.sent
    assert wired.breaker.is_open
    with pytest.raises(NotTried, match="nothing was sent: the cluster does not answer"):
        wired.client.get()
    with pytest.raises(NotTried) as raised:
        wired.client.delete(inference_id="a")
    assert not raised.value.may_have_happened
    assert wired.sent == while_it_lasts


@pytest.mark.parametrize("status", [400, 404, 429, 500, 502, 503, 504])
def test_an_answer_of_elasticsearch_is_a_sign_of_life_whatever_it_says(status: int) -> None:
    wired = Wired(answer=lambda: error(status))
    for _ in range(4):
        with pytest.raises(InferctlError):
            wired.client.get()
    assert not wired.breaker.is_open


def test_what_an_earlier_attempt_may_have_done_is_not_forgotten() -> None:
    wired = Wired(answer=cut)
    with pytest.raises(UnknownOutcome) as raised:
        wired.client.put(inference_id="a", task_type="completion", body={"service": "openai", "service_settings": {}})
    assert raised.value.may_have_happened


def test_a_wait_that_leads_nowhere_ends_with_the_first_error() -> None:
    wired = Wired(answer=refuse, goes_on=False)
    with pytest.raises(ConnectionFailed) as raised:
        wired.client.get()
    assert not isinstance(raised.value, NotTried)
    assert wired.sent == 1


def test_flavours_of_a_bounded_client_are_bounded() -> None:
    wired = Wired(answer=refuse, goes_on=False)
    for client in (wired.client.read_only(), wired.client.guarding([]), wired.client.checked(lambda: None)):
        before = wired.sent
        with pytest.raises(ConnectionFailed):
            client.get()
        assert wired.sent == before + 1


def test_within_a_time_each_call_gets_the_rest() -> None:
    clock = Clock()
    bounds = Within(5.0, clock)
    clock.now_s = 3.0
    assert bounds.at_most_s() == 2.0
    assert not bounds.pause(2.0)
    clock.now_s = 5.0
    with pytest.raises(ValueError, match="no time left"):
        bounds.at_most_s()


def test_little_time_bounds_the_wait_for_an_answer() -> None:
    transport = HttpTransport(ConnectionSettings("http://x", timeout_s=30.0))
    try:
        limit_s = transport._builder.limit_s
        assert limit_s(Request("GET", "/")) == 30.0
        assert limit_s(Request("GET", "/", at_most_s=2.0)) == 2.0
        assert limit_s(Request("GET", "/", at_most_s=200.0)) == 30.0
    finally:
        transport.close()
