"""Plan, ask, write, read back, say what happened: what `apply` and `destroy` have in common."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from inferctl.applier.outcome import Outcome
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags, WriteFlags
    from inferctl.client.sync import InferenceClient
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


def carry_out(
    command: str,
    desired: DesiredSet,
    settings: Settings,
    allowed: Permissions,
    flags: RunFlags,
    saved: Plan | None = None,
    *,
    skip_stale: bool = False,
) -> int:
    """One run of `command` under the lock of its scope, and its exit code.

    `saved` is a plan that was made before, from `desired`: it is done as it was, or not at all.
    """
    from inferctl.applier.interrupt import listening
    from inferctl.applier.ledger_notes import LedgerNotes, noting
    from inferctl.applier.outcome import is_refused, outcome
    from inferctl.applier.runner import Options, Run
    from inferctl.cli.inputs import with_permit_warnings
    from inferctl.cli.ledger import ledger_for, locked, new_run, runner_of
    from inferctl.cli.output import style_for
    from inferctl.cli.render import render_plan
    from inferctl.cli.secrets import checked_view, fingerprints_of, resolve_for
    from inferctl.cli.session import open_client
    from inferctl.cli.whoami import now
    from inferctl.exit_codes import Exit
    from inferctl.observe.cluster import plan_cluster, plan_saved, read_capabilities
    from inferctl.planner.file.recheck import check_target
    from inferctl.report.progress import progress_for

    style, errors_style = style_for(sys.stdout, flags.output.color), style_for(sys.stderr, flags.output.color)
    product_is_text = flags.report.output_format == "text"
    runner = runner_of()
    with open_client(flags.connection, settings) as client:
        capabilities = read_capabilities(client)
        check_target(saved, capabilities, settings.values.ledger_scope or "")
        ledger = ledger_for(client, settings, serverless=capabilities.version.serverless)
        ledger.prepare()
        lock = locked(client, settings, runner, flags.lock)
        with lock as lease:
            view = checked_view(ledger, desired, capabilities.cluster_uuid)
            if saved is None:
                plan = plan_cluster(client.read_only(), desired, allowed, capabilities=capabilities, ledger=view)
            else:
                plan = plan_saved(client.read_only(), saved, allowed, capabilities, view, skip_stale=skip_stale)
            plan = with_permit_warnings(plan, settings)
            # In the other formats stdout holds one document: the outcome. The plan is then for the person at hand.
            click.echo(render_plan(plan, "text", style), err=not product_is_text)
            if is_refused(plan):
                return _told(outcome(plan, ()), plan, flags)
            # What would stop the run is told before anybody is asked to approve it.
            _check_privilege(client, plan)
            secrets = resolve_for(plan, dummies=flags.connection.emulator)
            if plan.runnable and not flags.write.yes and not _approved(plan):
                return Exit.BLOCKED
            options = Options(parallelism=flags.write.parallelism, force=allowed.force_delete)
            progress = _silent() if flags.output.quiet else progress_for(sys.stderr, len(plan.runnable), errors_style)
            writing = client.guarding(secrets.values())
            fingerprints = fingerprints_of(ledger, capabilities.cluster_uuid, make=bool(secrets))
            notes = LedgerNotes(
                ledger, plan, new_run(runner, settings.values.scope or "", command), now,
                before=view.owned if view else {},
                fingerprint=noting(fingerprints, secrets) if fingerprints else None,
            )  # fmt: skip
            with listening() as stop, progress as emit:
                if lease is not None:
                    lease.lost = lambda: stop.set("the loss of the lock")
                    writing = writing.checked(lease.check)
                finished = Run(plan, writing, secrets, emit, stop, options, notes).carry_out()
    return _told(finished, plan, flags)


def _check_privilege(client: InferenceClient, plan: Plan) -> None:
    """Raises Forbidden before a secret is read or the ledger written, where endpoints may not be written."""
    from inferctl.client.privilege_check import ENDPOINT_WRITES, require_privileges
    from inferctl.planner.action import WRITING

    if any(change.action in WRITING for change in plan.runnable):
        require_privileges(client, ENDPOINT_WRITES)


def _told(finished: Outcome, plan: Plan, flags: RunFlags) -> int:
    """Print how it ended, write the reports, and answer the exit code."""
    from inferctl.cli.output import drop_stdout, style_for, write_reports
    from inferctl.cli.render import render_outcome
    from inferctl.report.style import PLAIN

    style = style_for(sys.stdout, flags.output.color)
    try:
        click.echo(render_outcome(finished, plan, flags.report.output_format, style), nl=False)
        sys.stdout.flush()
    except OSError as error:
        # The reader went away (`inferctl apply | head`), or the disk is full. What was done is done: the exit code
        # still says it.
        drop_stdout()
        if not isinstance(error, BrokenPipeError):
            click.echo(f"warning: the result cannot be written to stdout: {error.strerror}", err=True)
            click.echo(render_outcome(finished, plan, "text", PLAIN), err=True, nl=False)
    write_reports(flags.report.reports, lambda name: render_outcome(finished, plan, name, PLAIN))
    return finished.exit_code


def _silent() -> Progress:
    from inferctl.report.progress import PlainProgress

    return PlainProgress(lambda _line: None)


def _approved(plan: Plan) -> bool:
    from inferctl.report.sentences import counted

    if not sys.stdin.isatty():
        click.echo("error: no terminal to ask on. Add --yes to approve this plan.", err=True)
        return False
    return click.confirm(f"Apply {counted(len(plan.runnable), 'step')}?", default=False, err=True)
