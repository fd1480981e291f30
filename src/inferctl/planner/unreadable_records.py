"""Endpoints whose ledger record cannot be read: what a plan says of those that no file declares.

Those that a file declares are blocked where they are decided. Nobody's endpoint is what the ledger does not hold at
all; one whose record is damaged may be anybody's, so it is neither adopted nor removed nor forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.planner.ownership import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.planner.context import Context
    from inferctl.planner.ownership import LedgerView, UnreadableRecord
    from inferctl.planner.plan import Observation

_NAMED = 10


def unclear_endpoints(observation: Observation, context: Context) -> dict[str, UnreadableRecord]:
    """Those that are there, and whose record says that they are ours and little else that can be read."""
    ledger, manage = context.ledger, context.permissions.manage
    if ledger is None:
        return {}
    return {
        inference_id: record
        for inference_id, record in ledger.unreadable.items()
        if record.scope == ledger.scope
        and inference_id in observation.endpoints
        and (not manage or matches(inference_id, manage))
    }


def record_warnings(ledger: LedgerView | None, in_plan: Iterable[str]) -> tuple[str, ...]:
    """What of the ledger cannot be read and may be ours, and no step of the plan names it."""
    if ledger is None:
        return ()
    named = set(in_plan)
    ours = sorted(i for i, r in ledger.unreadable.items() if i not in named and r.scope in ("", ledger.scope))
    warnings = [
        f"the ledger record of {i} cannot be read, so nothing of it is touched ({ledger.unreadable[i]}): "
        f"inferctl ledger repair {i}"
        for i in ours[:_NAMED]
    ]
    if len(ours) > _NAMED:
        more = len(ours) - _NAMED
        warnings.append(f"{more} more ledger records cannot be read: inferctl ledger check names them")
    return (*ledger.warnings, *warnings)
