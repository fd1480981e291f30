"""`inferctl plan`: what would apply do? Only reads and dry runs are sent."""

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

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, OutputFlags, ReportFlags
    from inferctl.planner.plan import Permissions


@click.command("plan")
@paths_argument
@config_option
@connection_options
@plan_options
@report_options
@click.option("--out", metavar="FILE", help="Save the plan as well: inferctl apply FILE does just what it says.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are steps.")
@output_options
def command(
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
    from inferctl.cli.exits import plan_exit
    from inferctl.cli.inputs import files_or_exit, permissions, with_permit_warnings
    from inferctl.cli.ledger import ledger_for
    from inferctl.cli.output import style_for, write_reports
    from inferctl.cli.plan_file import check_out, write_plan_file
    from inferctl.cli.render import render_plan
    from inferctl.cli.secrets import checked_view
    from inferctl.cli.session import open_client
    from inferctl.exit_codes import Exit
    from inferctl.observe.cluster import plan_cluster, read_capabilities
    from inferctl.report.style import PLAIN

    check_out(out)
    loaded = files_or_exit(paths, config, connection, output)
    allowed = permissions(asked, loaded.settings)
    with open_client(connection, loaded.settings) as connected:
        client = connected.read_only()
        capabilities = read_capabilities(client)
        ledger = checked_view(ledger_for(client, loaded.settings), loaded.desired, capabilities.cluster_uuid)
        plan = plan_cluster(client, loaded.desired, allowed, capabilities=capabilities, ledger=ledger)
    if out is not None:
        write_plan_file(out, plan)  # without the warnings about permits: they name places in files
    plan = with_permit_warnings(plan, loaded.settings)
    click.echo(render_plan(plan, report.output_format, style_for(sys.stdout, output.color)), nl=False)
    if not write_reports(report.reports, lambda name: render_plan(plan, name, PLAIN)):
        return Exit.FAILED
    return plan_exit(plan, detailed=detailed_exitcode)
