"""`inferctl verify`: are the endpoints well now? Readiness and inference calls on demand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import connection_options, output_options, text_or_json_option
from inferctl.cli.settings_options import environments_option
from inferctl.cli.several import InEnvironments

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.planner.plan import DesiredSet


@click.command("verify", cls=InEnvironments)
@click.argument("inference_ids", nargs=-1, metavar="[ID]...")
@environments_option
@connection_options
@text_or_json_option
@output_options
def verify_command(
    inference_ids: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    output_format: str,
    output: OutputFlags,
) -> int:
    """Look whether endpoints work. ID is an id or a glob over the ids that the files declare; without ID: all.

    A model in the cluster must run. The probe of each file is made; without one a short text is sent where that costs
    next to nothing. These calls may cost money. Nothing is changed, the ledger neither.
    """
    from dataclasses import replace

    from inferctl.api.permissions import permitted
    from inferctl.api.session import reading
    from inferctl.applier.check_up import Verdict, check_up
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.output import known_secrets, style_for
    from inferctl.cli.read_files import files_or_exit
    from inferctl.cli.reports import this_command
    from inferctl.exit_codes import Exit
    from inferctl.planner.plan import Permissions
    from inferctl.report.json import to_json
    from inferctl.report.verify import verify_text, verify_view

    loaded = files_or_exit((), config, connection, output, Permissions())
    selected = _wanted(inference_ids, loaded.desired)
    # A look at endpoints leaves nothing else out.
    of_endpoints = replace(loaded.desired, selected=selected, region_policy=None)
    with open_cluster(connection, loaded.settings) as cluster:
        allowed = permitted(Permissions(), loaded.settings, cluster.bounds)
        plan = reading(cluster, loaded.desired).plan(of_endpoints, allowed)
        found = check_up(plan, cluster.client)
    code = Exit.NOT_READY if any(one.verdict is Verdict.NOT_GOOD for one in found) else Exit.OK
    reports = this_command()
    made = verify_view(found, code, plan, run=reports.named_run, pinned=reports.is_pinned)
    view = known_secrets().hide_in(made)
    reports.view = view
    text = to_json(view) if output_format == "json" else verify_text(view, style_for(sys.stdout, output.color))
    click.echo(text, nl=False)
    return code


def _wanted(patterns: tuple[str, ...], desired: DesiredSet) -> frozenset[str]:
    """Raises UsageError for a name or a glob that means none."""
    from inferctl.planner.ownership import matches
    from inferctl.planner.selectors import refuse_undeclared

    refuse_undeclared(patterns, desired)
    declared = (endpoint.inference_id for endpoint in desired.endpoints)
    return frozenset(name for name in declared if not patterns or matches(name, patterns))
