"""How a run ended -> its source form. Takes no clock: the same values give the same form."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, cast

from inferctl.applier.events import ABSENT, AS_BEFORE, AS_DECLARED, NOT_READY, UNKNOWN, Left, Result
from inferctl.applier.verdict import verdict_of
from inferctl.json_types import path_text
from inferctl.planner.action import Action, Standing
from inferctl.report.fixes import fixes_view
from inferctl.report.next_step import DOWN, command_of, next_step
from inferctl.report.plan_view import NO_RUN, blocks_view, cluster_view, stops_view, verdict_view
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.shape.run import OutcomeLists, OutcomeSummary

if TYPE_CHECKING:
    from inferctl.applier.events import StepFinished
    from inferctl.applier.outcome import Outcome
    from inferctl.planner.change import Change
    from inferctl.report.shape.run import OutcomeView, StepView, ThisRunView

# A step that apply never spoke of: what its standing in the plan says.
_RESULT_OF: dict[Standing, Result] = {
    Standing.READY: Result.NOT_STARTED,
    Standing.HELD: Result.HELD,
    Standing.BLOCKED: Result.BLOCKED,
    Standing.UNKNOWN: Result.BLOCKED,
}
_STATE_OF: dict[Result, str] = {
    Result.DONE: AS_DECLARED,
    Result.NOT_READY: NOT_READY,
    Result.UNKNOWN: UNKNOWN,
    Result.IGNORED: Left.OTHER.value,
}


def outcome_view(
    outcome: Outcome, run: ThisRunView = NO_RUN, *, again: str = "", pinned: bool | None = None
) -> OutcomeView:
    """What became of every step of the plan. The last word on an endpoint counts.

    `run` did it, and `again` is what was typed for it; "" where nobody typed it. `pinned`: see `cluster_view`.
    """
    plan = outcome.plan
    finished = {result.inference_id: result for result in outcome.results}
    planned = {change.inference_id: change for change in plan.changes}
    lists: dict[str, list[StepView]] = {name: [] for name in OutcomeLists.__annotations__}
    ended_as: Counter[str] = Counter()
    states: dict[str, str] = {}
    for inference_id in sorted(finished.keys() | planned.keys()):
        change, result = planned.get(inference_id), finished.get(inference_id)
        is_declared = change is not None and change.desired is not None
        if result is None and change is not None and not change.counts and change.standing is Standing.READY:
            ended_as["noop"] += 1
            states |= {inference_id: AS_DECLARED} if is_declared else {}
            continue
        ended = result.result if result else _RESULT_OF[change.standing if change else Standing.READY]
        name = _key(Result.FAILED if ended is Result.IGNORED else ended)
        step = _step(inference_id, change, result, ended)
        lists[name].append(step)
        ended_as.update({name, _key(ended)})
        states |= {inference_id: step["state"]} if is_declared else {}
    stops = stops_view(plan)
    view = {
        "format_version": FORMAT_VERSION,
        "kind": "apply",
        "run": run,
        "cluster": cluster_view(plan.capabilities, pinned=pinned),
        "scope": plan.scope,
        "verdict": verdict_view(verdict_of(outcome)),
        "summary": {name: ended_as[name] for name in OutcomeSummary.__annotations__},
        "down": [inference_id for inference_id, state in states.items() if state in DOWN],
        "live": [inference_id for inference_id, state in states.items() if state == AS_DECLARED],
        "not_live": [inference_id for inference_id, state in states.items() if state != AS_DECLARED],
        "next": next_step(lists, stops, outcome.warnings, again or command_of(run)),
        "stops": stops,
        "warnings": list(outcome.warnings),
        **lists,
    }
    return cast("OutcomeView", view)


def _key(result: Result) -> str:
    """`not_ready`: the list, or the count, of what ended so."""
    return result.value.replace(" ", "_")


def _step(inference_id: str, change: Change | None, result: StepFinished | None, ended: Result) -> StepView:
    action = result.action if result else change.action if change else Action.NOOP
    cause = result.cause if result else None
    return {
        "id": inference_id,
        "task_type": change.task_type if change else "",
        "service": change.service if change else "",
        "action": action.word,
        "symbol": action.symbol,
        "result": ended.value,
        "state": _state(change, result, ended),
        "down_since": result.down_since if result else "",
        "detail": result.detail if result else "",
        "why": cause.text if cause else "",
        "fixes": fixes_view(cause.fixes) if cause else [],
        "leaves": sorted(path_text(path) for path in result.leaves) if result else [],
        "wrote": result.wrote if result else False,
        "elapsed_s": round(result.elapsed_s, 3) if result and math.isfinite(result.elapsed_s) else 0.0,
        "blocks": blocks_view(change) if change else [],
    }


def _state(change: Change | None, result: StepFinished | None, ended: Result) -> str:
    """What is there now: what the step found, else what follows from how it ended and from what was there before."""
    if result is not None and result.left is not None:
        return result.left.value
    if ended in _STATE_OF:
        return _STATE_OF[ended]
    if change is not None and change.is_lost:
        return Left.DOWN.value  # by an earlier run, and nobody has begun to create it
    return ABSENT if change is None or change.observed is None else AS_BEFORE
