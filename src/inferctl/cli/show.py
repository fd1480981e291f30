"""`inferctl show`: what a saved plan says. No cluster is asked, no other file is read."""

from __future__ import annotations

import sys
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
    from inferctl.cli.exits import plan_exit
    from inferctl.cli.output import style_for, write_reports
    from inferctl.cli.plan_file import read_plan_file
    from inferctl.cli.render import render_plan
    from inferctl.exit_codes import Exit
    from inferctl.report.style import PLAIN

    plan = read_plan_file(plan_file)
    click.echo(render_plan(plan, report.output_format, style_for(sys.stdout, output.color)), nl=False)
    if not write_reports(report.reports, lambda name: render_plan(plan, name, PLAIN)):
        return Exit.FAILED
    return plan_exit(plan, detailed=True) if detailed_exitcode else Exit.OK
