"""The attacker wants every endpoint to count as his: then the share of them that may be deleted is one of all."""

from __future__ import annotations

import pytest
from tests.factories import desired, observed
from tests.planner.worlds import plan_of

from inferctl.planner.plan import Guard

THERE = [observed(f"{team}-{name}") for team in ("docs", "shop", "wiki", "7th") for name in ("a", "b", "c")]


@pytest.mark.parametrize(
    "manage",
    [
        ("*",),
        ("**",),
        ("?*",),
        ("[a-z0-9]*",),
        ("*-*", "[a-z]*"),
        ("[a-m]*", "[!a-m]*"),
        ("[a-m]*", "[n-z]*"),
        ("*[a-m]*",),
        ("[!q]*",),
        ("[a-y]*",),
        ("*", "shop-*"),
        ("*e*", "*a*", "*o*"),
        tuple(f"{letter}*" for letter in "abcdefghijklmnopqrstuvwxy"),
        ("*" + "?" * 30, "?", "??", "???", *("?" * length for length in range(4, 30))),
        ("*a" + "?" * 25,),  # nobody can work that out in a reasonable time: it counts as all
    ],
)
def test_globs_that_leave_next_to_nothing_out_delete_nothing(manage: tuple[str, ...]) -> None:
    plan = plan_of([desired("shop-a")], THERE, allow_delete=True, manage=manage, max_deletes="100%")
    assert Guard.ALL_MATCHING_GLOB in [stop.guard for stop in plan.stops]
    assert plan.runnable == ()


@pytest.mark.parametrize(
    "manage",
    [("shop-*",), ("*-prod",), ("shop-*", "wiki-*", "docs-*"), ("[a-c]*",), ("a*",), ("*search*",), ("x" * 300,)],
)
def test_what_a_team_calls_its_endpoints_by_is_no_claim_on_all(manage: tuple[str, ...]) -> None:
    plan = plan_of([desired("shop-a")], THERE, allow_delete=True, manage=manage, max_deletes="100%")
    assert Guard.ALL_MATCHING_GLOB not in [stop.guard for stop in plan.stops]
