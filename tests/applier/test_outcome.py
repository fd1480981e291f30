"""Results and exit codes: the table of docs/reference/exit-codes.md."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import change

from inferctl.applier.events import Result, StepFinished
from inferctl.applier.outcome import exit_code, outcome
from inferctl.planner.action import Action, Block, BlockKind, Standing
from inferctl.planner.plan import Guard, Plan, Stop

if TYPE_CHECKING:
    from inferctl.planner.change import Change

DONE = {"result": Result.DONE, "wrote": True}
SAME = {"result": Result.DONE, "wrote": False}  # gone already, or made by somebody else
SLOW = {"result": Result.NOT_READY, "wrote": True}
FAILED = {"result": Result.FAILED, "wrote": False}
HALF = {"result": Result.FAILED, "wrote": True}
IGNORED = {"result": Result.IGNORED, "wrote": True}
UNKNOWN = {"result": Result.UNKNOWN, "wrote": True}
UNSURE = {"result": Result.UNKNOWN, "wrote": False}
BLOCKED = {"result": Result.BLOCKED, "wrote": False}
LATER = {"result": Result.NOT_STARTED, "wrote": False}


def finished(*ends: dict[str, Any]) -> list[StepFinished]:
    return [StepFinished(f"a{n}", Action.CREATE, **end) for n, end in enumerate(ends)]


def step(name: str, action: Action, standing: Standing, *kinds: BlockKind) -> Change:
    blocks = tuple(Block(kind=kind, text=f"because of {kind.value}") for kind in kinds)
    return change(name, action=action, standing=standing, blocks=blocks)


HELD_DELETE = step("d", Action.DELETE, Standing.HELD, BlockKind.NEEDS_ALLOW_DELETE)
HELD_REPLACE = step("r", Action.REPLACE, Standing.HELD, BlockKind.NEEDS_ALLOW_REPLACE)
REFERENCED = step("x", Action.DELETE, Standing.BLOCKED, BlockKind.REFERENCED)
UNREADABLE = step("u", Action.REPLACE, Standing.UNKNOWN, BlockKind.UNREADABLE)
STOPPED = Stop(guard=Guard.MAX_DELETES, text="too many")


@pytest.mark.parametrize(
    ("ends", "held", "code"),
    [
        ([], [], 0),
        ([DONE], [], 0),
        ([SAME], [], 0),
        ([DONE], [HELD_DELETE], 0),
        ([], [HELD_DELETE], 0),
        ([FAILED], [], 1),
        ([FAILED, SAME], [], 1),  # nothing was written
        ([FAILED, LATER], [], 1),
        ([FAILED], [REFERENCED], 1),
        ([FAILED], [HELD_REPLACE], 1),
        ([], [HELD_REPLACE], 3),
        ([], [REFERENCED], 3),
        ([], [UNREADABLE], 3),
        ([BLOCKED], [], 3),
        ([SAME], [HELD_REPLACE], 3),
        ([DONE, FAILED], [], 4),
        ([DONE, BLOCKED], [], 3),  # nothing failed: somebody has to decide
        ([DONE], [REFERENCED], 3),
        ([DONE], [HELD_REPLACE], 3),
        ([DONE, FAILED], [HELD_REPLACE], 4),
        ([DONE, LATER], [HELD_REPLACE], 4),
        ([DONE, LATER], [], 4),
        ([HALF], [], 4),
        ([IGNORED], [], 4),
        ([UNKNOWN], [], 4),
        ([UNSURE], [], 4),  # 1 would say that nothing was written
        ([LATER], [], 1),
        ([LATER], [HELD_DELETE], 1),
        ([LATER], [REFERENCED], 1),  # 3 would say that nothing went wrong
        ([SAME, LATER], [], 1),
        ([SLOW, LATER], [], 4),
        ([SLOW, FAILED], [], 4),
        ([SLOW], [REFERENCED], 3),
        ([SLOW], [], 6),
        ([SLOW, DONE], [HELD_DELETE], 6),
    ],
)
def test_exit_codes(ends: list[dict[str, Any]], held: list[Change], code: int) -> None:
    plan = Plan(changes=tuple(held))
    assert outcome(plan, finished(*ends)).exit_code == code
    assert outcome(plan, finished(*ends), interrupted=True).exit_code == 130


@pytest.mark.parametrize(
    ("ends", "held", "code"),
    [([], [], 1), ([SAME], [], 1), ([DONE], [], 4), ([SLOW], [], 4), ([], [HELD_REPLACE], 1), ([DONE], [BLOCKED], 4)],
)
def test_what_could_not_be_seen_could_not_be_removed(ends: list[Any], held: list[Any], code: int) -> None:
    plan = Plan(changes=tuple(REFERENCED if one is BLOCKED else one for one in held), unseen=True)
    ended = outcome(plan, finished(*ends))
    assert ended.exit_code == code
    assert "not all endpoints could be read" in ended.warnings[0]


STALE = step("s", Action.UPDATE, Standing.BLOCKED, BlockKind.STALE)


@pytest.mark.parametrize(
    ("ends", "held", "code"),
    [
        ([], [STALE], 5),
        ([SAME], [STALE], 5),
        ([DONE], [STALE], 3),
        ([], [STALE, REFERENCED], 3),
        ([FAILED], [STALE], 1),
    ],
)
def test_a_stale_step_that_is_left_out(ends: list[Any], held: list[Change], code: int) -> None:
    """5 promises that nothing was written."""
    assert outcome(Plan(changes=tuple(held)), finished(*ends)).exit_code == code


def test_a_limit_stops_everything() -> None:
    plan = Plan(changes=(step("a", Action.CREATE, Standing.READY), HELD_DELETE), stops=(STOPPED,))
    ended = outcome(plan, [])
    assert ended.exit_code == 3
    assert [(r.inference_id, r.result) for r in ended.results] == [("a", Result.NOT_STARTED), ("d", Result.HELD)]
    assert "limit" in ended.results[0].detail


def test_precedence_over_every_pair() -> None:
    """130, 4, 1, 3, 6: whichever two meet, the earlier one wins; a failure beside a write is 4."""
    alone = {4: [DONE, FAILED], 1: [FAILED], 3: [BLOCKED], 6: [SLOW], 0: [DONE]}
    order = [4, 1, 3, 6, 0]
    for first, second in combinations(order, 2):
        together = finished(*alone[first], *alone[second])
        wrote = any(r.wrote for r in together)
        expected = 4 if wrote and first == 1 else first
        assert exit_code(Plan(changes=()), together, interrupted=False) == expected, (first, second)


def test_every_step_has_a_result_sorted_by_id() -> None:
    plan = Plan(changes=(UNREADABLE, step("b", Action.CREATE, Standing.READY), HELD_REPLACE, REFERENCED,
                 step("n", Action.NOOP, Standing.READY)))  # fmt: skip
    ended = outcome(plan, [StepFinished("b", Action.CREATE, Result.DONE, wrote=True)])
    assert [(r.inference_id, r.result) for r in ended.results] == [
        ("b", Result.DONE),
        ("r", Result.HELD),
        ("u", Result.BLOCKED),
        ("x", Result.BLOCKED),
    ]
    assert "referenced" in ended.results[-1].detail


def test_what_never_began_says_so() -> None:
    (result,) = outcome(Plan(changes=(step("a", Action.CREATE, Standing.READY),)), [], interrupted=True).results
    assert result.result is Result.NOT_STARTED
    assert result.detail == "the run ended before it"


@pytest.mark.parametrize(
    ("ends", "more", "code", "said"),
    [
        ([LATER], {"lock_lost": True}, 7, "lock"),
        ([DONE, LATER], {"lock_lost": True}, 4, "lock"),
        ([DONE], {"ledger_failure": "the ledger is read-only"}, 4, "ledger"),
        ([LATER], {"ledger_failure": "the ledger is read-only"}, 1, "ledger"),
        ([LATER], {"lock_lost": True, "ledger_failure": "the ledger is gone"}, 1, "lock"),
        ([DONE], {"interrupted": True, "ledger_failure": "the ledger is gone"}, 130, "ledger"),
    ],
)
def test_what_happens_to_the_run_as_a_whole(ends: list[Any], more: dict[str, Any], code: int, said: str) -> None:
    ended = outcome(Plan(changes=()), finished(*ends), **more)
    assert ended.exit_code == code
    assert said in ended.warnings[0]
