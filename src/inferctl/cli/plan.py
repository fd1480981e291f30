"""`inferctl plan`: what would apply do? Only reads and dry runs are sent."""

from __future__ import annotations

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
    from inferctl.api.permissions import permitted, with_permit_warnings
    from inferctl.api.plan_file import check_out, write_plan
    from inferctl.api.session import reading
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.print_plan import plan_exit, print_plan
    from inferctl.cli.read_files import files_or_exit
    from inferctl.exit_codes import Exit

    check_out(out)
    loaded = files_or_exit(paths, config, connection, output)
    allowed = permitted(asked, loaded.settings)
    with open_cluster(connection, loaded.settings) as cluster:
        plan = reading(cluster).plan(loaded.desired, allowed)
    if out is not None:
        write_plan(out, plan)  # without the warnings about permits: they name places in files
    plan = with_permit_warnings(plan, loaded.settings)
    if not print_plan(plan, report, output):
        return Exit.FAILED
    return plan_exit(plan, detailed=detailed_exitcode)
