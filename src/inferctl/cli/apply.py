"""`inferctl apply`: plan, ask, write, read back, say what happened."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

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
    from inferctl.plan.plan import Plan


@click.command("apply")
@paths_argument
@config_option
@connection_options
@plan_options
@report_options
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@click.option("--parallelism", type=click.IntRange(1, 32), default=4, show_default=True, help="Writes at a time.")
@output_options
def command(paths: tuple[str, ...], config: str | None, yes: bool, parallelism: int, **given: Any) -> int:
    """Make the cluster hold what the files say, and read it back.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    """
    from inferctl.cli.exits import Exit  # noqa: PLC0415
    from inferctl.cli.flags import connection_flags, plan_flags  # noqa: PLC0415
    from inferctl.cli.inputs import load_or_fail, permissions  # noqa: PLC0415
    from inferctl.cli.output import parse_reports, print_diagnostics, style_for, write_reports  # noqa: PLC0415
    from inferctl.cli.render import render_outcome, render_plan  # noqa: PLC0415
    from inferctl.cli.secrets import resolve_for  # noqa: PLC0415
    from inferctl.cli.session import open_client, set_up_logging  # noqa: PLC0415
    from inferctl.observe.cluster import plan_cluster  # noqa: PLC0415
    from inferctl.report.style import PLAIN  # noqa: PLC0415

    reports = parse_reports(given["reports"])
    set_up_logging(given["verbose"])
    loaded = load_or_fail(paths, config)
    print_diagnostics(loaded.diagnostics, given["color"])
    style = style_for(sys.stdout, given["color"])
    product_is_text = given["output_format"] == "text"
    allowed = permissions(plan_flags(given), loaded.settings)
    with open_client(connection_flags(given), loaded.settings) as client:
        plan = plan_cluster(client.read_only(), loaded.desired, allowed)
        # In the other formats stdout holds one document: the outcome. The plan is then for the person at hand.
        click.echo(render_plan(plan, "text", style), nl=False, err=not product_is_text)
        if plan.runnable and not yes and not _approved(plan):
            return Exit.BLOCKED
        secrets = resolve_for(plan, dummies=given["emulator"])
        outcome = _carry_out(plan, client, secrets, parallelism, allowed.force_delete, quiet=given["quiet"])
    click.echo(render_outcome(outcome, plan, given["output_format"], style), nl=False)
    write_reports(reports, lambda name: render_outcome(outcome, plan, name, PLAIN))
    return outcome.exit_code


def _approved(plan: Plan) -> bool:
    if not sys.stdin.isatty():
        click.echo("error: no terminal to ask on. Add --yes to approve this plan.", err=True)
        return False
    return click.confirm(f"Apply {len(plan.runnable)} step(s)?", default=False, err=True)
