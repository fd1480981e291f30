"""`inferctl apply`: plan, ask, write, read back, say what happened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    lock_options,
    output_options,
    paths_argument,
    plan_options,
    report_options,
    write_options,
)

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags, WriteFlags
    from inferctl.planner.plan import Permissions


@click.command("apply")
@paths_argument
@config_option
@connection_options
@plan_options
@click.option("--skip-stale", is_flag=True, help="Of a saved plan: leave out the steps that have moved.")
@report_options
@write_options
@lock_options
@output_options
def command(
    paths: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    asked: Permissions,
    skip_stale: bool,
    report: ReportFlags,
    write: WriteFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Make the cluster hold what the files say, and read it back.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    PATH can be one saved plan: then just its steps are done, and none if something has moved since.
    """
    from inferctl.api.load import saved_work
    from inferctl.api.permissions import permitted
    from inferctl.api.plan_file import plan_file_among, read_plan
    from inferctl.cli.plan_and_apply import RunFlags, plan_and_apply
    from inferctl.cli.read_files import files_or_exit, settings_or_exit
    from inferctl.errors import UsageError

    flags = RunFlags(connection, report, write, lock, output)
    plan_file = plan_file_among(paths)
    if plan_file is None:
        if skip_stale:
            raise UsageError("--skip-stale is for a saved plan: inferctl apply PLAN --skip-stale")
        loaded = files_or_exit(paths, config, connection, output)
        allowed = permitted(asked, loaded.settings)
        return plan_and_apply("apply", loaded.desired, allowed, loaded.settings, flags)
    saved = saved_work(read_plan(plan_file), asked, os.environ)
    # The settings file and the flags of this run say what is permitted; the plan says what is to be done.
    settings = settings_or_exit(config, output, permits=True)
    return plan_and_apply("apply", saved, permitted(asked, settings), settings, flags, skip_stale=skip_stale)
