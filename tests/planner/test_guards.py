"""The limits that stop a whole run."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.errors import UsageError
from inferctl.planner.action import Action
from inferctl.planner.limits import delete_limit
from inferctl.planner.plan import Guard

from .worlds import plan_of

THERE = [observed(f"a{n}") for n in range(6)]


@pytest.mark.parametrize(
    ("wanted", "options", "guards"),
    [
        ([desired(f"a{n}") for n in range(5)], {"allow_delete": True}, []),
        ([desired(f"a{n}") for n in range(4)], {"allow_delete": True}, [Guard.MAX_DELETES]),
        ([desired(f"a{n}") for n in range(4)], {"allow_delete": True, "max_deletes": "2"}, []),
        ([desired(f"a{n}") for n in range(4)], {"allow_delete": True, "max_deletes": "50%"}, []),
        ([desired(f"a{n}") for n in range(4)], {}, []),
        ([desired(f"a{n}") for n in range(5)], {"allow_delete": True, "max_deletes": "0"}, [Guard.MAX_DELETES]),
        ([], {"allow_delete": True}, [Guard.EMPTY_SET]),
        ([desired("a0")], {"complete": False}, [Guard.INCOMPLETE_INPUT]),
        ([desired("a0")], {"list_complete": False}, [Guard.INCOMPLETE_LIST]),
        ([desired(f"a{n}") for n in range(6)], {"manage": ("*",), "allow_delete": True}, [Guard.ALL_MATCHING_GLOB]),
        ([desired(f"a{n}") for n in range(6)], {"manage": ("*",)}, []),
        ([desired("a8"), desired("a9")], {"max_changes": 1}, [Guard.MAX_CHANGES]),
    ],
)
def test_guards(wanted: list[Any], options: dict[str, Any], guards: list[Guard]) -> None:
    plan = plan_of(wanted, THERE, **options)
    assert [stop.guard for stop in plan.stops] == guards
    if guards:
        assert plan.runnable == ()
        assert all(stop.fixes for stop in plan.stops)


@pytest.mark.parametrize("options", [{"complete": False}, {"selected": frozenset({"a0"})}])
def test_what_is_not_the_whole_set_deletes_nothing(options: dict[str, Any]) -> None:
    plan = plan_of([desired("a0")], THERE, allow_delete=True, **options)
    assert not [change for change in plan.changes if change.action is Action.DELETE]


def test_target_and_exclude_bound_deletes_too() -> None:
    plan = plan_of([desired("a0")], THERE, allow_delete=True, target=("a1", "a2"), exclude=("a2",))
    assert [c.inference_id for c in plan.changes] == ["a1"]


@pytest.mark.parametrize(
    ("given", "ours", "limit"),
    [(None, 0, 1), (None, 4, 1), (None, 50, 10), ("3", 50, 3), ("10%", 50, 5), ("0%", 50, 0)],
)
def test_delete_limit(given: str | None, ours: int, limit: int) -> None:
    assert delete_limit(given, ours) == limit


@pytest.mark.parametrize("given", ["x", "-1", "101%", "", "%", "1.5"])
def test_a_wrong_limit_is_a_usage_error(given: str) -> None:
    with pytest.raises(UsageError):
        delete_limit(given, 10)
