"""`inferctl plan` and `inferctl show`: a plan on stdout and in reports. Only reads and dry runs are sent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    output_options,
    paths_argument,
    plan_options,
    report_options,
)
from inferctl.exit_codes import Exit

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, OutputFlags, ReportFlags
    from inferctl.planner.plan import Permissions, Plan


@click.command("plan")
@paths_argument
@config_option
@connection_options
@plan_options
@report_options
@click.option("--out", metavar="FILE", help="Save the plan as well: inferctl apply FILE does just what it says.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are steps.")
@output_options
def plan_command(
    paths: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    asked: Permissions,
    report: ReportFlags,
    out: str | None,
    detailed_exitcode: bool,
    output: OutputFlags,
) -> int:
    """Show what apply would do.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    """
    from inferctl.api.permissions import permitted, with_permit_warnings
    from inferctl.api.plan_file import check_out, write_plan
    from inferctl.api.session import reading
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.read_files import files_or_exit

    check_out(out)
    loaded = files_or_exit(paths, config, connection, output)
    allowed = permitted(asked, loaded.settings)
    with open_cluster(connection, loaded.settings) as cluster:
        session = reading(cluster)
        session.check_selectors(loaded.desired, allowed)
        plan = with_permit_warnings(session.plan(loaded.desired, allowed), loaded.settings)
    if out is not None:
        write_plan(out, plan)
    if not print_plan(plan, report, output):
        return Exit.FAILED
    return plan_exit(plan, detailed=detailed_exitcode)


@click.command("show")
@click.argument("plan_file", metavar="PLAN")
@report_options
@click.option("--detailed-exitcode", is_flag=True, help="End as plan would: 2 for steps, 3 for what is to be decided.")
@output_options
def show_command(plan_file: str, report: ReportFlags, detailed_exitcode: bool, output: OutputFlags) -> int:
    """Show a plan that `plan --out` saved.

    The file is checked: its format, its digest, and that it declares what it shows. Whether the cluster is still as it
    was then, apply finds out.
    """
    from inferctl.api.plan_file import read_plan

    plan = read_plan(plan_file)
    if not print_plan(plan, report, output):
        return Exit.FAILED
    return plan_exit(plan, detailed=True) if detailed_exitcode else Exit.OK


def print_plan(plan: Plan, report: ReportFlags, output: OutputFlags) -> bool:
    """The plan to stdout and to the files of `--report`. Whether all were written."""
    from inferctl.api.render import render
    from inferctl.cli.output import style_for, write_reports

    click.echo(render(plan, report.output_format, style_for(sys.stdout, output.color)), nl=False)
    return write_reports(report.reports, lambda name: render(plan, name))


def plan_exit(plan: Plan, *, detailed: bool) -> Exit:
    """3 for limits, ownership and protection; else 2 with `--detailed-exitcode` when there are, or may be, steps."""
    from inferctl.planner.action import BlockKind

    # What somebody has to decide before the plan can go on. References and held steps are only shown:
    # they may be gone by the time of the apply.
    to_decide = {
        BlockKind.NOT_OURS,
        BlockKind.OUTSIDE_MANAGE,
        BlockKind.RESERVED,
        BlockKind.PROTECTED,
        BlockKind.IMPOSSIBLE,
        BlockKind.UNREADABLE,
        BlockKind.RECORD_UNREADABLE,
    }
    if plan.stops or any(block.kind in to_decide for change in plan.changes for block in change.blocks):
        return Exit.BLOCKED
    if detailed and (plan.unseen or not plan.is_empty):
        return Exit.CHANGES
    return Exit.OK
