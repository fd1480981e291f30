"""Throw-away endpoints: a replace tries its new settings on one before anything is removed.

A run that dies in between leaves one behind. With a ledger its record says whose it is, and the next run removes it.
Without one it could be of a run that is at work right now: it is named, never removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import Observation

PREFIX = "inferctl-trial-"


def is_trial(inference_id: str) -> bool:
    """Whether the id is one that a trial gets."""
    return inference_id.startswith(PREFIX)


def noted_trials(ledger: LedgerView | None) -> tuple[str, ...]:
    """Trials of our scope that nobody noted as ended, sorted."""
    if ledger is None:
        return ()
    return tuple(i for i in ledger.ids if ledger.owned[i].is_trial)


def trial_warnings(observation: Observation, ledger: LedgerView | None, declared: Iterable[str]) -> tuple[str, ...]:
    """What is there, is no file's, and is not for us to remove: one sentence each."""
    known = set(declared) | (set(ledger.owned) | set(ledger.unreadable) if ledger is not None else set())
    strange = [i for i in observation.endpoints if is_trial(i) and i not in known]
    broken = [i for i in noted_trials(ledger) if i in observation.unreadable]
    return tuple(
        f"{i} is a throw-away endpoint of a run that died or is at work: if none is, remove it (DELETE /_inference/{i})"
        for i in sorted(strange)
    ) + tuple(f"{i} was left behind by a run that died, and the server cannot read it" for i in broken)
