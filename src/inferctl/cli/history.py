"""`inferctl history`: who ran when, from which commit, and what came of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import config_option, connection_options, output_options

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, OutputFlags


@click.command("history")
@click.argument("inference_id", required=False, metavar="[ID]")
@config_option
@connection_options
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="How many runs.")
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="What to print.")
@output_options
def command(
    inference_id: str | None,
    config: str | None,
    connection: ConnectionFlags,
    most: int,
    output_format: str,
    output: OutputFlags,
) -> int:
    """Show the last runs of the scope, newest first; with ID those that touched that endpoint."""
    from inferctl.api.ledger import index_ledger
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.report.json import to_json
    from inferctl.report.text import history_text
    from inferctl.report.view import history_view

    settings = settings_or_exit(config, output)
    with open_cluster(connection, settings) as cluster:
        runs = index_ledger(cluster, cluster.client.read_only()).history(inference_id, most=most)
    if output_format == "json":
        text = to_json(history_view(runs))
    else:
        ascii_only = not (sys.stdout.encoding or "ascii").lower().startswith("utf")
        text = history_text(runs, inference_id, ascii_only=ascii_only)
    click.echo(text, nl=False)
    return Exit.OK
