"""Every request of a run meets every kind of fault. Here a sample; INFERCTL_LONG=1 runs all of it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from .kinds import KINDS, SIGNALS
from .known import KNOWN
from .scenarios import ALL, SCENARIOS
from .sweep import Pair, pairs_of, requests_of, violations_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .commands import Commands
    from .scenarios import World

LONG = os.environ.get("INFERCTL_LONG") == "1"
SAMPLE = 6  # of each scenario; half as many where a run takes its time


def swept(pairs: list[Pair], world: World, commands: Commands, record: Callable[[str, object], None]) -> None:
    """Tells the stories of these pairs; fails with all that is broken."""
    began = time.perf_counter()
    seen = [violation for pair in pairs for violation in violations_of(world, pair, commands)]
    known = [] if LONG else [v for v in seen if any(known.is_it(v) for known in KNOWN)]
    new = [violation for violation in seen if violation not in known]
    record("sweep pairs", len(pairs))
    record("sweep violations", len(new))
    record("sweep known", len(known))
    record("sweep seconds", time.perf_counter() - began)
    assert not new, "\n".join(map(str, new))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", [*KINDS, *SIGNALS] if LONG else [])
@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_every_request(
    name: str,
    kind: str,
    world: Callable[[str], World],
    commands: Commands,
    record_property: Callable[[str, object], None],
) -> None:
    requests = requests_of(world(name), commands)
    swept(
        pairs_of(world(name).scenario, requests, {kind: {**KINDS, **SIGNALS}[kind]}),
        world(name),
        commands,
        record_property,
    )


@pytest.mark.skipif(LONG, reason="the whole sweep has it")
@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_a_sample(
    name: str, world: Callable[[str], World], commands: Commands, record_property: Callable[[str, object], None]
) -> None:
    """Always the same pairs: each kind at one request of one scenario, more often one that writes."""
    scenario = world(name).scenario
    requests = requests_of(world(name), commands)
    kinds = {**KINDS, **SIGNALS}
    mine = list(kinds)[[scenario.name for scenario in SCENARIOS].index(name) :: len(SCENARIOS)]
    of_each_kind = (pairs_of(scenario, requests, {kind: kinds[kind]}) for kind in mine)
    first = [
        min(pairs, key=lambda pair: (not pair.changes and pair.digest[0] < "c", pair.digest))
        for pairs in of_each_kind
        if pairs  # some kinds fit no request of some scenarios
    ]
    most = SAMPLE if scenario.among == ALL else SAMPLE // 2
    swept(sorted(first, key=lambda pair: pair.digest)[:most], world(name), commands, record_property)
