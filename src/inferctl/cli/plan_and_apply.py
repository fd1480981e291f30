"""Plan, ask, write, read back, say what happened: what `apply`, `rotate` and `destroy` have in common."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from inferctl.cli.reports import this_command

if TYPE_CHECKING:
    from inferctl.applier.interrupt import StopSignal
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

    `work` is what should be there, or a plan that was made before: that one is done as it was, or not at all. An
    interruption before the first write raises KeyboardInterrupt that says so.
    """
    stop = this_command().stop
    if flags.write.deadline_s is not None:
        stop.ends_within(flags.write.deadline_s)
    try:
        return _run(command, work, allowed, settings, flags, stop, skip_stale=skip_stale)
    except (click.Abort, KeyboardInterrupt):
        if stop.patient:
            raise
        raise KeyboardInterrupt("nothing was written") from None


def _run(
    command: str,
    work: DesiredSet | Plan,
    allowed: Permissions,
    settings: Settings,
    flags: RunFlags,
    stop: StopSignal,
    *,
    skip_stale: bool,
) -> int:
    from inferctl.api.permissions import with_permit_warnings
    from inferctl.api.session import writing
    from inferctl.applier.outcome import is_refused, outcome
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.output import typed_again
    from inferctl.cli.question import confirming
    from inferctl.exit_codes import Exit
    from inferctl.planner.file.plan_again import plan_again
    from inferctl.planner.plan import Plan
    from inferctl.report.failure import Failure

    with (
        open_cluster(flags.connection, settings, flags.lock) as cluster,
        writing(
            cluster,
            work,
            stop,
            allowed,
            identity=this_command().identity,
            confirm=confirming(first=flags.write.first, may_ask=not flags.write.yes),
        ) as session,
    ):
        plan = with_permit_warnings(session.plan(work, allowed, skip_stale=skip_stale), settings, work, allowed)
        heard = _show(plan, flags)
        planned_by = plan_again(work.file, work.environment, work.typed_for_plan).text if isinstance(work, Plan) else ""
        again = typed_again(planned_by)
        if is_refused(plan):
            return _tell(outcome(plan, ()), flags, again, heard=heard)
        # What would stop the run is told before anybody is asked to approve it.
        secrets = session.secrets_for(plan)
        if plan.runnable and not flags.write.yes and not stop.is_set() and not _approved(plan):
            this_command().fail(Failure(Exit.BLOCKED, "not-approved", "the plan was not approved: nothing was sent"))
            return Exit.BLOCKED
        stop.patient = True  # from here on the first signal costs nobody the report
        with _progress(plan, flags.output) as emit:
            finished = session.write(
                plan,
                secrets,
                emit,
                command=command,
                force=allowed.forced,
                parallelism=flags.write.parallelism,
                replace_timeout_s=flags.write.replace_timeout,
            )
        # Before the lock is released: that can take its time, and somebody may lose patience meanwhile.
        code = _tell(finished, flags, again, heard=heard)
        stop.over = True
        session.tidy(finished)
    return code


def _show(plan: Plan, flags: RunFlags) -> bool:
    """The plan, before anything is asked or written. Whether stdout can take what is still to come.

    In the other formats stdout holds one document, the outcome: the plan is then for the person at hand. So it is where
    stdout takes nothing: what was approved with --yes is done all the same.
    """
    from inferctl.cli.output import show, style_for, tell

    text = this_command().render(plan, "text", style_for(sys.stdout, flags.output.color)) + "\n"
    if flags.report.output_format != "text":
        show(text, err=True)
        return True
    problem = show(text)
    if problem:
        tell(f"warning: the plan cannot be written to stdout: {problem}")
        show(text, err=True)
    return not problem


def _approved(plan: Plan) -> bool:
    from inferctl.cli.output import tell
    from inferctl.cli.question import is_confirmed
    from inferctl.report.sentences import counted

    if not sys.stdin.isatty():
        tell("error: no terminal to ask on, so nothing was sent. Add --yes to approve this plan.")
        return False
    environment = this_command().environment
    to = f" to {environment}" if environment else ""
    try:
        approved = is_confirmed(f"Apply {counted(len(plan.runnable), 'step')}{to}?")
    except OSError:  # nobody sees the question
        return False
    if not approved:
        tell("Not approved: nothing was sent.")
    return approved


def _progress(plan: Plan, output: OutputFlags) -> Progress:
    from inferctl.cli.output import known_secrets, style_for
    from inferctl.report.progress import PlainProgress, progress_for

    if output.quiet:
        return PlainProgress(lambda _line: None)
    return progress_for(sys.stderr, len(plan.runnable), style_for(sys.stderr, output.color), known_secrets().hide)


def _tell(finished: Outcome, flags: RunFlags, again: str, *, heard: bool) -> int:
    """Print how it ended, write the reports, and answer the exit code: what was done is done, whoever can hear it.

    `again` is what is to be typed to run it again. `heard`: stdout took the plan.
    """
    from inferctl.api.render import render
    from inferctl.cli.output import known_secrets, show, style_for, tell

    reports, style = this_command(), style_for(sys.stdout, flags.output.color)
    reports.again = again
    reports.settle(finished)
    if flags.report.output_format == "text":  # there the plan, printed above, names the run
        problem = show(render(finished, style=style, again=again, known_secrets=known_secrets()))
    else:
        problem = show(reports.render(finished, flags.report.output_format))
    if problem:
        tell(f"warning: the result cannot be written to stdout: {problem}")
    if problem or not heard:
        show(render(finished, again=again, known_secrets=known_secrets()), err=True)
    return finished.exit_code
