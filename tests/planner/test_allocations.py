"""From a fixed number of allocations to adaptive ones and back: what a plan says and sends, version by version.

Source: docs/reference/server/in-cluster.md#update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import desired, observed

from inferctl.json_types import path_text
from inferctl.model.versions import Version
from inferctl.planner.action import Action
from inferctl.planner.field_change import ABSENT
from inferctl.planner.mutability import with_switch
from inferctl.planner.ownership import LedgerView, Owned
from inferctl.planner.readback import compare_after

from .worlds import plan_of

if TYPE_CHECKING:
    from inferctl.planner.change import Change

RERANK: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}
OWN = {"model_id": ".rerank-v1", "num_threads": 1}
ADAPTIVE: Any = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
OFF: Any = {"enabled": False}
FIXED = {**OWN, "num_allocations": 2}
ADAPTS = {**OWN, "adaptive_allocations": ADAPTIVE}
SHOWN = {**ADAPTS, "num_allocations": 3}  # a live number stands beside them
SIZE = ("service_settings", "num_allocations")


def step(wanted: dict[str, Any], there: dict[str, Any], version: str = "9.5", **more: Any) -> Change:
    endpoint = desired(**RERANK, settings=wanted)
    (change,) = plan_of([endpoint], [observed(**RERANK, settings=there)], version, allow_replace=True, **more).changes
    return change


BOUNDS = ("enabled", "max_number_of_allocations", "min_number_of_allocations")
REFUSED = "{0} refuses service_settings.{1} in an update (in place from 9.3), so replace"
IN_PLACE = "service_settings.{1} changes in place"
NOT_PROVEN = (
    "that {0} can switch between fixed and adaptive allocations in an update is not proven: the read-back tells",
)
# version -> action, the reason for each leaf that differs, warnings
TEXTS = {
    "8.17": (Action.REPLACE, REFUSED, ()),
    "9.2": (Action.REPLACE, REFUSED, ()),
    "9.3": (Action.UPDATE, IN_PLACE, NOT_PROVEN),
    "9.4": (Action.UPDATE, IN_PLACE, NOT_PROVEN),
    "9.5.2": (Action.UPDATE, IN_PLACE, NOT_PROVEN),
    "9.5.3": (Action.UPDATE, IN_PLACE, NOT_PROVEN),
}


@pytest.mark.parametrize("version", TEXTS)
def test_what_a_plan_says_of_a_switch(version: str) -> None:
    action, reason, warnings = TEXTS[version]
    shown = str(Version.parse(version))
    for wanted, there, leaves in (
        (ADAPTS, FIXED, [f"adaptive_allocations.{bound}" for bound in BOUNDS]),
        (FIXED, SHOWN, ["num_allocations"]),
    ):
        change = step(wanted, there, version)
        assert change.action is action
        assert sorted(change.reasons) == sorted(reason.format(shown, leaf) for leaf in leaves)
        assert change.warnings == tuple(text.format(shown) for text in warnings)


def test_what_an_update_sends() -> None:
    to_adaptive = step(ADAPTS, FIXED)
    assert to_adaptive.update_body == {"service_settings": {"adaptive_allocations": ADAPTIVE}}
    to_fixed = step(FIXED, SHOWN)
    assert to_fixed.update_body == {"service_settings": {"num_allocations": 2, "adaptive_allocations": OFF}}
    said = step({**FIXED, "adaptive_allocations": OFF}, SHOWN)
    assert said.update_body == to_fixed.update_body
    larger = step({**OWN, "num_allocations": 5}, FIXED)
    assert (larger.update_body, larger.tried) == ({"service_settings": {"num_allocations": 5}}, ())


def test_a_server_after_9_5_takes_one_size_alone() -> None:
    both: Any = {"num_allocations": 2, "adaptive_allocations": OFF}
    assert with_switch(both, Version.parse("9.5")) == both
    assert with_switch({"num_allocations": 2}, Version.parse("9.5")) == both
    assert with_switch(both, Version.parse("9.6")) == {"num_allocations": 2}
    assert with_switch({"adaptive_allocations": ADAPTIVE}, Version.parse("9.6")) == {"adaptive_allocations": ADAPTIVE}


@pytest.mark.parametrize(("wanted", "there", "was"), [(ADAPTS, FIXED, FIXED), (FIXED, SHOWN, ADAPTS)])
def test_the_size_that_left_the_file_goes_with_the_switch(wanted: Any, there: Any, was: Any) -> None:
    declared: Any = {"task_type": "rerank", "service": "elasticsearch", "service_settings": was}
    endpoint, shown = desired(**RERANK, settings=wanted), observed(**RERANK, settings=there)
    ledger = LedgerView("mine", {"a": Owned("mine", declared)})
    for version, action in (("9.2", Action.REPLACE), ("9.3", Action.UPDATE)):
        (change,) = plan_of([endpoint], [shown], version, ledger=ledger, allow_replace=True).changes
        assert change.action is action
        gone = [field for field in change.fields if field.after is ABSENT]
        assert gone
        leaves = {path_text(field.path) for field in gone}
        if action is Action.UPDATE:  # it does not change: it is taken away
            assert {f"{leaf} goes with the switch" for leaf in leaves} <= set(change.reasons)
    # A bound that left the file while the allocations stay adaptive cannot be unset.
    bound = {"enabled": True, "max_number_of_allocations": 4}
    endpoint, shown = (
        desired(**RERANK, settings={**OWN, "adaptive_allocations": bound}),
        observed(**RERANK, settings=SHOWN),
    )
    ledger = LedgerView("mine", {"a": Owned("mine", {**declared, "service_settings": ADAPTS})})
    (change,) = plan_of([endpoint], [shown], "9.5", ledger=ledger, allow_replace=True).changes
    assert change.action is Action.REPLACE


def test_the_read_back_judges_a_switch() -> None:
    change, before = step(ADAPTS, FIXED), observed(**RERANK, settings=FIXED)
    assert compare_after(change, before, observed(**RERANK, settings=SHOWN)).holds
    kept = compare_after(change, before, before)
    assert {path[1] for path in kept.ignored} == {"adaptive_allocations"}
    assert not kept.undeclared
    change, before = step(FIXED, SHOWN), observed(**RERANK, settings=SHOWN)
    off = {**ADAPTIVE, "enabled": False}
    assert compare_after(change, before, observed(**RERANK, settings={**FIXED, "adaptive_allocations": off})).holds
    assert compare_after(change, before, observed(**RERANK, settings=FIXED)).holds
    half = observed(**RERANK, settings={**SHOWN, "num_allocations": 2})  # the number came, and it adapts still
    assert compare_after(change, before, half).ignored == (SIZE,)
    other = observed(**RERANK, settings={**FIXED, "num_allocations": 9})
    assert compare_after(change, before, other).different == (SIZE,)


def test_a_size_that_nobody_asked_for_is_seen() -> None:
    change, before = step({**OWN, "num_allocations": 5}, FIXED), observed(**RERANK, settings=FIXED)
    after = observed(**RERANK, settings={**OWN, "num_allocations": 5, "adaptive_allocations": OFF})
    assert compare_after(change, before, after).undeclared == (("service_settings", "adaptive_allocations", "enabled"),)
