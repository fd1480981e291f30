"""The quick look lets nothing by that the models would refuse, and nearly everything that is right."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inferctl.model.envelope import FIELDS, faults
from inferctl.model.plain import ENDPOINT, is_plain

GOOD: dict[str, Any] = {
    "inference_id": "a",
    "task_type": "rerank",
    "service": "cohere",
    "service_settings": {"model_id": "m"},
    "task_settings": {"top_n": 1},
    "chunking_settings": {},
    "lifecycle": {"protect": ["delete"], "ready_timeout": "15m"},
    "probe": {"input": "x", "query": "y", "expect": {"dimensions": 3}},
    "passthrough": False,
}
KEYS = st.sampled_from([*GOOD, "protect", "ready_timeout", "input", "query", "expect", "dimensions", "other", "input!"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.floats(0, 1), st.text(max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=4,
)


def edited(edits: list[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {k: dict(v) if isinstance(v, dict) else v for k, v in GOOD.items()}
    for path, new in edits:
        place = value
        for part in path[:-1]:
            if not isinstance(place.get(part), dict):
                place[part] = {}
            place = place[part]
        place[path[-1]] = new
    return value


@given(
    st.lists(st.tuples(st.lists(KEYS, min_size=1, max_size=3).map(tuple), VALUES), max_size=3),
    st.sets(KEYS, max_size=2),
)
def test_what_is_plain_is_right(edits: list[tuple[tuple[str, ...], Any]], dropped: set[str]) -> None:
    value = {key: inner for key, inner in edited(edits).items() if key not in dropped}
    if is_plain(value):
        assert faults(value) == []


def test_every_key_of_the_models_is_in_the_shape() -> None:
    assert {key.rstrip("!") for key in ENDPOINT} == set(FIELDS[""])
    for name in ("lifecycle", "probe"):
        assert {key.rstrip("!") for key in ENDPOINT[name]} == set(FIELDS[name])
    assert is_plain(GOOD)
    for required in ("inference_id", "task_type", "service", "service_settings"):
        assert not is_plain({key: inner for key, inner in GOOD.items() if key != required})
