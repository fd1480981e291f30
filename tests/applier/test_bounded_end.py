"""A run ends in bounded time, whoever does not answer: steps that hang, a cluster that is gone, a deadline."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated
from tests.factories import probe

from inferctl.applier.check_up import check_up
from inferctl.applier.events import Result
from inferctl.applier.interrupt import ENDING_S, GRACE_S, Cause, StopSignal
from inferctl.applier.run_bounds import RunBounds
from inferctl.applier.runner import Options, Run
from inferctl.applier.side_by_side import side_by_side
from inferctl.errors import NotTried

from .worlds import SECRETS, Ran, applied, plan_for, remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.request import Request, Response


class Now:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_work_is_done_in_order_and_what_hangs_is_left_behind() -> None:
    assert side_by_side(lambda n: n * 2, [1, 2, 3], 2, is_overdue=lambda: False) == [2, 4, 6]
    assert side_by_side(lambda n: n, [], 2, is_overdue=lambda: False) == []
    hangs, done = threading.Event(), threading.Event()

    def work(n: int) -> int:
        if n == 1:
            hangs.wait(30)
        else:
            done.set()
        return n

    assert side_by_side(work, [0, 1, 2], 1, is_overdue=done.is_set) == [0, None, None]
    hangs.set()


def test_what_a_piece_of_work_raises_is_raised() -> None:
    def work(n: int) -> int:
        if n:
            raise ValueError("x")
        return n

    with pytest.raises(ValueError, match="x"):
        side_by_side(work, [0, 1], 1, is_overdue=lambda: False)


@pytest.mark.parametrize(("at_s", "rest_s"), [(0, GRACE_S), (GRACE_S, ENDING_S), (GRACE_S + ENDING_S, 0)])
def test_calls_get_what_is_left_after_a_signal(at_s: float, rest_s: float) -> None:
    now = Now()
    stop = StopSignal(clock=now)
    assert stop.rest_s() is None
    stop.set("SIGTERM")
    now.now_s = at_s
    assert stop.rest_s() == rest_s
    assert stop.is_overdue() == (at_s >= GRACE_S)


def test_what_ends_late_still_has_time_to_be_read_back() -> None:
    now = Now()
    stop = StopSignal(clock=now)
    stop.set("SIGTERM")
    now.now_s = 100.0  # a replace took its time
    stop.begin_ending()
    assert (stop.rest_s(), stop.is_overdue()) == (ENDING_S, False)
    now.now_s += ENDING_S
    assert stop.is_overdue()


def test_a_deadline_is_met_by_itself() -> None:
    now = Now()
    stop = StopSignal(10.0, now)
    assert (stop.is_set(), stop.rest_s()) == (False, 10.0)
    now.now_s = 10.0
    assert stop.is_set()
    assert (stop.by_signal, stop.causes, stop.rest_s()) == (False, {Cause.DEADLINE: "the deadline"}, ENDING_S)


def run(emulated: Emulated, stop: StopSignal, *ids: str, clock: Any, parallelism: int = 1) -> Ran:
    bounds = RunBounds(stop, clock)
    bounds.end_run_when_gone()
    plan = plan_for(emulated, *(remote(name) for name in ids))
    client = emulated.client.bounded(bounds)
    return Ran(Run(plan, client, SECRETS, lambda _: None, stop, Options(parallelism, clock=clock)).carry_out())


def test_a_step_that_hangs_is_unknown_and_nobody_waits_for_it() -> None:
    emulated, now, released = Emulated(), Now(), threading.Event()
    stop = StopSignal(clock=now)

    def hang(method: str, target: str) -> None:
        if method == "PUT" and "/a2" in target:
            stop.set("SIGTERM")
            now.now_s = GRACE_S
            released.wait(60)

    emulated.override = hang
    ran = run(emulated, stop, "a1", "a2", "a3", clock=now)
    released.set()
    assert ran.code == 130
    assert [r.result for r in ran.outcome.results] == [Result.DONE, Result.UNKNOWN, Result.NOT_STARTED]
    assert ran["a2"].wrote
    assert "SIGTERM" in ran["a2"].detail


def test_a_cluster_that_is_gone_ends_the_run_and_is_asked_no_further() -> None:
    """Twenty endpoints were made, then nobody answers: it used to be one dead read for each."""
    emulated, now = Emulated(), Now()
    stop = StopSignal(clock=now)
    calls: Counter[str] = Counter()

    def gone_after_ten(method: str, target: str) -> None:
        calls[method] += 1
        if calls["PUT"] > 10:
            now.now_s += 1.0
            raise ConnectionRefusedError

    emulated.override = gone_after_ten
    ran = run(emulated, stop, *(f"a{n:02}" for n in range(40)), clock=now)
    results = Counter(r.result for r in ran.outcome.results)
    assert ran.code == 4
    assert results[Result.UNKNOWN] == 10  # written, and not confirmed
    assert results[Result.NOT_STARTED] >= 25
    assert "does not answer since" in ran.outcome.warnings[0]
    assert calls["GET"] <= 4
    assert now.now_s < 30


def test_a_cluster_that_is_gone_before_the_first_write_is_exit_1() -> None:
    emulated, now = Emulated(), Now()
    stop = StopSignal(clock=now)

    def gone(_method: str, _target: str) -> None:
        now.now_s += 1.0
        raise ConnectionRefusedError

    plan_for(emulated)
    bounds = RunBounds(stop, now)
    bounds.end_run_when_gone()
    plan = plan_for(emulated, *(remote(f"a{n:02}") for n in range(9)))
    emulated.override = gone
    ran = Ran(
        Run(plan, emulated.client.bounded(bounds), SECRETS, lambda _: None, stop, Options(1, clock=now)).carry_out()
    )
    assert ran.code == 1
    assert {r.result for r in ran.outcome.results} == {Result.FAILED, Result.NOT_STARTED}


def test_a_cluster_that_comes_back_is_read_for_the_report() -> None:
    emulated, now = Emulated(), Now()
    stop = StopSignal(clock=now)
    made: list[str] = []

    def away(method: str, target: str) -> None:
        if method == "PUT" and target.startswith("/_inference"):
            made.append(target)
        if len(made) > 5 and not stop.is_set():
            now.now_s += 2.0
            raise ConnectionRefusedError
        if stop.is_set():
            now.now_s += 2.0

    emulated.override = away
    ran = run(emulated, stop, *(f"a{n:02}" for n in range(20)), clock=now)
    assert ran.code == 4
    assert Counter(r.result for r in ran.outcome.results)[Result.DONE] == 5


def test_a_deadline_ends_the_run_and_what_was_done_is_confirmed() -> None:
    emulated, now = Emulated(), Now()
    stop = StopSignal(20.0, now)

    def slow(method: str, _target: str) -> None:
        if method == "PUT":
            now.now_s += 10.0

    emulated.override = slow
    ran = run(emulated, stop, "a1", "a2", "a3", clock=now)
    assert ran.code == 4
    assert [r.result for r in ran.outcome.results] == [Result.DONE, Result.DONE, Result.NOT_STARTED]
    assert "the deadline" in ran.outcome.warnings[0]


def test_a_deadline_that_is_over_sends_nothing() -> None:
    emulated, now = Emulated(), Now()
    stop = StopSignal(20.0, now)
    plan = plan_for(emulated, remote("a1"))
    now.now_s = 20.0
    bounds = RunBounds(stop, now)
    ran = Ran(Run(plan, emulated.client.bounded(bounds), SECRETS, lambda _: None, stop).carry_out())
    assert (ran.code, emulated.sent) == (1, [])
    now.now_s += ENDING_S
    with pytest.raises(NotTried, match="the deadline"):
        emulated.client.bounded(bounds).get()


def replaced(emulated: Emulated, stop: StopSignal, now: Now) -> Ran:
    """A replace of `a` with another model, under the bounds of a run."""
    bounds = RunBounds(stop, now)
    plan = plan_for(emulated, remote("a", task_type="text_embedding", model="new"))
    client, finishing = emulated.client.bounded(bounds), emulated.client.bounded(bounds.watching())
    options = Options(1, clock=now)
    return Ran(Run(plan, client, SECRETS, lambda _: None, stop, options, finishing=finishing).carry_out())


@pytest.fixture
def old() -> Emulated:
    emulated = Emulated()
    applied(emulated, remote("a", task_type="text_embedding", model="old"))
    return emulated


def test_a_replace_that_has_not_deleted_yet_does_not_begin_to(old: Emulated) -> None:
    now = Now()
    stop = StopSignal(clock=now)
    old.override = lambda method, target: stop.set("SIGTERM") if method == "PUT" and "trial" in target else None
    ran = replaced(old, stop, now)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (130, Result.NOT_STARTED, False)
    assert set(old.live()) == {"a"}
    assert old.shown("a")["service_settings"]["model_id"] == "old"


def test_a_trial_that_hangs_is_left_behind_and_nothing_is_removed(old: Emulated) -> None:
    now, released = Now(), threading.Event()
    stop = StopSignal(clock=now)

    def hang(method: str, target: str) -> None:
        if method == "PUT" and "trial" in target:
            stop.set("SIGTERM")
            now.now_s += GRACE_S
            released.wait(30)

    old.override = hang
    ran = replaced(old, stop, now)
    released.set()
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (130, Result.NOT_STARTED, True)
    assert old.shown("a")["service_settings"]["model_id"] == "old"


def test_a_replace_that_has_deleted_has_the_time_that_it_needs(old: Emulated) -> None:
    now = Now()
    stop = StopSignal(clock=now)

    def late(method: str, target: str) -> None:
        if method == "PUT" and "trial" not in target:
            stop.set("SIGTERM")
            now.now_s += 100.0
            time.sleep(0.3)  # so that whoever wants to leave it behind has the time to

    old.override = late
    ran = replaced(old, stop, now)
    assert (ran.code, ran["a"].result) == (130, Result.DONE)
    assert old.shown("a")["service_settings"]["model_id"] == "new"


def test_what_is_not_sent_after_a_deadline_says_so() -> None:
    now = Now()
    bounds = RunBounds(StopSignal(deadline_s=5, clock=now), now)
    now.now_s = 100
    with pytest.raises(ValueError, match="because of the deadline"):
        bounds.at_most_s()


def test_an_interrupted_check_up_waits_for_no_call() -> None:
    emulated = Emulated()
    endpoints = [remote(name, probe=probe()) for name in ("a", "b")]
    applied(emulated, *endpoints)
    plan = plan_for(emulated, *endpoints)
    under_way, let_go, ended = threading.Barrier(2), threading.Event(), threading.Event()

    def guide(request: Request, send: Callable[[], Response]) -> Response:
        if under_way.wait(10) == 0:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        let_go.wait(5)
        ended.set()
        return send()

    with pytest.raises(KeyboardInterrupt):
        check_up(plan, emulated.client.guided(guide))
    assert not ended.is_set()
    let_go.set()


@pytest.mark.parametrize("counts", [True, False])
def test_heartbeats_and_replaces_are_not_given_up(counts: bool) -> None:
    emulated, now = Emulated(), Now()
    bounds = RunBounds(StopSignal(clock=now), now)
    watching = emulated.client.bounded(bounds.watching(counts=counts))
    for now.now_s in (0.0, 1.0, 10.0):
        bounds.died()
    assert bounds.breaker.is_open
    emulated.sent.clear()
    assert watching.get()["endpoints"] == emulated.client.get()["endpoints"]
    assert emulated.sent[0].startswith("GET /_inference")
    assert not bounds.breaker.is_open  # somebody answered


@pytest.mark.parametrize("counts", [True, False])
def test_dead_heartbeats_end_no_run(counts: bool) -> None:
    now = Now()
    stop = StopSignal(clock=now)
    bounds = RunBounds(stop, now)
    bounds.end_run_when_gone()
    watching = bounds.watching(counts=counts)
    for now.now_s in (0.0, 1.0, 10.0):
        watching.died()
    assert stop.is_set() == counts
