"""Limits that the steps of a run share: one step after another, with a clock that only moves when somebody waits."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from tests.factories import change

from inferctl.applier.events import StepWaiting
from inferctl.applier.limits import CLUSTER, PATIENCE_S, Limits
from inferctl.client.request import Operation, Request, Response
from inferctl.errors import UnknownOutcome
from inferctl.planner.action import Action

if TYPE_CHECKING:
    from inferctl.applier.events import Event
    from inferctl.planner.change import Change

OPENAI = change("a", action=Action.CREATE, service="openai")
COHERE = change("b", action=Action.CREATE, service="cohere", task_type="rerank")
PUT = Request("PUT", "/_inference/a", operation=Operation.CREATE)
UPDATE = Request("PUT", "/_inference/a/_update", operation=Operation.UPDATE)
DELETE = Request("DELETE", "/_inference/a", operation=Operation.DELETE)
CALL = Request("POST", "/_inference/a", operation=Operation.INFERENCE)
READ = Request("GET", "/_inference/a", operation=Operation.READ)

ELASTICSEARCH = {"x-elastic-product": "Elasticsearch"}
VALIDATION = "Could not complete inference endpoint creation as validation call to service threw an exception."
YES, NO = Response(200, ELASTICSEARCH, b"{}"), Response(400, ELASTICSEARCH, b"{}")
LIMIT = Response(400, ELASTICSEARCH, json.dumps({"error": {
    "type": "status_exception", "reason": VALIDATION,
    "caused_by": {"type": "status_exception", "reason": "Received a rate limit status code for request"},
}}).encode())  # fmt: skip


def throttled(retry_after_s: int | None = None) -> Response:
    asked = {} if retry_after_s is None else {"retry-after": str(retry_after_s)}
    return Response(429, {**ELASTICSEARCH, **asked}, b"{}")


@dataclass
class World:
    """A server that answers as it is told, else yes, and the time."""

    answers: list[Response | Exception] = field(default_factory=list)
    sent_s: list[float] = field(default_factory=list)
    now_s: float = 1000.0
    stop: bool = False
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limits = Limits(4, lambda: self.now_s, self.sleep, lambda: self.stop, self.events.append,
                             jitter=lambda: 0.0)  # fmt: skip

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def answer(self) -> Response:
        self.sent_s.append(self.now_s - 1000)
        answer = self.answers.pop(0) if self.answers else YES
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send(self, change: Change, request: Request = PUT) -> int:
        return self.limits.send(change, request, self.answer).status

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(event.inference_id, event.what) for event in self.events if isinstance(event, StepWaiting)]


@pytest.mark.parametrize("request_", [PUT, UPDATE])
def test_what_a_provider_refused_is_sent_again_more_slowly(request_: Request) -> None:
    world = World([LIMIT, LIMIT, LIMIT])
    assert world.send(OPENAI, request_) == 200
    assert world.sent_s == [0, 2, 6, 14]
    assert world.said == [("a", f"openai limits: again in {seconds} s") for seconds in (2, 4, 8)]


@pytest.mark.parametrize("request_", [PUT, UPDATE, DELETE, CALL])
def test_what_was_throttled_is_the_senders_and_the_next_waits_as_long_as_asked(request_: Request) -> None:
    world = World([throttled(30)])
    assert world.send(OPENAI, request_) == 429
    assert world.sent_s == [0]
    assert world.limits.may_pass()
    assert world.send(OPENAI, request_) == 200
    assert world.sent_s == [0, 30]
    assert len(world.said) == 1


def test_a_providers_limit_is_of_its_service_and_the_clusters_of_all() -> None:
    world = World([throttled(30)])
    world.send(OPENAI, CALL)  # the provider's, or that of the service's queue
    world.send(COHERE)
    world.send(OPENAI)
    assert world.sent_s == [0, 0, 30]
    assert world.said == [("a", "openai limits: again in 30 s")]
    world.answers = [throttled(10)]
    world.send(OPENAI)
    world.send(COHERE)
    assert world.sent_s[3:] == [30, 40]
    assert world.said[1:] == [("b", "the cluster limits: again in 10 s")]


def test_reads_wait_for_nothing() -> None:
    world = World([throttled(30)])
    world.send(OPENAI)
    world.send(OPENAI, READ)
    assert world.sent_s == [0, 0]


@pytest.mark.parametrize("answer", [NO, Response(500, {}, b""), UnknownOutcome("cut")])
def test_any_other_answer_is_the_senders_at_once_and_slows_nobody_down(answer: Response | Exception) -> None:
    world = World([answer])
    if isinstance(answer, Exception):
        with pytest.raises(type(answer)):
            world.send(OPENAI)
    else:
        assert world.send(OPENAI) == answer.status
    assert world.send(OPENAI) == 200
    assert world.sent_s == [0, 0]


def test_a_limit_that_lets_nothing_pass_is_given_up_and_then_nobody_waits_for_it() -> None:
    world = World([LIMIT for _ in range(1000)])
    assert world.send(OPENAI) == 400
    assert PATIENCE_S / 2 < world.sent_s[-1] <= PATIENCE_S
    assert not world.limits.may_pass("openai")
    assert world.limits.may_pass(CLUSTER)
    tries, at_s = len(world.sent_s), world.now_s
    assert [world.send(OPENAI) for _ in range(3)] == [400, 400, 400]
    assert len(world.sent_s) == tries + 3
    assert world.now_s - at_s <= 60
    # It has passed: all is as before.
    world.answers = []
    assert world.send(OPENAI) == 200
    world.answers = [LIMIT]
    assert world.send(OPENAI) == 200


def test_a_longer_wait_than_anybody_has_is_not_begun() -> None:
    world = World([Response(400, {**LIMIT.headers, "retry-after": "301"}, LIMIT.body)])
    assert world.send(OPENAI) == 400
    assert world.now_s == 1000


def test_a_run_that_is_to_end_waits_for_nothing() -> None:
    world = World([LIMIT, LIMIT])
    world.limits.sleep = lambda seconds: setattr(world, "stop", True)
    assert world.send(OPENAI) == 400
    assert world.sent_s == [0, 0]


def test_no_more_are_under_way_than_the_limit_lets_pass() -> None:
    """Eight threads, and a provider that takes two at a time."""
    world, lock = World(), Lock()
    world.limits.parallelism = 8
    running = 0

    def answer() -> Response:
        nonlocal running
        with lock:
            running += 1
            crowd = running
        try:
            return YES if crowd <= 2 else LIMIT
        finally:
            with lock:
                running -= 1

    def send(_number: int) -> int:
        return world.limits.send(OPENAI, PUT, answer).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(64))) == {200}
    assert running == 0
    assert world.limits._running.total() == 0
