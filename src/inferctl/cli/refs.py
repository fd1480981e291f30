"""`inferctl refs`: who uses these endpoints? What a removal would ask, without a removal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import connection_options, output_options, text_or_json_option
from inferctl.cli.settings_options import config_option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.cli.options import ConnectionFlags, OutputFlags


@click.command("refs")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@config_option
@connection_options
@text_or_json_option
@output_options
def refs_command(
    ids: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    output_format: str,
    output: OutputFlags,
) -> int:
    """Show who uses these endpoints: pipelines, indexes, templates, endpoints on the same deployment.

    The server is asked by a dry run, and our own scan looks where the server does not. Changes nothing.
    """
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.output import known_secrets, style_for
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.cli.reports import this_command
    from inferctl.exit_codes import Exit
    from inferctl.observe.cluster import observe, read_capabilities
    from inferctl.observe.references import find_references
    from inferctl.report.json import to_json
    from inferctl.report.plan_text import refs_text
    from inferctl.report.plan_view import refs_view

    settings = settings_or_exit(config, output)
    with open_cluster(connection, settings) as cluster:
        client = cluster.client.read_only()
        capabilities = read_capabilities(client)
        observation = observe(client, ids, version=capabilities.version)
        _check(ids, observation.endpoints, observation.unreadable)
        wanted = {i: observation.endpoints[i] for i in dict.fromkeys(ids)}
        references = find_references(client, {i: e.task_type for i, e in wanted.items()}, observation)
    found = [(endpoint, references[i]) for i, endpoint in wanted.items()]
    reports = this_command()
    made = refs_view(capabilities, found, run=reports.named_run, pinned=reports.is_pinned)
    view = known_secrets().hide_in(made)
    text = to_json(view) if output_format == "json" else refs_text(view, style_for(sys.stdout, output.color))
    click.echo(text, nl=False)
    return Exit.OK


def _check(ids: Iterable[str], there: Iterable[str], unreadable: Iterable[str]) -> None:
    """Raises UsageError for ids that are not there, with the nearest ones that are; InputError for unreadable ones."""
    from inferctl.errors import InputError
    from inferctl.planner.selectors import refuse, unmatched_text

    known, broken = set(there), set(unreadable)
    absent = [i for i in dict.fromkeys(ids) if i not in known | broken]
    refuse([unmatched_text(i, i, "there is no such endpoint", known | broken) for i in absent])
    unread = [i for i in dict.fromkeys(ids) if i in broken]
    if unread:
        raise InputError(f"the server cannot read {', '.join(unread)}")
