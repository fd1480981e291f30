"""One pair of the sweep: a request of a scenario and a kind of fault; and which pairs there are."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kinds import KINDS, SIGNALS, Kind
from .laws import Story, broken
from .proxy import Exchange, Proxy, Strike
from .scenarios import KEYS, TURNED, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .commands import Commands, Ended
    from .scenarios import Scenario, World

APPLY = ("apply", "--yes", "--format", "json", "--quiet", "--parallelism", "1", "--lock-timeout", "300", "--request-timeout", "30")  # fmt: skip
# Of several writes at a time, nobody can say which is the next.
AT_ONCE = tuple(word for word in APPLY if word not in {"--parallelism", "1"})
ALL_KINDS = {**KINDS, **SIGNALS}


@dataclass(frozen=True)
class Pair:
    """Which request, counted from 0 among those that match a pattern, meets which fault."""

    scenario: str
    number: int
    kind: str
    among: str = ""
    changes: bool = False  # the request could change something

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.scenario}/{self.number}/{self.kind}/{self.among}".encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.scenario}: {self.kind}: request {self.number}{self.among and f' of {self.among}'}"


@dataclass(frozen=True)
class Violation:
    """A law that a pair broke. `request` is what was spoiled first."""

    pair: Pair
    request: str
    law: str
    how: str

    def __str__(self) -> str:
        how = " / ".join(self.how.splitlines())
        return f"{self.pair} ({self.request}): {self.law}: {how}"


def requests_of(world: World, commands: Commands) -> list[Exchange]:
    """What the first run sends when nothing goes wrong."""
    with world.proxy() as proxy:
        ended = commands.run(world.folder, world.environment(proxy.url), *APPLY, *world.scenario.arguments)
        assert ended.code == world.scenario.code, ended
        return proxy.calm()


def pairs_of(scenario: Scenario, requests: Sequence[Exchange], kinds: Mapping[str, Kind]) -> list[Pair]:
    return [
        Pair(scenario.name, number, name, among, request.changes)
        for among, most in scenario.among
        for number, request in enumerate([r for r in requests if re.search(among, r.line)][:most])
        for name, kind in kinds.items()
        if kind.fits(request) and (scenario.scope or not kind.turns)
    ]


def story_of(world: World, pair: Pair, commands: Commands) -> Story:
    kind = ALL_KINDS[pair.kind]
    with world.proxy() as proxy:
        environment = world.environment(proxy.url)
        before = Snapshot.of(proxy.cluster)
        proxy.strike = Strike(kind.act, pair.number, kind.times, pair.among)
        command = commands.start(world.folder, environment, *APPLY, *world.scenario.arguments)
        proxy.kill = command.send
        first = command.wait()
        return finished(
            world, proxy, commands, pair.kind, before, first, killed="SIGKILL" in pair.kind,
            interrupted=pair.kind in SIGNALS, endless=kind.times < 0 or "until" in pair.kind,
            keys=TURNED if kind.turns else KEYS,
        )  # fmt: skip


def finished(
    world: World,
    proxy: Proxy,
    commands: Commands,
    kind: str,
    before: Snapshot,
    first: Ended,
    *,
    killed: bool = False,
    interrupted: bool = False,
    endless: bool = False,
    keys: Mapping[str, str] = KEYS,
) -> Story:
    """The rest of the story, after the first run: a second one, without faults, and a plan."""
    environment = world.environment(proxy.url, keys)
    first_log, middle = proxy.calm(), Snapshot.of(proxy.cluster)
    second = commands.run(world.folder, environment, *APPLY, *world.scenario.arguments)
    second_log, after = proxy.calm(), Snapshot.of(proxy.cluster)
    plan = commands.run(world.folder, environment, "plan", "--format", "json")
    return Story(
        world.scenario,
        kind,
        before,
        first,
        middle,
        second,
        after,
        plan,
        first_log,
        second_log,
        killed,
        interrupted,
        sum(exchange.struck for exchange in first_log) > 1 or "refused" in kind,
        endless,
        keys,
    )


def violations_of(world: World, pair: Pair, commands: Commands) -> list[Violation]:
    story = story_of(world, pair, commands)
    request = str(story.struck[0]) if story.struck else "nothing was spoiled"
    return [Violation(pair, request, law, how) for law, how in broken(story)]
