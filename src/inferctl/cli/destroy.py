"""`inferctl destroy`: remove every endpoint that is ours, with all guards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    lock_options,
    output_options,
    removal_options,
    report_options,
    write_options,
)

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags, WriteFlags
    from inferctl.planner.plan import Permissions


@click.command("destroy")
@config_option
@connection_options
@removal_options
@report_options
@write_options
@lock_options
@output_options
def command(
    config: str | None,
    connection: ConnectionFlags,
    asked: Permissions,
    report: ReportFlags,
    write: WriteFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Remove all endpoints of our scope; without a ledger, all that `--manage` matches. No file is read.

    References, protections and shared deployments block a removal here too. So does --max-deletes: to remove
    everything, say --max-deletes 100%.
    """
    from dataclasses import replace

    from inferctl.api.permissions import permitted
    from inferctl.cli.plan_and_apply import RunFlags, plan_and_apply
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.planner.plan import DesiredSet

    settings = settings_or_exit(config, output, permits=True)
    allowed = permitted(replace(asked, allow_delete=True), settings)
    flags = RunFlags(connection, report, write, lock, output)
    return plan_and_apply("destroy", DesiredSet((), emptied=True), allowed, settings, flags)
