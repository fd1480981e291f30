"""How a run ended: every step's result, and the exit code that follows from them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.applier.events import Result, StepFinished
from inferctl.exit_codes import Exit
from inferctl.planner.action import Action, Standing
from inferctl.planner.plan import Guard
from inferctl.planner.renames import renames

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan

_FAILED = frozenset({Result.FAILED, Result.IGNORED, Result.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Results sorted by id (no-ops left out), the exit code (docs/reference/exit-codes.md), the plan carried out.

    `warnings` are about the run as a whole: a ledger that could not be written.
    """

    results: tuple[StepFinished, ...]
    exit_code: Exit
    plan: Plan
    warnings: tuple[str, ...] = ()


_LOCK_LOST = "the lock was lost: another run may be at work, so nothing more was sent"
_UNSEEN = "not all endpoints could be read: there may be more of ours to remove"


def outcome(
    plan: Plan,
    finished: Iterable[StepFinished],
    *,
    interrupted: bool = False,
    lock_lost: bool = False,
    ended_by: Iterable[str] = (),
    ledger_failure: str = "",
) -> Outcome:
    """Join what ran with what the plan held back or blocked. `ended_by`: what else kept the run from its end."""
    results = {result.inference_id: result for result in finished}
    renamed = renames(plan.changes)
    for change in plan.steps:
        results.setdefault(change.inference_id, _not_run(change, plan, renamed.get(change.inference_id)))
    ordered = tuple(results[inference_id] for inference_id in sorted(results))
    code = exit_code(plan, ordered, interrupted=interrupted)
    early = tuple(f"the run was ended by {what}: nothing more was begun" for what in ended_by)
    warnings = (*((_LOCK_LOST,) if lock_lost else ()), *early, *((ledger_failure,) if ledger_failure else ()))
    if (lock_lost or ledger_failure) and code not in (Exit.INTERRUPTED, Exit.PARTIAL):
        wrote = any(_may_have_written(result) for result in ordered)
        code = Exit.PARTIAL if wrote else Exit.FAILED if ledger_failure else Exit.LOCKED
    return Outcome(ordered, code, plan, (*warnings, *((_UNSEEN,) if plan.unseen else ())))


def _not_run(change: Change, plan: Plan, rename: str | None) -> StepFinished:
    reasons = "; ".join([*(block.text for block in change.blocks), *([rename] if rename else [])])
    if change.standing is Standing.HELD:
        return StepFinished(change.inference_id, change.action, Result.HELD, reasons)
    if change.standing is Standing.UNKNOWN or change.standing is Standing.BLOCKED:
        return StepFinished(change.inference_id, change.action, Result.BLOCKED, reasons)
    why = "a limit stopped the run" if plan.stops else "the run ended before it"
    if is_refused(plan):
        why = "another step is stale"
    return StepFinished(change.inference_id, change.action, Result.NOT_STARTED, why)


def is_refused(plan: Plan) -> bool:
    """Whether nothing of a saved plan is done, because something has moved."""
    return any(stop.guard is Guard.STALE for stop in plan.stops)


def exit_code(plan: Plan, results: Iterable[StepFinished], *, interrupted: bool) -> Exit:
    """Precedence 130, 4, 1, 3, 5, 6. A held delete is only a warning; a held replace is not.

    1 promises that nothing was written: where something was, or nobody knows, it is 4. 3 says that nothing failed. A
    saved plan that is refused as stale is 5 whatever else stands in it: how its other steps stand is out of date too. A
    step that was not started is never 0, and neither is a run that could not see all that it has to remove.
    """
    listed = tuple(results)
    if interrupted:
        return Exit.INTERRUPTED
    if is_refused(plan):
        return Exit.STALE
    ended_as = {result.result for result in listed}
    # That a limit lets nothing begin is no failure.
    wrong = ended_as & (_FAILED if plan.stops else _FAILED | {Result.NOT_STARTED})
    wrote = any(map(_may_have_written, listed))
    if wrong or plan.unseen:
        return Exit.PARTIAL if wrote else Exit.FAILED
    blocked = {result.inference_id for result in listed if result.result is Result.BLOCKED}
    stale = {change.inference_id for change in plan.changes if change.is_stale}
    held = any(result.result is Result.HELD and result.action is Action.REPLACE for result in listed)
    if plan.stops or held or blocked - stale or (blocked and wrote):
        return Exit.BLOCKED
    if blocked:
        return Exit.STALE
    return Exit.NOT_READY if Result.NOT_READY in ended_as else Exit.OK


def _may_have_written(result: StepFinished) -> bool:
    """Of an unknown result nobody can say that nothing was written."""
    return result.wrote or result.result is Result.UNKNOWN
