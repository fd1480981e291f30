"""The one line that somebody needs after a run that did not end well: what to do, and what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.applier.events import Left

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inferctl.report.shape.base import FixView
    from inferctl.report.shape.run import StepView, StopView

# Lists of an outcome: what is begun and not done, the worst first; then what was not started.
BEGUN = ("failed", "unknown", "not_ready")
NOT_STARTED = ("held", "blocked", "not_started")
# States of an endpoint that nobody can use.
DOWN = (Left.DOWN.value, Left.MAYBE_DOWN.value)


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
    known = [stop["fixes"] for stop in stops if stop["guard"] != "stale"]  # a new plan is in `again`
    for step in waiting:
        known += [step["fixes"], *(block["fixes"] for block in step["blocks"] if block["kind"] != "stale")]
    fixes = next(filter(None, known), [])
    return then(fixes, again) if fixes or waiting or warnings else ""


def _is_held_delete(step: StepView) -> bool:
    return step["action"] == "delete" and step["result"] == "held"


def then(fixes: Sequence[FixView], again: str) -> str:
    """The first fix that stands on one line, and the command. A line to copy leads nobody to force anything."""
    fix = next((fix for fix in fixes if "\n" not in fix["text"] and "--force" not in fix["text"]), None)
    if fix is None:
        return again
    return f"{again} {fix['text']}" if fix["kind"] == "flag" else f"{fix['text']}, then: {again}"
