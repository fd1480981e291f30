"""An endpoint whose ledger record cannot be read: whatever is asked for, no step of the plan touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import desired, observed, owned

from inferctl.model.versions import Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.make_plan import candidates_for_removal, make_plan
from inferctl.planner.normalise import normalise_desired
from inferctl.planner.ownership import LedgerView, UnreadableRecord
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions

if TYPE_CHECKING:
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan

SAME = desired(task={"user": "u"})
LIVE = observed(task={"user": "u"})
MOVED = observed(task={"user": "other"})
REPLACED = observed(service="cohere")
# All that an operator can ask for.
ALL: dict[str, Any] = {
    "adopt": ("*",), "take_over": ("*",), "allow_delete": True, "allow_replace": True, "max_deletes": "100%",
    "force_delete": frozenset({"a"}), "forget": frozenset({"a"}), "send_secrets": ("*",),
    "delete_ids": frozenset({"a"}), "replace_ids": frozenset({"a"}),
}  # fmt: skip
SCOPES = pytest.mark.parametrize("scope", ["", "mine", "theirs"])


def plan_of(wanted: Any, there: Any, scope: str, **permissions: Any) -> Plan:
    """Another endpoint of ours stands beside."""
    beside = desired("z")
    return make_plan(
        DesiredSet((*((wanted,) if wanted else ()), beside)),
        Observation({e.inference_id: e for e in [*([there] if there else []), observed("z")]}),
        Capabilities(version=Version.parse("9.5")),
        Permissions(**permissions),
        LedgerView(
            "mine",
            {"z": owned("mine", declared=normalise_desired(beside))},
            unreadable={"a": UnreadableRecord("inferctl-ledger/a is no ledger document", scope)},
        ),
    )


def change_of(plan: Plan) -> Change | None:
    return next((change for change in plan.changes if change.inference_id == "a"), None)


@SCOPES
@pytest.mark.parametrize("permissions", [{}, ALL], ids=["nothing allowed", "all allowed"])
@pytest.mark.parametrize(
    ("there", "action"),
    [(None, Action.CREATE), (LIVE, Action.ADOPT), (MOVED, Action.UPDATE), (REPLACED, Action.REPLACE)],
    ids=["absent", "the same", "another value", "another service"],
)
def test_what_a_file_declares_is_blocked(there: Any, action: Action, permissions: Any, scope: str) -> None:
    plan = plan_of(SAME, there, scope, **permissions)
    change = change_of(plan)
    assert change is not None
    assert change.action is action or (permissions and change.action is not Action.NOOP)
    assert (change.standing, [block.kind for block in change.blocks]) == (
        Standing.BLOCKED, [BlockKind.RECORD_UNREADABLE],
    )  # fmt: skip
    assert (change.put_body, change.update_body, change.claims, change.will_run) == (None, None, False, False)
    assert "inferctl ledger repair a" in change.blocks[0].fixes[0].text
    assert not any("ledger repair a" in warning for warning in plan.warnings)


@SCOPES
@pytest.mark.parametrize("permissions", [{}, ALL], ids=["nothing allowed", "all allowed"])
def test_what_no_file_declares_is_neither_removed_nor_forgotten(permissions: Any, scope: str) -> None:
    plan = plan_of(None, LIVE, scope, **permissions)
    change = change_of(plan)
    assert not plan.stops
    assert candidates_for_removal(plan) == {}
    warned = any("ledger repair a" in warning for warning in plan.warnings)
    if scope == "mine":
        assert change is not None
        assert (change.action, change.standing, warned) == (Action.DELETE, Standing.BLOCKED, False)
    else:
        assert (change, warned) == (None, scope == "")


@SCOPES
def test_a_record_without_an_endpoint_stays(scope: str) -> None:
    plan = plan_of(None, None, scope, **ALL)
    assert change_of(plan) is None
    assert any("ledger repair a" in warning for warning in plan.warnings) is (scope != "theirs")


def test_outside_of_manage_it_is_no_step_of_ours() -> None:
    assert change_of(plan_of(None, LIVE, "mine", manage=("z*",))) is None


def test_a_run_that_only_selects_removes_nothing_of_it() -> None:
    assert change_of(plan_of(None, LIVE, "mine", exclude=("a",))) is None


def test_many_are_counted() -> None:
    unreadable = {f"e{number:02d}": UnreadableRecord("damaged") for number in range(15)}
    plan = make_plan(
        DesiredSet((desired("z"),)),
        Observation({}),
        Capabilities(version=Version.parse("9.5")),
        Permissions(),
        LedgerView("mine", unreadable=unreadable, warnings=("inferctl-ledger/x is strange",)),
    )
    told = [warning for warning in plan.warnings if "ledger" in warning]
    assert len(told) == 12
    assert told[0] == "inferctl-ledger/x is strange"
    assert "5 more" in told[-1]
