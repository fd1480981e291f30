"""Replaces that a run did not end: what became of the endpoint, and what this plan does about it. Pure.

The record of an endpoint bears the intent "replace" from before its delete until the new one is there
(docs/explanation/ledger.md#what-a-run-notes-and-when).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.planner.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.planner.change import Change
    from inferctl.planner.ownership import LedgerView


def unfinished_replaces(ledger: LedgerView | None, changes: Iterable[Change]) -> tuple[str, ...]:
    """One sentence for each, sorted by id."""
    if ledger is None:
        return ()
    ids = sorted(i for i, owned in ledger.owned.items() if owned.scope == ledger.scope and owned.is_replaced)
    by_id = {change.inference_id: change for change in changes} if ids else {}
    return tuple(f"a run did not end the replace of {i}: {_what_now(by_id.get(i))}" for i in ids)


def _what_now(change: Change | None) -> str:
    if change is None:
        return "this plan does not look at it"
    there = _there(change)
    if change.action is Action.NOOP:
        return there
    if not change.will_run:
        return f"{there}, and the {change.action.word} is {change.standing.word}"
    first = " first" if change.action is Action.CREATE else ""
    return f"{there}, and this plan will {change.action.word} it{first}"


def _there(change: Change) -> str:
    if change.observed is None:
        return "it is not there"
    if change.desired is None:
        return "it is there, and no file declares it any more"
    if any(not field.sensitive for field in change.fields):
        return "it is there, with other settings than its file"
    doubt = ", and which secret it has nobody knows" if change.fields else ""
    return f"it is there, as declared{doubt}"
