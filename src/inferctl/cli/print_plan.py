"""A plan on stdout and in reports, and the exit code that goes with it: what `plan` and `show` have in common."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.exit_codes import Exit
from inferctl.planner.action import BlockKind

if TYPE_CHECKING:
    from inferctl.cli.options import OutputFlags, ReportFlags
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


def print_plan(plan: Plan, report: ReportFlags, output: OutputFlags) -> bool:
    """The plan to stdout and to the files of `--report`. Whether all were written."""
    from inferctl.api.render import render
    from inferctl.cli.output import style_for, write_reports

    click.echo(render(plan, report.output_format, style_for(sys.stdout, output.color)), nl=False)
    return write_reports(report.reports, lambda name: render(plan, name))


def plan_exit(plan: Plan, *, detailed: bool) -> Exit:
    """3 for limits, ownership and protection; else 2 with `--detailed-exitcode` when there are steps."""
    if plan.stops or any(block.kind in _STOPS_A_PLAN for change in plan.changes for block in change.blocks):
        return Exit.BLOCKED
    if detailed and not plan.is_empty:
        return Exit.CHANGES
    return Exit.OK
