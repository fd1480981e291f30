"""What `plan` and `show` exit with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.exit_codes import Exit
from inferctl.planner.action import BlockKind

if TYPE_CHECKING:
    from inferctl.planner.plan import Plan

# What somebody has to decide before the plan can go on. References and held steps are only shown:
# they may be gone by the time of the apply.
_STOPS_A_PLAN = frozenset(
    {
        BlockKind.NOT_OURS,
        BlockKind.OUTSIDE_MANAGE,
        BlockKind.RESERVED,
        BlockKind.PROTECTED,
        BlockKind.IMPOSSIBLE,
        BlockKind.UNREADABLE,
    }
)


def plan_exit(plan: Plan, *, detailed: bool) -> Exit:
    """3 for limits, ownership and protection; else 2 with `--detailed-exitcode` when there are steps."""
    if plan.stops or any(block.kind in _STOPS_A_PLAN for change in plan.changes for block in change.blocks):
        return Exit.BLOCKED
    if detailed and not plan.is_empty:
        return Exit.CHANGES
    return Exit.OK
