"""Throw-away endpoints that a dead run left: ours are removed without leave, nobody's are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import changed, desired, ledger_view, observed, owned

from inferctl.model.versions import Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.make_plan import make_plan
from inferctl.planner.normalise import normalise_desired
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions, Plan
from inferctl.planner.references import References

if TYPE_CHECKING:
    from inferctl.planner.ownership import Owned

LEFT = "inferctl-trial-0a1b2c3d"
OURS = owned(declared={"task_type": "completion", "service": "openai"}, intent="trial")
THEIRS = changed(OURS, scope="theirs")
BESIDE = desired("z")


def plan_of(
    ledger: dict[str, Owned] | None, *, there: bool = True, gone: tuple[str, ...] = (), wanted: Any = (),
    references: References | None = None, observation: dict[str, Any] | None = None, **permissions: Any
) -> Plan:  # fmt: skip
    """`z` is declared and there. `gone` are endpoints of ours without a file."""
    listed = [observed("z"), *(observed(name) for name in gone), *([observed(LEFT)] if there else [])]
    form = normalise_desired(BESIDE)
    noted = {name: owned(declared=form) for name in ("z", *gone)}
    return make_plan(
        DesiredSet((BESIDE, *wanted)),
        Observation(
            {e.inference_id: e for e in listed},
            references={LEFT: references} if references else {},
            **(observation or {}),
        ),
        Capabilities(version=Version.parse("9.5")),
        Permissions(**permissions),
        None if ledger is None else ledger_view(owned={**noted, **ledger}),
    )


def step(plan: Plan) -> Any:
    return next((c for c in plan.changes if c.inference_id == LEFT), None)


@pytest.mark.parametrize("permissions", [{}, {"manage": ("z*",)}, {"max_deletes": "0"}])
def test_ours_goes_without_leave_and_outside_of_manage(permissions: dict[str, Any]) -> None:
    plan = plan_of({LEFT: OURS}, **permissions)
    change = step(plan)
    assert (change.action, change.standing) == (Action.DELETE, Standing.READY)
    assert change.reasons == ("left behind by a run that died while it tried new settings",)
    assert plan.stops == ()
    assert plan.warnings == ()


def test_it_does_not_use_up_what_may_be_deleted() -> None:
    plan = plan_of({LEFT: OURS}, gone=("y",), max_deletes="1", allow_delete=True)
    assert [c.inference_id for c in plan.runnable] == [LEFT, "y"]


def test_who_uses_it_keeps_it() -> None:
    change = step(plan_of({LEFT: OURS}, references=References(("p1",))))
    assert change.standing is Standing.BLOCKED
    assert [block.kind for block in change.blocks] == [BlockKind.REFERENCED]


@pytest.mark.parametrize("permissions", [{"target": ("z",)}, {"exclude": ("inferctl-*",)}])
def test_a_selection_leaves_it_alone(permissions: dict[str, Any]) -> None:
    assert step(plan_of({LEFT: OURS}, **permissions)) is None


def test_a_record_without_an_endpoint_is_forgotten() -> None:
    change = step(plan_of({LEFT: OURS}, there=False, manage=("z*",)))
    assert (change.action, change.standing) == (Action.FORGET, Standing.READY)


@pytest.mark.parametrize("observation", [{"listed": False}, {"complete": False}, {"unreadable": {LEFT: "500"}}])
def test_a_record_whose_endpoint_could_not_be_seen_is_not(observation: dict[str, Any]) -> None:
    plan = plan_of({LEFT: OURS}, there=False, observation=observation)
    assert step(plan) is None
    assert any(LEFT in warning for warning in plan.warnings) is ("unreadable" in observation)


@pytest.mark.parametrize("there", [True, False])
def test_that_of_another_scope_is_theirs(there: bool) -> None:
    plan = plan_of({LEFT: THEIRS}, there=there, adopt=("*",), take_over=("*",), allow_delete=True)
    assert step(plan) is None
    assert plan.warnings == ()


@pytest.mark.parametrize("ledger", [None, {}])
def test_without_a_record_it_is_named_and_stays(ledger: Any) -> None:
    """It could be of a run that is at work right now, in a repository without a ledger."""
    plan = plan_of(ledger, manage=("z", "inferctl-*"), allow_delete=True, max_deletes="100%")
    assert step(plan) is None
    (warning,) = [text for text in plan.warnings if LEFT in text]
    assert f"remove it (DELETE /_inference/{LEFT})" in warning


def test_whoever_declares_such_an_id_means_it() -> None:
    declared = desired(LEFT)
    plan = plan_of(None, wanted=(declared,), manage=("*",))
    assert step(plan).action is Action.NOOP
    assert plan.warnings == ()


# What a replace consists of.

TRY, RESTORE = "try the new settings under a temporary id", "if that fails, restore the old settings"
NEW = {"model_id": "n", "api_key": {"env": "K"}}
ELSER = {"model_id": ".elser_model_2", "num_threads": 2, "num_allocations": 1}
SEEN = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}
LOCAL: dict[str, Any] = {"task_type": "sparse_embedding", "service": "elasticsearch"}


@pytest.mark.parametrize(
    ("wanted", "seen", "steps"),
    [
        (desired(settings=NEW), observed(), (TRY, "delete", "create", RESTORE)),
        (desired(**LOCAL, settings=ELSER), observed(**LOCAL, settings=SEEN), ("delete", "create", RESTORE)),
        (desired(settings=NEW), observed(**LOCAL, settings=SEEN), (TRY, "delete", "create", RESTORE)),
        (
            desired(service="cohere", settings=NEW),
            observed(),
            (TRY, "delete", "create", "if that fails, nothing can be restored: the file has no secret of openai"),
        ),
        (desired(task={"user": "u"}), observed(), ()),
    ],
)
def test_what_a_replace_consists_of(wanted: Any, seen: Any, steps: tuple[str, ...]) -> None:
    (change,) = make_plan(
        DesiredSet((wanted,)),
        Observation({"a": seen}),
        Capabilities(version=Version.parse("9.5")),
        Permissions(manage=("a",), allow_replace=True),
    ).changes
    assert (change.action is Action.REPLACE) is bool(steps)
    assert change.substeps == steps


def test_of_what_is_not_ours_nothing_is_promised() -> None:
    (change,) = make_plan(
        DesiredSet((desired(settings=NEW),)),
        Observation({"a": observed()}),
        Capabilities(version=Version.parse("9.5")),
        Permissions(),
    ).changes
    assert (change.action, change.standing, change.substeps) == (Action.REPLACE, Standing.BLOCKED, ())
