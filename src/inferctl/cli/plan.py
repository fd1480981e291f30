"""`inferctl plan` and `inferctl show`: a plan on stdout and in reports. Only reads and dry runs are sent."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import (
    connection_options,
    lock_options,
    output_options,
    paths_argument,
    plan_options,
    report_options,
)
from inferctl.cli.reports import ReportingCommand, this_command
from inferctl.cli.settings_options import environments_option
from inferctl.cli.several import ReportingInEnvironments
from inferctl.exit_codes import Exit

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags
    from inferctl.exit_codes import Verdict
    from inferctl.planner.plan import DesiredSet, Permissions, Plan
    from inferctl.workspace.settings import Settings


@click.command("plan", cls=ReportingInEnvironments)
@paths_argument
@environments_option
@connection_options
@plan_options
@report_options
@click.option("--out", metavar="FILE", help="Save the plan as well: inferctl apply FILE does just what it says.")
@click.option("--check", is_flag=True, help="Exit with the code that apply would end with.")
@click.option(
    "--assume-secrets", is_flag=True, help="With --check: secrets that are not set here are set where apply runs."
)
@click.option("--skip-stale", is_flag=True, help="Of a saved plan: leave out the steps that have moved.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are steps.")
@lock_options
@output_options
def plan_command(
    paths: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    asked: Permissions,
    report: ReportFlags,
    out: str | None,
    check: bool,
    assume_secrets: bool,
    skip_stale: bool,
    detailed_exitcode: bool,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Show what apply would do.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    PATH can be one saved plan: then what an apply of it would do now.
    """
    from inferctl.api.permissions import permitted, with_permit_warnings
    from inferctl.api.plan_file import check_out, plan_file_among, write_plan
    from inferctl.api.session import reading
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.output import known_secrets

    _tell_what_is_open(connection, report, out)
    check_out(out)
    plan_file = plan_file_among(paths)
    _check_flags(plan_file, out, check=check, detailed=detailed_exitcode, assume=assume_secrets, skip=skip_stale)
    work, settings = _work(plan_file, paths, config, connection, asked, output)
    allowed = permitted(asked, settings, this_command().bounds)
    with open_cluster(connection, settings, lock) as cluster:
        session = reading(cluster, work)
        holder = session.lock_holder() if check else ""
        session.check_selectors(work, allowed)
        plan = with_permit_warnings(session.plan(work, allowed, skip_stale=skip_stale), settings, work, allowed)
        verdict = session.verdict(
            plan, assume_secrets=assume_secrets or not check, holder=holder, saved=out is not None
        )
    if out is not None:
        write_plan(out, plan, known_secrets=known_secrets())
    if not print_plan(plan, report, output, verdict):
        return Exit.FAILED
    return verdict.exit_code if check else plan_exit(plan, detailed=detailed_exitcode)


def _tell_what_is_open(connection: ConnectionFlags, report: ReportFlags, out: str | None) -> None:
    """With -v in a CI job: what it has not set for pull requests of strangers."""
    logger = logging.getLogger("inferctl.untrusted")
    if not logger.isEnabledFor(logging.INFO):
        return
    from inferctl.api.untrusted_job import JobFacts, is_ci_job, left_open, paths_of
    from inferctl.operator_bounds.read import checkouts_of

    if not is_ci_job(os.environ):
        return
    environment = this_command().environment
    facts = JobFacts(
        os.environ,
        this_command().bounds,
        tuple(checkouts_of(Path.cwd(), os.environ)),
        tuple(
            Path(os.path.realpath(path)) for path in (*(path for _, path in report.reports), *([out] if out else ()))
        ),
        {name: Path(os.path.realpath(path)) for name, path in paths_of(os.environ, environment).items()},
        address_given=connection.url is not None,
        insecure=connection.insecure,
        environment=environment,
    )
    found = [f"{need.what.replace('`', '')}: {named}" for need, named in left_open(facts)]
    if found:
        logger.info("open for pull requests of strangers, see docs/how-to/untrusted-pull-requests.md:")
    for line in found:
        logger.info("- %s", line)


def _check_flags(
    plan_file: str | None, out: str | None, *, check: bool, detailed: bool, assume: bool, skip: bool
) -> None:
    """Raises UsageError for flags that do not go together."""
    from inferctl.errors import UsageError

    if check and detailed:
        raise UsageError("--check and --detailed-exitcode each say what the exit code means: give one of them")
    if assume and not check:
        raise UsageError("--assume-secrets goes with --check")
    if skip and plan_file is None:
        raise UsageError("--skip-stale is for a saved plan: inferctl plan PLAN --skip-stale")
    if out is not None and plan_file is not None:
        raise UsageError(f"--out: {plan_file} is a saved plan already")


def _work(
    plan_file: str | None,
    paths: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    asked: Permissions,
    output: OutputFlags,
) -> tuple[DesiredSet | Plan, Settings]:
    """What is to be planned, and the settings for it: from the files, or from a plan that was saved."""
    from inferctl.api.load import beyond_bounds, saved_work
    from inferctl.cli.read_files import files_or_exit, plan_from, settings_or_exit

    if plan_file is None:
        loaded = files_or_exit(paths, config, connection, output, asked)
        return loaded.desired, loaded.settings
    saved = saved_work(plan_from(plan_file), asked)
    beside = beyond_bounds(saved, this_command().bounds)
    settings = settings_or_exit(config, output, asked, permits=True, beside=beside, planned_for=saved.environment)
    return saved, settings


@click.command("show", cls=ReportingCommand)
@click.argument("plan_file", metavar="PLAN")
@report_options
@click.option("--detailed-exitcode", is_flag=True, help="End as plan would: 2 for steps, 3 for what is to be decided.")
@output_options
def show_command(plan_file: str, report: ReportFlags, detailed_exitcode: bool, output: OutputFlags) -> int:
    """Show a plan that `plan --out` saved.

    The file is checked: its format, its digest, and that it declares what it shows. Whether the cluster is still as it
    was then, apply finds out.
    """
    from inferctl.api.run_secrets import verdict
    from inferctl.cli.read_files import plan_from
    from inferctl.planner.file.plan_again import with_fixes_by_planning

    plan = with_fixes_by_planning(plan_from(plan_file))
    this_command().environment = plan.environment
    if not print_plan(
        plan, report, output, verdict(plan, os.environ, this_command().bounds.secrets, assume_secrets=True)
    ):
        return Exit.FAILED
    return plan_exit(plan, detailed=True) if detailed_exitcode else Exit.OK


def print_plan(plan: Plan, report: ReportFlags, output: OutputFlags, verdict: Verdict) -> bool:
    """The plan to the files of `--report`, and to stdout, which may have no reader. Whether all files were written."""
    from inferctl.cli.output import style_for

    reports = this_command()
    reports.verdict = verdict
    written = reports.settle(plan)
    click.echo(reports.render(plan, report.output_format, style_for(sys.stdout, output.color)), nl=False)
    return written


def plan_exit(plan: Plan, *, detailed: bool) -> Exit:
    """3 for limits, ownership and protection; else 2 with `--detailed-exitcode` when there are, or may be, steps."""
    from inferctl.applier.outcome import is_refused
    from inferctl.planner.action import BlockKind

    if is_refused(plan):
        return Exit.STALE
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
