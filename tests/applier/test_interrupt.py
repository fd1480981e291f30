"""The first signal asks the run to end, the second ends it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated

from inferctl.applier.events import Interrupted, Result, StepFinished
from inferctl.applier.interrupt import Cause, StopSignal, listening
from inferctl.applier.runner import Run

from .worlds import SECRETS, carried_out, local, plan_for, remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def test_a_sleeper_wakes_early() -> None:
    stop = StopSignal()
    threading.Timer(0.05, stop.set, ["SIGTERM"]).start()
    start = time.monotonic()
    stop.sleep(30)
    assert time.monotonic() - start < 10
    assert (stop.is_set(), stop.name) == (True, "SIGTERM")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with listening() as stop:
        stop.patient = True
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.name == number.name
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        stop.over = True
        signal.raise_signal(signal.SIGTERM)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_where_nothing_is_written_the_first_signal_ends_it(number: signal.Signals) -> None:
    with listening() as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert stop.name == number.name


def test_handlers_are_put_back_after_an_error() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="x"), listening():
        raise ValueError("x")
    assert signal.getsignal(signal.SIGINT) is before


def test_running_calls_end_and_nothing_new_begins() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, *(remote(f"a{n}") for n in range(6)), local("b1"))
    stop = StopSignal()

    def interrupt(method: str, _target: str) -> None:
        if method == "PUT":
            stop.set("SIGTERM")

    emulated.override = interrupt
    ran = carried_out(emulated, plan, stop=stop, parallelism=1)
    assert ran.code == 130
    assert [r.result for r in ran.outcome.results] == [Result.DONE, *[Result.NOT_STARTED] * 6]
    assert emulated.writes == ["PUT /_inference/completion/a0?timeout=60s"]
    assert [event for event in ran.events if isinstance(event, Interrupted)] == [Interrupted("SIGTERM")]
    assert emulated.shown("a0")


def test_who_interrupts_hears_it_while_a_call_still_runs() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"))
    stop, heard = StopSignal(), threading.Event()
    in_time: list[bool] = []

    def hang(method: str, _target: str) -> None:
        if method == "PUT":
            stop.set("SIGINT")
            in_time.append(heard.wait(30))

    emulated.override = hang
    Run(plan, emulated.client, SECRETS, lambda e: heard.set() if isinstance(e, Interrupted) else None, stop).carry_out()
    assert in_time == [True]


def test_a_stop_before_the_first_step_sends_nothing() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"))
    stop = StopSignal()
    stop.set("SIGINT")
    ran = carried_out(emulated, plan, stop=stop)
    assert (ran.code, emulated.sent) == (130, [])
    assert ran["a1"].result is Result.NOT_STARTED


def test_a_wait_for_a_model_ends_with_the_run() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 10_000.0
    plan = plan_for(emulated, local("a1"))
    stop = StopSignal()
    emulated.override = lambda _, target: stop.set("SIGINT") if "_stats" in target else None
    ran = carried_out(emulated, plan, stop=stop)
    assert ran.code == 130
    assert ran["a1"].result is Result.NOT_READY
    assert "interrupted" in ran["a1"].detail


def test_the_second_signal_waits_for_nobody() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote("a1"), remote("a2"))
    released = threading.Event()

    def hang(method: str, _target: str) -> None:
        if method == "PUT":
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGINT)
            released.wait(30)

    emulated.override = hang
    said: list[object] = []
    start = time.monotonic()

    def interrupted_twice() -> None:
        with listening() as stop:
            stop.patient = True
            Run(plan, emulated.client, SECRETS, said.append, stop).carry_out()

    with pytest.raises(KeyboardInterrupt, match=r"answer to create a[12].*: done or not"):
        interrupted_twice()
    assert time.monotonic() - start < 20
    released.set()
    assert not any(isinstance(event, StepFinished) for event in said)


@pytest.mark.parametrize("what", ["sleep", "set", "sleep_through"])
def test_a_signal_is_heard_wherever_it_comes(what: str) -> None:
    """At each line of what the main thread does with a stop: a handler that takes a lock would wait for itself."""
    work: dict[str, Callable[[StopSignal], None]] = {
        "sleep": lambda stop: stop.sleep(0.0),
        "set": lambda stop: stop.set("gone", Cause.GONE),
        "sleep_through": lambda stop: stop.sleep_through(0.0),
    }
    tried = 0
    while True:
        with listening() as stop:
            stop.patient = True
            line = _interrupted(work[what], stop, at=tried)
            if not line:
                break
            assert stop.by_signal, line
        tried += 1
    assert tried > 1


def _interrupted(work: Callable[[StopSignal], None], stop: StopSignal, *, at: int) -> str:
    """Do it, with a signal before the line with this number; which line that was, "" where there are fewer."""
    seen: list[str] = []

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            seen.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
            if len(seen) == at + 1:
                sys.settrace(None)
                signal.raise_signal(signal.SIGTERM)
        return trace

    tracer, alarm = sys.gettrace(), signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"it hangs at {seen[-1:]}"))
    signal.setitimer(signal.ITIMER_REAL, 5.0)
    sys.settrace(trace)
    try:
        work(stop)
    finally:
        sys.settrace(tracer)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, alarm)
    return seen[at] if len(seen) > at else ""
