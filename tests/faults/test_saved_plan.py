"""A saved plan is applied, killed or robbed of an answer at some request, and applied again: then all is as planned.

Here at a sample of the requests; INFERCTL_LONG=1 takes them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kinds import KINDS, SIGNALS
from .proxy import Strike
from .sweep import APPLY
from .test_sweep import LONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from .commands import Commands
    from .scenarios import World

PLAN = ("apply", "plan.json", *APPLY[1:])
EACH = 1 if LONG else 6


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["SIGKILL before", "SIGKILL after", "429 after", "cut after"])
def test_the_second_run_ends_what_the_first_began(kind: str, world: Callable[[str], World], commands: Commands) -> None:
    shop = world("ledger")
    with shop.proxy() as proxy:
        environment = shop.environment(proxy.url)
        assert commands.run(shop.folder, environment, "plan", "--out", "plan.json").code == 0
    with shop.proxy() as proxy:
        assert commands.run(shop.folder, shop.environment(proxy.url), *PLAN).code == 0
        requests = proxy.calm()
    fault = {**KINDS, **SIGNALS}[kind]
    numbers = [number for number, request in enumerate(requests) if request.changes and fault.fits(request)]
    assert len(numbers) > 8
    for number in numbers[len(kind) % EACH :: EACH]:
        with shop.proxy() as proxy:
            environment = shop.environment(proxy.url)
            proxy.strike = Strike(fault.act, number, fault.times, "")
            first = commands.start(shop.folder, environment, *PLAN)
            proxy.kill = first.send
            first.wait()
            proxy.calm()
            second = commands.run(shop.folder, environment, *PLAN)
            assert second.code == 0, (str(requests[number]), second)
            plan = commands.run(shop.folder, environment, "plan", "--detailed-exitcode")
            assert plan.code == 0, (str(requests[number]), plan)
