"""Two scopes want the same new endpoint at the same moment: one run stands still at a request while the other runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from .proxy import Exchange, Strike, proxy_of
from .scenarios import Scenario, Snapshot, World, made, rerank
from .sweep import APPLY, requests_of
from .test_sweep import LONG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .commands import Commands, Ended

LEFT = Scenario("left", {"left-old": rerank(1)}, {"left-old": rerank(2), "shared": rerank(3)}, scope="left")
RIGHT = Scenario("right", {}, {"right-new": rerank(1), "shared": rerank(7)}, scope="right")


def broken(left: World, right: World, at: int, commands: Commands, *, executed: bool) -> list[str]:
    """What is wrong when `left` waits at this request, before or after the cluster did it, until `right` has ended."""
    with left.proxy() as proxy, proxy_of(proxy.cluster) as other:
        others: list[Ended] = []

        def wait(exchange: Exchange) -> None:
            reply = exchange.execute() if executed else None
            others.append(commands.run(right.folder, right.environment(other.url), *APPLY))
            exchange.answer(reply or exchange.execute())

        proxy.strike = Strike(wait, at)
        ended = {"left": commands.run(left.folder, left.environment(proxy.url), *APPLY)}
        ended["right"] = others[0]
        log = [*proxy.calm(), *other.calm()]
        first = Snapshot.of(proxy.cluster)
        again = {w.scenario.scope: commands.run(w.folder, w.environment(other.url), *APPLY) for w in (left, right)}
        second = Snapshot.of(proxy.cluster)
    return [*_faults(left, right, ended, first, log), *_later(first, second, again)]


def _faults(left: World, right: World, ended: dict[str, Ended], now: Snapshot, log: list[Exchange]) -> list[str]:
    faults = []
    owner = now.documents("ownership")["shared"]["scope"]
    files = {world.scenario.scope: world.scenario.new for world in (left, right)}
    loser = ({"left", "right"} - {owner}).pop()
    if not now.is_as_declared("shared", files[owner]):
        faults.append(f"{owner} owns it, and it is not as its file says")
    creates = [e for e in log if e.method == "PUT" and e.inference_id == "shared" and 200 in e.statuses]
    if len(creates) != 1:
        faults.append(f"created {len(creates)} times")
    for scope, run in ended.items():
        code, report = run.code, run.report()
        results = {s["id"]: s["result"] for n in ("done", "failed", "unknown", "not_started", "blocked") for s in (report or {}).get(n, ())}  # fmt: skip
        if code not in ({0} if scope == owner else {1, 3, 4}):
            faults.append(f"{scope}, with {owner} as the owner, ended with {code}: {results} {run.err[-300:]}")
        if (results.get("shared") == "done") != (scope == owner):
            faults.append(f"{scope} says {results.get('shared')}, and {owner} is the owner")
        own = sorted(set(files[scope]) - {"shared"})
        if scope == loser and code == 1 and any(now.is_as_declared(name, files[scope]) for name in own):
            faults.append(f"{scope} ended with 1, and has written")
    return faults


def _later(first: Snapshot, second: Snapshot, again: dict[str, Ended]) -> list[str]:
    faults = []
    if second.endpoints["shared"] != first.endpoints["shared"]:
        faults.append("the next runs changed it")
    owner = second.documents("ownership")["shared"]["scope"]
    for scope, ended in again.items():
        if ended.code not in ({0} if scope == owner else {3, 4}):
            faults.append(
                f"the next run of {scope}, with {owner} as the owner, ended with {ended.code}: {ended.err[-300:]}"
            )
    faults += [f"{name} is left" for name in second.documents("lock")]
    faults += [f"{name} has an intent" for name, r in second.documents("ownership").items() if r["intent"]]
    return faults


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("executed", [False, True])
def test_two_scopes_and_one_id(
    executed: bool, commands: Commands, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    began = time.perf_counter()
    left, right = (made(s, commands, _folder(tmp_path, s.name)) for s in (LEFT, RIGHT))
    # Once `left` has its lock, each moment is another: planning, claiming, creating, noting, giving back.
    numbers = [request.number for request in requests_of(left, commands)][4:]
    chosen = numbers if LONG else numbers[3:-1:5]
    seen = [f"request {at}: {fault}" for at in chosen for fault in broken(left, right, at, commands, executed=executed)]
    record_property("sweep pairs", len(chosen))
    record_property("sweep violations", len(seen))
    record_property("sweep seconds", time.perf_counter() - began)
    assert not seen, "\n".join(seen)


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
