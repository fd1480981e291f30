"""Plan, ask, write, read back, say what happened: what `apply`, `rotate` and `destroy` have in common."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from inferctl.applier.outcome import Outcome
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags, WriteFlags
    from inferctl.planner.plan import DesiredSet, Permissions, Plan
    from inferctl.report.progress import Progress
    from inferctl.workspace.settings import Settings


@dataclass(frozen=True, slots=True)
class RunFlags:
    """The flags of a command that writes, by what they are about."""

    connection: ConnectionFlags
    report: ReportFlags
    write: WriteFlags
    lock: LockFlags
    output: OutputFlags


def plan_and_apply(
    command: str,
    work: DesiredSet | Plan,
    allowed: Permissions,
    settings: Settings,
    flags: RunFlags,
    *,
    skip_stale: bool = False,
) -> int:
    """One run of `command` under the lock of its scope, and its exit code.

    `work` is what should be there, or a plan that was made before: that one is done as it was, or not at all.
    """
    from inferctl.api.permissions import with_permit_warnings
    from inferctl.api.session import writing
    from inferctl.applier.interrupt import listening
    from inferctl.applier.outcome import is_refused, outcome
    from inferctl.cli.connect import open_cluster
    from inferctl.exit_codes import Exit

    with (
        open_cluster(flags.connection, settings, flags.lock) as cluster,
        writing(cluster, work) as session,
    ):
        plan = with_permit_warnings(session.plan(work, allowed, skip_stale=skip_stale), settings)
        _show(plan, flags)
        if is_refused(plan):
            return _tell(outcome(plan, ()), flags)
        # What would stop the run is told before anybody is asked to approve it.
        secrets = session.secrets_for(plan)
        if plan.runnable and not flags.write.yes and not _approved(plan):
            return Exit.BLOCKED
        with listening() as stop, _progress(plan, flags.output) as emit:
            finished = session.write(
                plan,
                secrets,
                emit,
                stop,
                command=command,
                force=allowed.force_delete,
                parallelism=flags.write.parallelism,
            )
    return _tell(finished, flags)


def _show(plan: Plan, flags: RunFlags) -> None:
    """The plan, before anything is asked or written.

    In the other formats stdout holds one document, the outcome: the plan is then for the person at hand.
    """
    from inferctl.api.render import render
    from inferctl.cli.output import style_for

    text = render(plan, "text", style_for(sys.stdout, flags.output.color))
    click.echo(text, err=flags.report.output_format != "text")


def _approved(plan: Plan) -> bool:
    from inferctl.report.sentences import counted

    if not sys.stdin.isatty():
        click.echo("error: no terminal to ask on. Add --yes to approve this plan.", err=True)
        return False
    return click.confirm(f"Apply {counted(len(plan.runnable), 'step')}?", default=False, err=True)


def _progress(plan: Plan, output: OutputFlags) -> Progress:
    from inferctl.cli.output import style_for
    from inferctl.report.progress import PlainProgress, progress_for

    if output.quiet:
        return PlainProgress(lambda _line: None)
    return progress_for(sys.stderr, len(plan.runnable), style_for(sys.stderr, output.color))


def _tell(finished: Outcome, flags: RunFlags) -> int:
    """Print how it ended, write the reports, and answer the exit code."""
    from inferctl.api.render import render
    from inferctl.cli.output import drop_stdout, style_for, write_reports

    try:
        click.echo(render(finished, flags.report.output_format, style_for(sys.stdout, flags.output.color)), nl=False)
        sys.stdout.flush()
    except OSError as error:
        # The reader went away (`inferctl apply | head`), or the disk is full. What was done is done: the exit code
        # still says it.
        drop_stdout()
        if not isinstance(error, BrokenPipeError):
            click.echo(f"warning: the result cannot be written to stdout: {error.strerror}", err=True)
            click.echo(render(finished), err=True, nl=False)
    write_reports(flags.report.reports, lambda name: render(finished, name))
    return finished.exit_code
