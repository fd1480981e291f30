"""Laws of planning, on random endpoints and random JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import desired, observed

from inferctl.json_types import canonical
from inferctl.planner.action import Action
from inferctl.planner.diff import field_changes
from inferctl.planner.field_change import ABSENT
from inferctl.planner.normalise import normalise_desired, prune

from .worlds import plan_of

if TYPE_CHECKING:
    import random

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 1.5])
    | st.sampled_from(["", "1", "a", "b.c"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["a", "b", "c.d"]), values, max_size=3)
# Easily taken for each other.
twins: st.SearchStrategy[Any] = st.sampled_from([1, True, 1.0, "1", [1], [True], 0, False, None, "", [], {}])
keys = st.sampled_from(["a", "b"])
# Alike, alike but for one value, or any two.
twos = st.one_of(
    objects.map(lambda value: (value, json.loads(json.dumps(value)))),
    st.builds(lambda value, key, new: (value, {**value, key: new}), objects, keys, values),
    st.builds(lambda value, key, one, two: ({**value, key: one}, {**value, key: two}), objects, keys, twins, twins),
    st.tuples(objects, objects),
)


@given(twos)
@settings(max_examples=300, deadline=None)
def test_canonical_json_and_the_differ_agree(two: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, after = two
    changes = field_changes(before, after)
    assert bool(changes) == (canonical(before) != canonical(after))
    for change in changes:
        assert change.before is ABSENT or change.after is ABSENT or canonical(change.before) != canonical(change.after)


def applied(before: dict[str, Any], changes: Any) -> dict[str, Any]:
    """`before` with every change made to it."""
    result: dict[str, Any] = json.loads(json.dumps(before))
    for change in changes:
        place = result
        for part in change.path[:-1]:
            place = place.setdefault(part, {})
        if change.after is ABSENT:
            place.pop(change.path[-1])
        else:
            place[change.path[-1]] = change.after
    return result


@given(twos)
@settings(max_examples=300, deadline=None)
def test_the_changes_are_leaves_and_lead_from_one_to_the_other(two: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, after = two
    changes = field_changes(before, after)
    made = applied(before, changes)
    assert canonical(prune(made)) == canonical(prune(after))
    for change in changes:
        sides = [side for side in (change.before, change.after) if side is not ABSENT]
        assert not all(isinstance(side, dict) and side for side in sides)


settings_of = st.fixed_dictionaries(
    {"model_id": st.sampled_from(["m", "n"]), "api_key": st.just({"env": "K"})},
    optional={
        "organization_id": st.sampled_from(["o", "p"]),
        "rate_limit": st.builds(lambda n: {"requests_per_minute": n}, st.integers(1, 3)),
    },
)
endpoints = st.builds(
    lambda i, s, t: desired(f"a{i}", settings=s, task=t),
    st.integers(0, 4), settings_of, st.dictionaries(st.just("user"), st.sampled_from(["x", "y"]), max_size=1),
)  # fmt: skip
sets = st.lists(endpoints, max_size=5, unique_by=lambda e: e.inference_id)


def as_observed(endpoint: Any) -> Any:
    form: Any = normalise_desired(endpoint)
    return observed(endpoint.inference_id, settings=form.get("service_settings"), task=form.get("task_settings"))


@given(sets)
@settings(deadline=None)
def test_a_cluster_that_holds_the_files_needs_no_step(wanted: list[Any]) -> None:
    assert plan_of(wanted, [as_observed(e) for e in wanted]).is_empty


@given(sets, sets, st.randoms(use_true_random=False), st.sampled_from(["8.17", "9.1", "9.5"]))
@settings(deadline=None)
def test_the_order_of_files_does_not_matter(
    wanted: list[Any], there: list[Any], shuffler: random.Random, version: str
) -> None:
    seen = [as_observed(e) for e in there]
    first = plan_of(wanted, seen, version, allow_delete=True)
    shuffler.shuffle(wanted)
    shuffler.shuffle(seen)
    assert plan_of(wanted, seen, version, allow_delete=True) == first


@given(sets, sets)
@settings(deadline=None)
def test_a_target_gives_a_part_of_the_whole_plan(wanted: list[Any], there: list[Any]) -> None:
    seen = [as_observed(e) for e in there]
    whole = {c.inference_id: c for c in plan_of(wanted, seen).changes}
    for change in plan_of(wanted, seen, target=("a1",)).changes:
        assert whole[change.inference_id] == change


@given(sets, sets, st.sampled_from(["8.17", "9.1", "9.5"]))
@settings(deadline=None)
def test_secrets_are_references_at_their_places_and_nowhere_else(
    wanted: list[Any], there: list[Any], version: str
) -> None:
    plan = plan_of(wanted, [as_observed(e) for e in there], version, send_secrets=("a1", "a2"), allow_replace=True)
    for change in plan.changes:
        assert all("api_key" not in field.path for field in change.fields)
        assert all("api_key" not in path for path in change.expected)
        assert "api_key" not in canonical(change.observed or {})
        body = change.put_body or change.update_body or {}
        assert canonical(body).count('{"env":"K"}') == len(change.secrets)


@given(sets, sets)
@settings(deadline=None)
def test_every_step_says_why(wanted: list[Any], there: list[Any]) -> None:
    for change in plan_of(wanted, [as_observed(e) for e in there]).changes:
        if change.action is not Action.NOOP:
            assert change.reasons or change.blocks
