"""The exit codes, in one table (docs/reference/exit-codes.md shows the same one).

click's own 2 for bad usage would read as "changes present" in a CI job, so usage errors exit with 64.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from inferctl.plan.action import BlockKind

if TYPE_CHECKING:
    from inferctl.plan.plan import Plan


class Exit(IntEnum):
    """What the number means to the job that reads it."""

    OK = 0
    FAILED = 1  # before any write to _inference: input, server, network
    CHANGES = 2  # only with --detailed-exitcode
    BLOCKED = 3  # nothing written; a permission, a limit or an approval is missing
    PARTIAL = 4  # something written, and not everything worked
    STALE = 5
    NOT_READY = 6
    LOCKED = 7
    USAGE = 64
    INTERRUPTED = 130


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
