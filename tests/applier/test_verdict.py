"""What an apply of a plan would end with, and why: the words beside the code."""

from __future__ import annotations

import pytest
from tests.factories import change

from inferctl.applier.events import Result, StepFinished
from inferctl.applier.outcome import outcome
from inferctl.applier.verdict import foreseen, verdict_of, verdict_of_plan
from inferctl.exit_codes import Exit
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.plan import Guard, Plan, Stop

CREATE = change("new", action=Action.CREATE)
UPDATE = change("old", action=Action.UPDATE)
HELD_REPLACE = change(
    "embed",
    action=Action.REPLACE,
    standing=Standing.HELD,
    blocks=(Block(BlockKind.NEEDS_ALLOW_REPLACE, "replaces are off"),),
)
HELD_DELETE = change(
    "gone",
    action=Action.DELETE,
    standing=Standing.HELD,
    blocks=(Block(BlockKind.NEEDS_ALLOW_DELETE, "deletes are off"),),
)
BLOCKED = change(
    "theirs",
    action=Action.UPDATE,
    standing=Standing.BLOCKED,
    blocks=(Block(BlockKind.NOT_OURS, "scope b owns it"),),
)
STALE = change(
    "moved",
    action=Action.UPDATE,
    standing=Standing.BLOCKED,
    blocks=(Block(BlockKind.STALE, "stale: it is gone"),),
)
LIMIT = Stop(Guard.MAX_CHANGES, "2 steps are planned, at most 1 are allowed")
REFUSED = Stop(Guard.STALE, "1 step is not what was saved")


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (Plan(()), "apply would end with 0"),
        (Plan((CREATE,)), "apply would end with 0"),
        (Plan((HELD_DELETE,)), "apply would end with 0: 1 delete is held back"),
        (Plan((HELD_REPLACE,)), "apply would end with 3: 1 replace is held back"),
        (Plan((BLOCKED, HELD_DELETE, HELD_REPLACE)), "apply would end with 3: 1 step is blocked, 1 replace is held back"),
        (Plan((CREATE, UPDATE), stops=(LIMIT,)), "apply would end with 3: 1 limit was reached"),
        (Plan((CREATE, STALE), stops=(REFUSED,)), "apply would end with 5: 1 step is stale"),
        (Plan((STALE,)), "apply would end with 5: 1 step is stale"),
    ],
)  # fmt: skip
def test_what_an_apply_would_end_with(plan: Plan, text: str) -> None:
    assert verdict_of_plan(plan).text == text


def test_the_verdict_is_that_of_the_run_in_which_all_went_well() -> None:
    plan = Plan((BLOCKED, CREATE, HELD_REPLACE, UPDATE))
    done = [StepFinished(c.inference_id, c.action, Result.DONE, wrote=True) for c in (CREATE, UPDATE)]
    real = outcome(plan, done)
    assert foreseen(plan) == real
    assert verdict_of_plan(plan).exit_code == verdict_of(real).exit_code
    assert verdict_of_plan(plan).reasons == verdict_of(real).reasons


def test_the_reasons_name_the_steps_and_the_limits() -> None:
    assert verdict_of_plan(Plan((BLOCKED, HELD_DELETE, HELD_REPLACE))).reasons == (
        "1 step is blocked: theirs",
        "1 replace is held back: embed",
        "1 delete is held back: gone",
    )
    (limit,) = verdict_of_plan(Plan((CREATE, UPDATE), stops=(LIMIT,))).reasons
    assert limit.startswith("1 limit was reached: max-changes")


def test_many_secrets_are_counted_in_the_text_and_named_in_the_reasons() -> None:
    few = verdict_of_plan(Plan((CREATE,)), assumed=("A", "B"))
    assert (few.text, few.reasons) == ("apply would end with 0 (assumed to be set: A, B)", ("assumed to be set: A, B",))
    many = verdict_of_plan(Plan((CREATE,)), assumed=("A", "B", "C", "D"))
    assert many.text == "apply would end with 0 (assumed to be set: 4 secrets)"
    assert many.reasons == ("assumed to be set: A, B, C, D",)
    missing = verdict_of_plan(Plan((CREATE, HELD_REPLACE)), missing=("A",))
    assert (missing.exit_code, missing.text) == (Exit.FAILED, "apply would end with 1: 1 secret cannot be had: A")
    assert missing.reasons == ("1 secret cannot be had: A", "1 replace is held back: embed")


@pytest.mark.parametrize("action", [Action.VERIFY, Action.REPAIR])
def test_nobody_knows_yet_whether_an_unwell_endpoint_will_be_well(action: Action) -> None:
    verdict = verdict_of_plan(Plan((change("ill", action=action),)), assumed=("A",))
    assert verdict.exit_code == Exit.OK
    assert verdict.text == "apply would end with 0 (assumed to be set: A; assumed to be well by then: ill)"
    assert verdict.reasons == ("assumed to be set: A", "assumed to be well by then: ill")


def test_without_the_lock_nothing_else_counts() -> None:
    held = verdict_of_plan(Plan((HELD_REPLACE,)), missing=("A",), holder="bob")
    assert (held.exit_code, held.text) == (Exit.LOCKED, "apply would end with 7: another run holds the lock")
    assert held.reasons[0] == "the lock is held by bob"


def test_many_steps_are_counted_and_some_are_named() -> None:
    plan = Plan(tuple(change(f"e{n:02}", action=Action.REPLACE, standing=Standing.HELD) for n in range(12)))
    (reason,) = verdict_of_plan(plan).reasons
    assert reason.startswith("12 replaces are held back: e00, ")
    assert reason.endswith(", e09 and 2 more")


@pytest.mark.parametrize(
    ("result", "code", "words"),
    [
        (Result.FAILED, Exit.FAILED, "1 step failed"),
        (Result.NOT_STARTED, Exit.FAILED, "1 step was not started"),
        (Result.NOT_READY, Exit.NOT_READY, "1 endpoint is not ready"),
        (Result.UNKNOWN, Exit.PARTIAL, "the result of 1 step is unknown"),
    ],
)
def test_what_a_run_ended_with(result: Result, code: Exit, words: str) -> None:
    verdict = verdict_of(outcome(Plan((CREATE,)), [StepFinished("new", Action.CREATE, result)]))
    assert (verdict.exit_code, verdict.text) == (code, f"exit code {code:d}: {words}")
    assert verdict.reasons == (f"{words}: new",)


def test_somebody_who_was_quicker_is_named() -> None:
    refused = StepFinished("new", Action.CREATE, Result.BLOCKED, "scope other owns it now")
    verdict = verdict_of(outcome(Plan((CREATE,)), [refused]))
    assert (verdict.exit_code, verdict.text) == (Exit.BLOCKED, "exit code 3: 1 step was refused since the plan")
    assert verdict.reasons == ("1 step was refused since the plan: new (scope other owns it now)",)


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (outcome(Plan(()), (), interrupted=True), "exit code 130: the run was interrupted"),
        (outcome(Plan(()), (), lock_lost=True), "exit code 7: the lock was lost"),
        (outcome(Plan(()), (), ledger_failure="no space"), "exit code 1: the ledger could not be written"),
        (outcome(Plan(()), ()), "exit code 0"),
    ],
)
def test_what_is_no_step_is_said_too(ended: object, text: str) -> None:
    assert verdict_of(ended).text == text  # type: ignore[arg-type]
