"""`inferctl apply`: plan, ask, write, read back, say what happened."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    lock_options,
    output_options,
    paths_argument,
    plan_options,
    report_options,
)

if TYPE_CHECKING:
    from inferctl.plan.plan import Plan
    from inferctl.report.progress import Progress


@click.command("apply")
@paths_argument
@config_option
@connection_options
@plan_options
@report_options
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@click.option("--parallelism", type=click.IntRange(1, 32), default=4, show_default=True, help="Writes at a time.")
@lock_options
@output_options
def command(
    paths: tuple[str, ...],
    config: str | None,
    yes: bool,
    parallelism: int,
    lock_timeout: float,
    no_lock: bool,
    **given: Any,
) -> int:
    """Make the cluster hold what the files say, and read it back.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    """
    from inferctl.apply.books import Books
    from inferctl.apply.interrupt import listening
    from inferctl.apply.runner import Options, Run
    from inferctl.cli.exits import Exit
    from inferctl.cli.flags import connection_flags, plan_flags
    from inferctl.cli.inputs import load, permissions, with_permit_warnings
    from inferctl.cli.ledger import ledger_for, locked, new_run, runner_of
    from inferctl.cli.output import parse_reports, print_diagnostics, style_for, write_reports
    from inferctl.cli.render import render_outcome, render_plan
    from inferctl.cli.secrets import resolve_for
    from inferctl.cli.session import open_client, set_up_logging
    from inferctl.cli.whoami import now
    from inferctl.observe.cluster import plan_cluster, read_capabilities
    from inferctl.report.progress import progress_for
    from inferctl.report.style import PLAIN

    reports = parse_reports(given["reports"])
    set_up_logging(given["verbose"])
    loaded = load(paths, config)
    print_diagnostics(loaded.diagnostics, given["color"], warnings_of_a_kind=3)
    if any(d.is_error for d in loaded.diagnostics):
        return Exit.FAILED
    style, errors_style = style_for(sys.stdout, given["color"]), style_for(sys.stderr, given["color"])
    product_is_text = given["output_format"] == "text"
    allowed = permissions(plan_flags(given), loaded.settings)
    runner = runner_of()
    with open_client(connection_flags(given), loaded.settings) as client:
        capabilities = read_capabilities(client)
        ledger = ledger_for(client, loaded.settings, serverless=capabilities.version.serverless)
        ledger.prepare()
        with locked(client, loaded.settings, runner, wanted=not no_lock, timeout_s=lock_timeout) as lease:
            plan = plan_cluster(
                client.read_only(), loaded.desired, allowed, capabilities=capabilities, ledger=ledger.view()
            )
            plan = with_permit_warnings(plan, loaded.settings)
            # In the other formats stdout holds one document: the outcome. The plan is then for the person at hand.
            click.echo(render_plan(plan, "text", style), nl=False, err=not product_is_text)
            if plan.runnable and not yes and not _approved(plan):
                return Exit.BLOCKED
            secrets = resolve_for(plan, dummies=given["emulator"])
            options = Options(parallelism=parallelism, force=allowed.force_delete)
            progress = _silent() if given["quiet"] else progress_for(sys.stderr, len(plan.runnable), errors_style)
            writing = client.guarding(secrets.values())
            books = Books(ledger, plan, new_run(runner, loaded.settings.scope or "", "apply"), now)
            with listening() as stop, progress as emit:
                if lease is not None:
                    lease.lost = lambda: stop.set("the loss of the lock")
                    writing = writing.checked(lease.check)
                outcome = Run(plan, writing, secrets, emit, stop, options, books).carry_out()
    click.echo(render_outcome(outcome, plan, given["output_format"], style), nl=False)
    write_reports(reports, lambda name: render_outcome(outcome, plan, name, PLAIN))
    return outcome.exit_code


def _silent() -> Progress:
    from inferctl.report.progress import PlainProgress

    return PlainProgress(lambda _line: None)


def _approved(plan: Plan) -> bool:
    if not sys.stdin.isatty():
        click.echo("error: no terminal to ask on. Add --yes to approve this plan.", err=True)
        return False
    return click.confirm(f"Apply {len(plan.runnable)} step(s)?", default=False, err=True)
