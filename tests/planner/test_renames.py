"""An id that should go while another with the same model comes: told as one thing where only the second is done."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.planner.renames import renames

from .worlds import plan_of

OLD = observed("a-old")


def told(wanted: list[Any], there: list[Any], **options: Any) -> dict[str, str]:
    plan = plan_of(wanted, there, **options)
    sentences = renames(plan.changes)
    assert [text for text in plan.warnings if text.startswith("rename: ")] == list(sentences.values())
    return sentences


def test_a_held_removal_beside_a_create_of_the_same_model() -> None:
    assert told([desired("a-new")], [OLD]) == {
        "a-old": "rename: a-new takes the place of a-old; the old one stays until deletes are allowed"
    }


@pytest.mark.parametrize(
    ("wanted", "there", "options"),
    [
        ([desired("a-new")], [OLD], {"allow_delete": True}),  # both are done
        ([desired("a-new", settings={"model_id": "n", "api_key": {"env": "K"}})], [OLD], {}),
        ([desired("a-new", service="cohere")], [OLD], {}),
        ([desired("a-new", task_type="text_embedding")], [OLD], {}),
        ([desired("a-new")], [OLD, observed("a-new")], {}),  # it is there already
        ([desired("c-new")], [OLD], {}),  # outside of manage: not created
    ],
)
def test_what_is_none(wanted: list[Any], there: list[Any], options: dict[str, Any]) -> None:
    assert told(wanted, there, **options) == {}


def test_two_of_one_model_keep_to_the_ids_that_are_alike() -> None:
    sentences = told([desired("a-chat-2"), desired("a-rank-2")], [observed("a-chat-1"), observed("a-rank-1")])
    assert {old: text.split()[1] for old, text in sentences.items()} == {"a-chat-1": "a-chat-2", "a-rank-1": "a-rank-2"}


def test_one_new_id_takes_the_place_of_one_old_one() -> None:
    assert list(told([desired("a-chat-2")], [observed("a-chat-1"), observed("a-rank-1")])) == ["a-chat-1"]
