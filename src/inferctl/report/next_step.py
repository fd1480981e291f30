"""The one line that somebody needs after a run that did not end well: what to do, and what to type."""

from __future__ import annotations

import re
import shlex
from operator import itemgetter
from typing import TYPE_CHECKING

from inferctl.applier.events import Left
from inferctl.report.fixes import of_anybody, one_fix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inferctl.report.shape.base import FixView
    from inferctl.report.shape.run import StepView, StopView, ThisRunView

# Lists of an outcome: what is begun and not done, the worst first; then what was not started.
BEGUN = ("failed", "unknown", "not_ready")
NOT_STARTED = ("held", "blocked", "not_started")
# States of an endpoint that nobody can use.
DOWN = (Left.DOWN.value, Left.MAYBE_DOWN.value)
# Flags of which the last one counts: what a fix says stands in the place of what was typed.
_OF_ONE_VALUE = re.compile(r"(--(?:env|url|lock-timeout|max-changes|max-deletes)) ")
_MOST_FLAGS = 5  # more of them, one for each id, are too many to type


def next_step(
    lists: Mapping[str, Sequence[StepView]], stops: Sequence[StopView], warnings: Sequence[str], again: str
) -> str:
    """What is down comes first, then what failed, then what stopped the run or waits; "" where all is as declared.

    `again` is the command that ran. Every command looks first what is there, so it may be typed again as it is.
    """
    begun = [step for name in BEGUN for step in lists[name]]
    begun.sort(key=lambda step: (step["state"] not in DOWN, not step["fixes"]))
    if begun:
        return then(begun[0]["fixes"], again)
    waiting = [step for name in NOT_STARTED for step in lists[name]]
    # A held delete leaves all as declared: while anything else waits, its flag would remove what nobody asked about.
    waiting = [step for step in waiting if not _is_held_delete(step)] or waiting
    if lists["not_started"] and not stops:  # interrupted: what is held was not why
        waiting = list(lists["not_started"])
    known = [stop["fixes"] for stop in stops if stop["guard"] != "stale"]  # a new plan is in `again`
    fixes = next(filter(None, known), None) or _of_all_alike(waiting)
    return then(fixes, again) if fixes or waiting or warnings else ""


def _of_all_alike(waiting: Sequence[StepView]) -> list[FixView]:
    """What lifts the first that can be lifted, and all that wait for the same."""
    of_each = [(step["id"], _fixes_of(step)) for step in waiting]
    first_id, first = next(filter(itemgetter(1), of_each), ("", []))
    common = [of_anybody(fix, first_id) for fix in first]
    alike = [fixes for name, fixes in of_each if [of_anybody(fix, name) for fix in fixes] == common]
    merged = [fix for fixes in zip(*alike, strict=True) if (fix := one_fix(fixes, _MOST_FLAGS))["text"]]
    if len(merged) < len(first) and all("\n" in fix["text"] for fix in merged):
        return [{"kind": "edit", "text": f"add the permits of these steps to {merged[0]['file']}", "file": ""}]
    return merged


def _fixes_of(step: StepView) -> list[FixView]:
    of_blocks = (block["fixes"] for block in step["blocks"] if block["kind"] != "stale")
    return step["fixes"] or next(filter(None, of_blocks), [])


def _is_held_delete(step: StepView) -> bool:
    return step["action"] == "delete" and step["result"] == "held"


def command_of(run: ThisRunView) -> str:
    """What runs it again, as far as the run itself tells."""
    environment = run.get("environment", "")
    return f"inferctl {run['command'] or 'apply'}{f' --env {shlex.quote(environment)}' if environment else ''}"


def then(fixes: Sequence[FixView], again: str) -> str:
    """The first fix that stands on one line, and the command. A line to copy leads nobody to force anything."""
    fix = next((fix for fix in fixes if "\n" not in fix["text"] and "--force" not in fix["text"]), None)
    if fix is None:
        return again
    if "&& inferctl apply " in fix["text"]:  # of a saved plan: it plans and applies again by itself
        return fix["text"]
    if (one := _OF_ONE_VALUE.match(fix["text"])) is not None:
        again = re.sub(rf" {one[1]}[ =]\S+", "", again)
    return f"{again} {fix['text']}" if fix["kind"] == "flag" else f"{fix['text']}, then: {again}"
