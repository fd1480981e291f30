"""What globs match is worked out as `fnmatch` would find it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferctl.model.ids import is_id
from inferctl.planner.id_globs import left_out, share_of_ids
from inferctl.planner.ownership import matches

SHORT_IDS = [
    text for length in range(1, 4) for text in map("".join, itertools.product("ab7-", repeat=length)) if is_id(text)
]
GLOBS = st.text(alphabet="ab7-*?[]!A", max_size=6)


@given(GLOBS, st.lists(GLOBS, max_size=3))
def test_what_is_left_out_is_what_matching_finds(glob: str, within: list[str]) -> None:
    example = left_out(glob, tuple(within))
    if example is None:
        assert [i for i in SHORT_IDS if matches(i, (glob,)) and not matches(i, tuple(within))] == []
    else:
        assert is_id(example)
        assert matches(example, (glob,))
        assert not matches(example, tuple(within))


@pytest.mark.parametrize(
    ("globs", "least", "most"),
    [
        ([], 0, 0),
        (["*"], 0.9999, 1),
        (["[a-m]*", "[!a-m]*"], 0.9999, 1),
        (["[a-m]*"], 0.4, 0.5),
        (["[a-z]*"], 0.96, 0.98),
        (["search-*"], 0, 0.001),
        (["-*", "*_", ".*"], 0, 0),
        (["A*"], 0, 0),
    ],
)
def test_shares(globs: list[str], least: float, most: float) -> None:
    assert least <= share_of_ids(globs) <= most
