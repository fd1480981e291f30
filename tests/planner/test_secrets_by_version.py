"""A secret that is sent by an update, version by version: what a plan says, and when it replaces instead.

Source: docs/reference/server/update.md#merge, versions.md#patch-releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import desired, observed

from inferctl.model.services import find, service_names
from inferctl.planner.action import Action
from inferctl.planner.health import Unwell
from inferctl.planner.ownership import LedgerView, Owned

from .worlds import plan_of

if TYPE_CHECKING:
    from inferctl.planner.change import Change

COHERE: dict[str, Any] = {"service": "cohere", "task_type": "rerank"}
OPENAI: dict[str, Any] = {"service": "openai", "task_type": "text_embedding"}
KEY = {"api_key": {"env": "K"}}
_MAY = "{} may refuse api_key of cohere in an update, as an unknown field, which is not proven"
DOUBT = (_MAY + ": upgrade to 9.5.3 first, or try; a refusal changes nothing, and says how to replace",)
# version -> warnings of a candidate
TEXTS: dict[str, tuple[str, ...]] = {
    "9.2.8": (),
    "9.3.0": (),
    "9.4.9": (),
    "9.5": DOUBT,
    "9.5.0": DOUBT,
    "9.5.2": DOUBT,
    "9.5.3": (),
    "9.6.0": (),
}


def step(version: str, service: dict[str, Any] = COHERE, unwell: Unwell | None = None) -> Change:
    """The change of an endpoint whose secret is to be sent again."""
    there = observed(**service, settings={"model_id": "m"})
    declared: Any = {**service, "service_settings": {"model_id": "m"}}
    ledger = LedgerView("mine", {"a": Owned("mine", declared, unwell=unwell)})
    wanted = desired(**service, settings={"model_id": "m", **KEY})
    (change,) = plan_of([wanted], [there], version, ledger=ledger, send_secrets=("a",), allow_replace=True).changes
    return change


@pytest.mark.parametrize("version", TEXTS)
def test_what_a_plan_says(version: str) -> None:
    change = step(version)
    assert change.action is Action.UPDATE
    assert change.warnings == tuple(text.format(version) for text in TEXTS[version])
    assert step(version, OPENAI).warnings == ()


def test_the_candidates() -> None:
    """They stand on their pages; each has a secret to refuse."""
    pages = [page for name in service_names() if (page := find(name)) and page.may_refuse_secrets]
    named = ["ai21", "alibabacloud-ai-search", "amazonbedrock", "cohere", "llama", "watsonxai"]
    assert sorted(page.name for page in pages) == named
    assert all(page.secret_fields(next(iter(page.task_types))) for page in pages)


def test_settings_alone_are_updated_without_a_word() -> None:
    wanted = desired(**COHERE, settings={"model_id": "m", **KEY}, task={"top_n": 2})
    (change,) = plan_of([wanted], [observed(**COHERE, settings={"model_id": "m"})], "9.5.2").changes
    assert (change.action, change.warnings) == (Action.UPDATE, ())


@pytest.mark.parametrize(
    ("version", "action"), [("9.5.2", Action.REPLACE), ("9.5.3", Action.UPDATE), ("9.5.1", Action.UPDATE)]
)
def test_what_a_server_refused_once_is_replaced_until_it_is_another_version(version: str, action: Action) -> None:
    leaf = "service_settings.api_key"
    unwell = Unwell("refused", "2026-09-01T00:00:00Z", "r", leaf, (leaf,), "cohere", "9.5.2")
    change = step(version, unwell=unwell)
    assert change.action is action
    said = f"9.5.2 refused an update of {leaf} on 2026-09-01, so replace"
    assert (said in change.reasons) is (action is Action.REPLACE)
