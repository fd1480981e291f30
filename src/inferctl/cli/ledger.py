"""`inferctl history` and `inferctl unlock`: what the ledger holds beside ownership."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import config_option, connection_options, output_options, text_or_json_option

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.client.documents import StoredDocument


@click.command("history")
@click.argument("inference_id", required=False, metavar="[ID]")
@config_option
@connection_options
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="How many runs.")
@text_or_json_option
@output_options
def history_command(
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
    from inferctl.cli.output import takes_ascii_only
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.report.history import history_text, history_view
    from inferctl.report.json import to_json

    settings = settings_or_exit(config, output)
    with open_cluster(connection, settings) as cluster:
        ledger = index_ledger(cluster, cluster.client.read_only())
        runs = ledger.history(inference_id, most=most, passed_over=_pass_over)
    if output_format == "json":
        text = to_json(history_view(runs))
    else:
        text = history_text(runs, inference_id, ascii_only=takes_ascii_only(sys.stdout))
    click.echo(text, nl=False)
    return Exit.OK


def _pass_over(problem: str) -> None:
    from inferctl.cli.output import harmless

    click.echo(harmless(f"warning: a run is left out: {problem}"), err=True)


@click.command("unlock")
@config_option
@connection_options
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@output_options
def unlock_command(config: str | None, connection: ConnectionFlags, yes: bool, output: OutputFlags) -> int:
    """Remove the lock of the scope. The run that holds it, if it lives, stops before its next write."""
    from inferctl.api.ledger import index_ledger
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.output import harmless
    from inferctl.cli.question import is_confirmed
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.errors import Conflict
    from inferctl.exit_codes import Exit
    from inferctl.ledger.records import INDEX, lock_id

    settings = settings_or_exit(config, output)
    with open_cluster(connection, settings) as cluster:
        client = cluster.client
        scope = index_ledger(cluster, client).scope
        seen = client.get_document(INDEX, lock_id(scope))
        if seen is None:
            click.echo(f"The lock of scope {scope} is free.")
            return Exit.OK
        click.echo(harmless(_holder(seen)))
        if not yes and not (sys.stdin.isatty() and is_confirmed("Remove this lock?")):
            click.echo("error: not removed. Make sure that run is dead, then add --yes.", err=True)
            return Exit.BLOCKED
        try:
            client.delete_document(INDEX, seen.id, if_seq_no=seen.seq_no, if_primary_term=seen.primary_term)
        except Conflict:
            click.echo("error: not removed, its holder is alive: it renewed the lock just now.", err=True)
            return Exit.LOCKED
    click.echo("Removed.")
    return Exit.OK


def _holder(lock: StoredDocument) -> str:
    """Who holds it; of a lock that cannot be read only what is wrong with it."""
    from inferctl.errors import LedgerError
    from inferctl.ledger.records import read_lock

    try:
        return f"Held by {read_lock(lock.id, lock.source)}."
    except LedgerError as error:
        return f"It cannot be read, so nobody knows who holds it: {error}."
