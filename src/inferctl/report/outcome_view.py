"""How a run ended -> its source form. Takes no clock: the same values give the same form."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, cast

from inferctl.applier.events import Result
from inferctl.applier.outcome import Outcome
from inferctl.applier.verdict import verdict_of
from inferctl.exit_codes import Exit
from inferctl.json_types import path_text
from inferctl.planner.action import Action, Standing
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.shape.run import OutcomeLists, OutcomeSummary
from inferctl.report.view import NO_RUN, blocks_view, cluster_view, stops_view, verdict_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.applier.events import StepFinished
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan
    from inferctl.report.shape.run import OutcomeView, StepView, ThisRunView

# A step that apply never spoke of: what its standing in the plan says.
_RESULT_OF: dict[Standing, Result] = {
    Standing.READY: Result.NOT_STARTED,
    Standing.HELD: Result.HELD,
    Standing.BLOCKED: Result.BLOCKED,
    Standing.UNKNOWN: Result.BLOCKED,
}


def outcome_view(
    results: Sequence[StepFinished],
    exit_code: int,
    plan: Plan,
    warnings: Sequence[str] = (),
    run: ThisRunView = NO_RUN,
) -> OutcomeView:
    """What became of every step of the plan. The last word on an endpoint counts. `run` did it."""
    finished = {result.inference_id: result for result in results}
    planned = {change.inference_id: change for change in plan.changes}
    lists: dict[str, list[StepView]] = {name: [] for name in OutcomeLists.__annotations__}
    ended_as: Counter[str] = Counter()
    for inference_id in sorted(finished.keys() | planned.keys()):
        change, result = planned.get(inference_id), finished.get(inference_id)
        if result is None and change is not None and not change.counts and change.standing is Standing.READY:
            ended_as["noop"] += 1
            continue
        ended = result.result if result else _RESULT_OF[change.standing if change else Standing.READY]
        name = _key(Result.FAILED if ended is Result.IGNORED else ended)
        lists[name].append(_step(inference_id, change, result, ended))
        ended_as.update({name, _key(ended)})
    view = {
        "format_version": FORMAT_VERSION,
        "kind": "apply",
        "run": run,
        "cluster": cluster_view(plan.capabilities),
        "scope": plan.scope,
        "verdict": verdict_view(verdict_of(Outcome(tuple(results), Exit(exit_code), plan, tuple(warnings)))),
        "exit_code": int(exit_code),
        "summary": {name: ended_as[name] for name in OutcomeSummary.__annotations__},
        "stops": stops_view(plan),
        "warnings": list(warnings),
        **lists,
    }
    return cast("OutcomeView", view)


def _key(result: Result) -> str:
    """`not_ready`: the list, or the count, of what ended so."""
    return result.value.replace(" ", "_")


def _step(inference_id: str, change: Change | None, result: StepFinished | None, ended: Result) -> StepView:
    action = result.action if result else change.action if change else Action.NOOP
    return {
        "id": inference_id,
        "task_type": change.task_type if change else "",
        "service": change.service if change else "",
        "action": action.word,
        "symbol": action.symbol,
        "result": ended.value,
        "detail": result.detail if result else "",
        "leaves": sorted(path_text(path) for path in result.leaves) if result else [],
        "wrote": result.wrote if result else False,
        "elapsed_s": round(result.elapsed_s, 3) if result and math.isfinite(result.elapsed_s) else 0.0,
        "blocks": blocks_view(change) if change else [],
    }
