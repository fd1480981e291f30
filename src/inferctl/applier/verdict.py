"""What an apply of a plan would end with, and why; and the same of one that is over. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from inferctl.applier.events import Result, StepFinished
from inferctl.applier.outcome import outcome
from inferctl.exit_codes import Exit, Verdict
from inferctl.model.fact_words import first_of
from inferctl.planner.action import WRITING, Action
from inferctl.planner.plan import Guard
from inferctl.planner.renames import renames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.applier.outcome import Outcome
    from inferctl.planner.plan import Plan

_NAMED_IN_TEXT = 3
_WRONG = frozenset({Exit.FAILED, Exit.PARTIAL})
_UNDECIDED = frozenset({Exit.BLOCKED})
# Which codes it can lead to, what is said of one, and of several; what needs a person soonest comes first.
_KINDS: dict[str, tuple[frozenset[Exit], str, str]] = {
    "failed": (_WRONG, "1 step failed", "{} steps failed"),
    "ignored": (_WRONG, "1 step was ignored by the server", "{} steps were ignored by the server"),
    "unknown": (_WRONG, "the result of 1 step is unknown", "the results of {} steps are unknown"),
    "not started": (_WRONG | {Exit.LOCKED}, "1 step was not started", "{} steps were not started"),
    "limit": (_UNDECIDED, "1 limit was reached", "{} limits were reached"),
    "blocked": (_UNDECIDED, "1 step is blocked", "{} steps are blocked"),
    "refused": (_UNDECIDED, "1 step was refused since the plan", "{} steps were refused since the plan"),
    "replace held": (_UNDECIDED, "1 replace is held back", "{} replaces are held back"),
    "stale": (_UNDECIDED | {Exit.STALE}, "1 step is stale", "{} steps are stale"),
    "not ready": (frozenset({Exit.NOT_READY}), "1 endpoint is not ready", "{} endpoints are not ready"),
    "delete held": (frozenset({Exit.OK}), "1 delete is held back", "{} deletes are held back"),
}


def foreseen(plan: Plan) -> Outcome:
    """How an apply of the plan ends where every step that is ready is done."""
    done = [
        StepFinished(change.inference_id, change.action, Result.DONE, wrote=change.action in WRITING)
        for change in plan.runnable
    ]
    return outcome(plan, done)


def verdict_of_plan(
    plan: Plan,
    *,
    missing: Sequence[str] = (),
    assumed: Sequence[str] = (),
    holder: str = "",
    doubt: str = "",
) -> Verdict:
    """What an apply of the same files, with the same permissions, would end with.

    `missing` are secrets that it needs and cannot have, `assumed` those that may be set where it runs. `holder` is the
    run that holds the lock for longer than an apply waits, `doubt` says why it may be another cluster than is meant.
    """
    ended = foreseen(plan)
    phrases, reasons = _why(ended)
    code = ended.exit_code
    if doubt:  # nothing is done before somebody says which cluster is meant
        code, phrases = Exit.BLOCKED, ["the cluster is not confirmed"]
        reasons = (doubt, *reasons)
    elif holder:  # nothing is looked at without the lock
        code, phrases = Exit.LOCKED, ["another run holds the lock"]
        reasons = (f"the lock is held by {holder}", *reasons)
    elif missing:  # and nothing is written without all secrets
        words = "1 secret cannot be had" if len(missing) == 1 else f"{len(missing)} secrets cannot be had"
        code, phrases = Exit.FAILED, [f"{words}: {first_of(missing)}" if len(missing) <= _NAMED_IN_TEXT else words]
        reasons = (f"{words}: {first_of(missing)}", *reasons)
    looks = plan.runnable if code is Exit.OK else ()  # any other code goes before that of an endpoint that is not well
    unwell = [change.inference_id for change in looks if change.action in (Action.VERIFY, Action.REPAIR)]
    assumptions = [
        (what, names, noun)
        for what, names, noun in (
            ("assumed to be set", assumed, "secrets"),
            ("assumed to be well by then", unwell, "endpoints"),
        )
        if names
    ]
    short = "; ".join(
        f"{what}: {first_of(names) if len(names) <= _NAMED_IN_TEXT else f'{len(names)} {noun}'}"
        for what, names, noun in assumptions
    )
    text = _sentence(f"apply would end with {code:d}", phrases) + (f" ({short})" if short else "")
    return Verdict(code, text, (*reasons, *(f"{what}: {first_of(names)}" for what, names, _ in assumptions)))


def verdict_of(ended: Outcome) -> Verdict:
    """What a run ended with."""
    phrases, reasons = _why(ended)
    return Verdict(ended.exit_code, _sentence(f"exit code {ended.exit_code:d}", phrases), reasons)


def _sentence(head: str, phrases: list[str]) -> str:
    return f"{head}: {', '.join(phrases)}" if phrases else head


def _why(ended: Outcome) -> tuple[list[str], tuple[str, ...]]:
    """What the code comes from, in short; and all that is not as declared, with the ids."""
    seen = _seen(ended)
    phrases, reasons = [], []
    for kind, (codes, one, several) in _KINDS.items():
        if kind in seen:
            words = one if len(seen[kind]) == 1 else several.format(len(seen[kind]))
            reasons.append(f"{words}: {first_of(seen[kind])}")
            if ended.exit_code in codes:
                phrases.append(words)
    return phrases or _of_the_run(ended), (*reasons, *renames(ended.plan.changes).values(), *ended.warnings)


def _seen(ended: Outcome) -> dict[str, list[str]]:
    """By kind: the ids of the steps that ended so, the limits that were reached."""
    seen: defaultdict[str, list[str]] = defaultdict(list)
    stale = {change.inference_id for change in ended.plan.blocked if change.is_stale}
    begun = {change.inference_id for change in ended.plan.runnable}
    for stop in ended.plan.stops:
        if stop.guard is not Guard.STALE:  # its steps say so
            seen["limit"].append(f"{stop.guard.value} ({stop.text})")
    for step in ended.results:
        if step.result is Result.HELD:
            seen["replace held" if step.action is Action.REPLACE else "delete held"].append(step.inference_id)
        elif step.inference_id in stale:
            seen["stale"].append(step.inference_id)
        elif step.result is Result.BLOCKED and step.inference_id in begun:
            seen["refused"].append(f"{step.inference_id} ({' '.join(step.detail.split())})")
        # Where a limit or a stale step stopped all, that nothing else began follows from it.
        elif step.result is not Result.DONE and not (step.result is Result.NOT_STARTED and ended.plan.stops):
            seen[step.result.value].append(step.inference_id)
    return seen


def _of_the_run(ended: Outcome) -> list[str]:
    """What the code comes from where it is no step."""
    if ended.exit_code is Exit.INTERRUPTED:
        return ["the run was interrupted"]
    if ended.exit_code is Exit.LOCKED:
        return ["the lock was lost"]
    if ended.exit_code in _WRONG:
        return ["not all endpoints could be read" if ended.plan.unseen else "the ledger could not be written"]
    return []
