"""Laws of the pace: never below one at a time, never above what was asked for, and back to that after successes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferctl.applier.pace import Pace


def refused(pace: Pace, at_s: float, *, sent_s: float | None = None, retry_after_s: float | None = None) -> Pace:
    sent_s = at_s if sent_s is None else sent_s
    return pace.refused(sent_s=sent_s, now_s=at_s, retry_after_s=retry_after_s, jitter=0.0)


def test_each_refusal_halves_it_and_waits_longer() -> None:
    pace, at_s, seen = Pace.unlimited(8), 100.0, []
    for _ in range(8):
        pace = refused(pace, at_s)
        seen.append((int(pace.width), pace.wait_s(at_s)))
        at_s = pace.until_s
    assert seen == [(4, 2), (2, 4), (1, 8), (1, 16), (1, 32), (1, 60), (1, 60), (1, 60)]
    assert pace.refused_for_s(at_s) == at_s - 100


def test_one_burst_halves_it_once() -> None:
    """Eight were under way when the first refusal came: the other seven say nothing new."""
    pace = Pace.unlimited(8)
    for number in range(8):
        pace = refused(pace, 10.0 + number / 10, sent_s=9.0)
    assert (int(pace.width), pace.refusals) == (4, 1)
    assert int(refused(pace, 20.0).width) == 2


@pytest.mark.parametrize("asked_s", [0.0, 7.0, 90.0])
def test_it_waits_as_long_as_the_answer_asks_for(asked_s: float) -> None:
    assert refused(Pace.unlimited(4), 5.0, retry_after_s=asked_s).wait_s(5.0) == asked_s


def test_who_asks_for_no_wait_is_not_asked_at_once_again_and_again() -> None:
    pace, waits = Pace.unlimited(4), []
    for at_s in (10.0, 20.0, 30.0, 40.0):
        pace = refused(pace, at_s, retry_after_s=0.0)
        waits.append(pace.wait_s(at_s))
    assert waits == [0, 4, 8, 16]


def test_jitter_only_adds() -> None:
    waits = [
        Pace.unlimited(4).refused(sent_s=0, now_s=0, retry_after_s=8, jitter=j).wait_s(0) for j in (0.0, 0.5, 0.999)
    ]
    assert waits == sorted(waits)
    assert waits[0] == 8
    assert waits[-1] < 10


def test_successes_widen_it_by_one_for_each_round() -> None:
    pace = refused(refused(refused(Pace.unlimited(8), 0), 10), 20)
    assert int(pace.width) == 1
    widths = []
    for _ in range(40):
        pace = pace.passed()
        widths.append(int(pace.width))
    assert widths[0] == 2
    assert widths[-1] == 8
    assert all(b - a in (0, 1) for a, b in pairwise(widths))
    assert pace.refused_for_s(1000) == 0


@given(
    st.integers(1, 64),
    st.lists(st.tuples(st.booleans(), st.floats(0, 100), st.none() | st.floats(0, 500)), max_size=40),
)
def test_bounds(most: int, events: list[tuple[bool, float, float | None]]) -> None:
    pace, now_s = Pace.unlimited(most), 0.0
    for good, later_s, asked_s in events:
        now_s += later_s
        before = pace
        pace = pace.passed() if good else refused(pace, now_s, retry_after_s=asked_s)
        assert 1 <= pace.width <= most
        assert pace.has_room(0)
        assert not pace.has_room(most)
        assert pace.until_s >= before.until_s
        assert pace.width >= before.width if good else pace.width <= before.width
        if not good:
            assert pace.wait_s(now_s) >= (asked_s or 0) - 1e-6
