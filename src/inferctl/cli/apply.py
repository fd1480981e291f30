"""`inferctl apply`, `destroy` and `rotate`: the commands that write endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import (
    connection_options,
    lock_options,
    output_options,
    paths_argument,
    plan_options,
    removal_options,
    report_options,
    rotate_options,
    write_options,
)
from inferctl.cli.reports import ReportingCommand, this_command
from inferctl.cli.settings_options import config_option, environments_option
from inferctl.cli.several import ReportingInEnvironments

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags, WriteFlags
    from inferctl.planner.plan import DesiredSet, Permissions


@click.command("apply", cls=ReportingInEnvironments)
@paths_argument
@environments_option
@connection_options
@plan_options
@click.option("--skip-stale", is_flag=True, help="Of a saved plan: leave out the steps that have moved.")
@report_options
@write_options
@lock_options
@output_options
def apply_command(
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
    from inferctl.api.load import beyond_bounds, saved_work
    from inferctl.api.permissions import permitted
    from inferctl.api.plan_file import plan_file_among
    from inferctl.cli.plan_and_apply import RunFlags, plan_and_apply
    from inferctl.cli.read_files import files_or_exit, plan_from, settings_or_exit
    from inferctl.errors import UsageError

    flags = RunFlags(connection, report, write, lock, output)
    plan_file = plan_file_among(paths)
    if plan_file is None:
        if skip_stale:
            raise UsageError("--skip-stale is for a saved plan: inferctl apply PLAN --skip-stale")
        loaded = files_or_exit(paths, config, connection, output, asked)
        allowed = permitted(asked, loaded.settings, this_command().bounds)
        return plan_and_apply("apply", loaded.desired, allowed, loaded.settings, flags)
    bounds, saved = this_command().bounds, saved_work(plan_from(plan_file), asked)
    # The settings file and the flags of this run say what is permitted; the plan says what is to be done.
    beside = beyond_bounds(saved, bounds)
    settings = settings_or_exit(config, output, asked, permits=True, beside=beside, planned_for=saved.environment)
    return plan_and_apply("apply", saved, permitted(asked, settings, bounds), settings, flags, skip_stale=skip_stale)


@click.command("destroy", cls=ReportingCommand)
@config_option
@connection_options
@removal_options
@report_options
@write_options
@lock_options
@output_options
def destroy_command(
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

    asked = replace(asked, allow_delete=True)
    settings = settings_or_exit(config, output, asked, permits=True)
    allowed = permitted(asked, settings, this_command().bounds)
    flags = RunFlags(connection, report, write, lock, output)
    everything = DesiredSet((), emptied=True, emptied_within=asked.manage)
    return plan_and_apply("destroy", everything, allowed, settings, flags)


@click.command("rotate", cls=ReportingInEnvironments)
@click.argument("inference_ids", nargs=-1, metavar="[ID]...")
@environments_option
@connection_options
@click.option("--unknown", is_flag=True, help="Those whose secrets nobody of us has sent: of ID, or of all.")
@rotate_options
@report_options
@write_options
@lock_options
@output_options
def rotate_command(
    inference_ids: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    unknown: bool,
    asked: Permissions,
    report: ReportFlags,
    write: WriteFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Send the secrets of endpoints again. ID is an id or a glob over the ids that the files declare.

    All secrets of an endpoint go together. What else differs from the file is changed with it, as by apply; nothing
    is created, and nothing else is removed.
    """
    from dataclasses import replace

    from inferctl.api.permissions import permitted
    from inferctl.cli.plan_and_apply import RunFlags, plan_and_apply
    from inferctl.cli.read_files import files_or_exit

    if not (inference_ids or unknown):
        raise click.UsageError("Name the endpoints, or say --unknown.")
    loaded = files_or_exit((), config, connection, output, asked)
    wanted = _wanted(inference_ids, loaded.desired)
    asked = replace(asked, send_secrets=tuple(sorted(wanted)), only_rotates=True)
    allowed = permitted(asked, loaded.settings, this_command().bounds)
    flags = RunFlags(connection, report, write, lock, output)
    selected = replace(loaded.desired, selected=wanted, only_unknown=unknown)
    return plan_and_apply("rotate", selected, allowed, loaded.settings, flags)


def _wanted(patterns: tuple[str, ...], desired: DesiredSet) -> frozenset[str]:
    """The declared ids that have a secret and match, or all; UsageError for a pattern that means none."""
    from inferctl.planner.ownership import matches
    from inferctl.planner.selectors import refuse_undeclared

    refuse_undeclared(patterns, desired, with_secrets=True)
    return frozenset(
        e.inference_id for e in desired.endpoints if e.secrets and matches(e.inference_id, patterns or ("*",))
    )
