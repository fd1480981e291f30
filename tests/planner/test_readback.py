"""What a write did, leaf by leaf: a 200 proves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.planner.readback import compare_after

from .worlds import RESET, plan_of

SENTENCE = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
WORD = {"strategy": "word", "max_chunk_size": 40, "overlap": 10}
USER = ("task_settings", "user")


def step(wanted: Any, there: Any = None, version: str = "9.5") -> Any:
    (change,) = plan_of([wanted], [there] if there else [], version, allow_replace=True).changes
    return change


@pytest.mark.parametrize(
    ("before", "after", "holds", "ignored", "different"),
    [
        ({}, {"user": "u"}, True, (), ()),
        ({}, {}, False, (USER,), ()),  # not there before, not there now
        ({"user": "old"}, {"user": "old"}, False, (USER,), ()),
        ({"user": "old"}, {"user": "third"}, False, (), (USER,)),
        ({"user": "old"}, {}, False, (), (USER,)),
    ],
)
def test_an_update(before: Any, after: Any, holds: bool, ignored: Any, different: Any) -> None:
    change = step(desired(task={"user": "u"}), observed(task=before))
    found = compare_after(change, observed(task=before), observed(task=after))
    assert (found.holds, found.ignored, found.different) == (holds, ignored, different)
    assert (USER in found.applied) is holds


def test_a_chunking_reset_is_seen_although_nobody_declared_chunking() -> None:
    kind: dict[str, Any] = {"task_type": "text_embedding"}
    before = observed(**kind, chunking=SENTENCE)
    change = step(desired(**kind, task={"user": "u"}), before, "9.2")
    after = observed(**kind, task={"user": "u"}, chunking=RESET)
    assert ("chunking_settings", "strategy") in compare_after(change, before, after).undeclared


def test_a_new_chunking_replaces_the_old_one_as_a_whole() -> None:
    kind: dict[str, Any] = {"task_type": "text_embedding"}
    before = observed(**kind, chunking=SENTENCE)
    change = step(desired(**kind, chunking=WORD), before)
    assert change.update_body == {"chunking_settings": WORD}
    assert compare_after(change, before, observed(**kind, chunking=WORD)).holds  # sentence_overlap went along


def test_an_object_that_is_sent_replaces_the_old_one() -> None:
    def of(headers: dict[str, str]) -> dict[str, Any]:
        return {"url": "https://x", "headers": headers}

    before = observed(service="custom", settings=of({"A": "1", "B": "1"}))
    change = step(desired(service="custom", settings=of({"A": "2"})), before)
    assert change.update_body == {"service_settings": {"headers": {"A": "2"}}}
    assert compare_after(change, before, observed(service="custom", settings=of({"A": "2"}))).holds


def test_another_setting_that_moved_is_seen() -> None:
    before = observed(settings={"model_id": "m", "url": "https://a"})
    change = step(desired(task={"user": "u"}), before)
    after = observed(settings={"model_id": "m", "url": "https://b"}, task={"user": "u"})
    assert compare_after(change, before, after).undeclared == (("service_settings", "url"),)


def test_a_create_takes_defaults_and_refuses_other_values() -> None:
    change = step(desired())
    assert compare_after(change, None, observed()).holds  # rate_limit was filled in
    assert compare_after(change, None, observed(settings={"model_id": "x"})).different == (
        ("service_settings", "model_id"),
    )


def test_serverless_sizes_models_itself() -> None:
    kind: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}
    sized = {"model_id": "x", "num_threads": 1, "num_allocations": 2}
    change = step(desired(**kind, settings=sized))
    after = observed(**kind, settings={**sized, "num_allocations": 5})
    path = ("service_settings", "num_allocations")
    assert compare_after(change, None, after).different == (path,)
    found = compare_after(change, None, after, serverless=True)
    assert found.holds
    assert found.server_values == (path,)


def test_the_live_size_under_adaptive_allocations_is_no_difference() -> None:
    kind: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}

    def of(most: int, live: int) -> dict[str, Any]:
        adaptive = {"enabled": True, "max_number_of_allocations": most}
        return {"model_id": "x", "num_threads": 1, "adaptive_allocations": adaptive, "num_allocations": live}

    wanted = {key: value for key, value in of(8, 0).items() if key != "num_allocations"}
    before = observed(**kind, settings=of(4, 1))
    change = step(desired(**kind, settings=wanted), before)
    assert compare_after(change, before, observed(**kind, settings=of(8, 3))).holds
