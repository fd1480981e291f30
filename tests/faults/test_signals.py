"""A run that is killed, frozen or asked to end at any moment. INFERCTL_LONG=1 tries them all.

At each request: `test_sweep` (SIGKILL before and after it is passed on, SIGTERM).
"""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

from .commands import Command
from .fast_time import SPEED
from .known import KNOWN
from .laws import Story, broken
from .proxy import Exchange, Strike, proxy_of
from .scenarios import Snapshot, dies
from .sweep import APPLY, AT_ONCE, Pair, Violation, finished, requests_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .commands import Commands
    from .scenarios import World

LONG = os.environ.get("INFERCTL_LONG") == "1"
KILLS, TERMS = (100, 30) if LONG else (2, 2)


def at_a_moment(world: World, number: int, chance: random.Random, commands: Commands) -> Story:
    """The signal comes between 0 and a bit more than the time that a run takes, wherever the run is then."""
    with world.proxy() as proxy:
        before = Snapshot.of(proxy.cluster)
        began = time.perf_counter()
        commands.run(world.folder, world.environment(proxy.url), "plan")
        proxy.calm()
        plan_s = time.perf_counter() - began
        command = commands.start(world.folder, world.environment(proxy.url), *AT_ONCE, *world.scenario.arguments)
        time.sleep(chance.uniform(0, 5 * plan_s))
        command.send(number)
        first = command.wait()
        kind = signal.Signals(number).name
        killed = first.code is None and number == signal.SIGKILL
        return finished(world, proxy, commands, kind, before, first, killed=killed, interrupted=True)


def judged(stories: list[Story], record: Callable[[str, object], None], began: float) -> None:
    seen = [
        Violation(Pair(story.scenario.name, len(story.first_log), story.kind), "at a moment", law, how)
        for story in stories
        for law, how in broken(story)
    ]
    known = [] if LONG else [v for v in seen if any(known.is_it(v) for known in KNOWN)]
    new = [violation for violation in seen if violation not in known]
    record("sweep pairs", len(stories))
    record("sweep violations", len(new))
    record("sweep known", len(known))
    record("sweep seconds", time.perf_counter() - began)
    assert not new, "\n".join(map(str, new))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["ledger", "no ledger"])
@pytest.mark.parametrize(("number", "times"), [(signal.SIGKILL, KILLS // 2), (signal.SIGTERM, TERMS // 2)])
def test_a_signal_at_any_moment(
    name: str,
    number: int,
    times: int,
    world: Callable[[str], World],
    commands: Commands,
    record_property: Callable[[str, object], None],
) -> None:
    began, chance = time.perf_counter(), random.Random(f"{name}{number}")
    stories = [at_a_moment(world(name), number, chance, commands) for _ in range(times)]
    judged(stories, record_property, began)


def frozen(world: World, at: int, commands: Commands, *, executed: bool) -> Story:
    """A run stands still in the middle of a request for longer than its lock lives, and goes on after another one."""
    with world.proxy() as proxy, proxy_of(proxy.cluster) as other:
        before = Snapshot.of(proxy.cluster)
        environment = world.environment(other.url)

        def freeze(exchange: Exchange) -> None:
            command.send(signal.SIGSTOP)
            if executed:
                exchange.answer(exchange.execute())
            else:
                exchange.reset()
            second.append(commands.run(world.folder, environment, *APPLY, *world.scenario.arguments))
            command.send(signal.SIGCONT)

        second: list[object] = []
        proxy.strike = Strike(freeze, at)
        command = commands.start(world.folder, world.environment(proxy.url), *APPLY, *world.scenario.arguments)
        first = command.wait()
        kind = f"SIGSTOP {'after' if executed else 'before'}"
        # What the first one says of endpoints that the second one changed meanwhile is a matter of its moment.
        return finished(world, proxy, commands, kind, before, first, killed=True)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("executed", [True, False])
def test_frozen_for_longer_than_the_lock_lives(
    executed: bool, world: Callable[[str], World], commands: Commands, record_property: Callable[[str, object], None]
) -> None:
    began, scene = time.perf_counter(), world("ledger")
    numbers = [request.number for request in requests_of(scene, commands) if request.changes]
    # Before it has the lock, and while it gives it back, it stops nobody.
    chosen = numbers[1:-1] if LONG else numbers[3:4]
    judged([frozen(scene, at, commands, executed=executed) for at in chosen], record_property, began)


def test_time_is_quick(commands: Commands, world: Callable[[str], World]) -> None:
    """What the other tests rest on: a lock of a minute is waited for, and that takes a second or so."""
    scene = world("ledger")
    with scene.proxy() as proxy:
        proxy.strike = Strike(dies, 0, among="^PUT /_inference")
        command = commands.start(scene.folder, scene.environment(proxy.url), *APPLY)
        proxy.kill = command.send
        assert command.wait().code is None
        proxy.calm()
        assert Snapshot.of(proxy.cluster).documents("lock")
        began = time.perf_counter()
        ended = commands.run(scene.folder, scene.environment(proxy.url), *APPLY)
        took_s = time.perf_counter() - began
    assert ended.code == 0, ended
    assert took_s > scene.scenario.ttl_s / SPEED


def test_a_command_that_is_killed_before_it_read_its_words_ended_without_a_code(tmp_path: Path) -> None:
    streams = [tmp_path / "out", tmp_path / "err"]
    for stream in streams:
        stream.touch()
    ours, its = socket.socketpair(socket.AF_UNIX)
    ours.sendall(b"its words")
    its.close()
    assert Command(os.getpid(), ours, *streams).wait().code is None
