"""`inferctl apply`: plan, ask, write, read back, say what happened."""

from __future__ import annotations

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
    from inferctl.cli.carry_out import RunFlags, carry_out
    from inferctl.cli.inputs import files_or_exit, permissions, settings_or_exit
    from inferctl.cli.plan_file import plan_file_among, read_plan_file
    from inferctl.cli.secrets import within_bounds
    from inferctl.errors import UsageError
    from inferctl.planner.file.recheck import desired_of

    flags = RunFlags(connection, report, write, lock, output)
    plan_file = plan_file_among(paths)
    if plan_file is None:
        if skip_stale:
            raise UsageError("--skip-stale is for a saved plan: inferctl apply PLAN --skip-stale")
        loaded = files_or_exit(paths, config, connection, output)
        allowed = permissions(asked, loaded.settings)
        return carry_out("apply", loaded.desired, loaded.settings, allowed, flags)
    _refuse_other_steps(asked)
    saved = read_plan_file(plan_file)
    desired = within_bounds(desired_of(saved))
    # The settings file and the flags of this run say what is permitted; the plan says what is to be done.
    settings = settings_or_exit(config, output, permits=True)
    allowed = permissions(asked, settings)
    return carry_out("apply", desired, settings, allowed, flags, saved, skip_stale=skip_stale)


def _refuse_other_steps(asked: Permissions) -> None:
    from inferctl.errors import UsageError

    for flag, patterns in (
        ("--target", asked.target), ("--exclude", asked.exclude), ("--send-secrets", asked.send_secrets)
    ):  # fmt: skip
        if patterns:
            raise UsageError(f"{flag} would change what the saved plan does: give it to plan --out")
