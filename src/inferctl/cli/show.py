"""`inferctl show`: what a saved plan says. No cluster is asked, no other file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import output_options, report_options

if TYPE_CHECKING:
    from inferctl.cli.options import OutputFlags, ReportFlags


@click.command("show")
@click.argument("plan_file", metavar="PLAN")
@report_options
@click.option("--detailed-exitcode", is_flag=True, help="End as plan would: 2 for steps, 3 for what is to be decided.")
@output_options
def command(plan_file: str, report: ReportFlags, detailed_exitcode: bool, output: OutputFlags) -> int:
    """Show a plan that `plan --out` saved.

    The file is checked: its format, its digest, and that it declares what it shows. Whether the cluster is still as it
    was then, apply finds out.
    """
    from inferctl.api.plan_file import read_plan
    from inferctl.cli.print_plan import plan_exit, print_plan
    from inferctl.exit_codes import Exit

    plan = read_plan(plan_file)
    if not print_plan(plan, report, output):
        return Exit.FAILED
    return plan_exit(plan, detailed=True) if detailed_exitcode else Exit.OK
