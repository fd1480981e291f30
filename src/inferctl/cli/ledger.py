"""`inferctl history` and `inferctl unlock`: what the ledger holds beside ownership."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import connection_options, output_options, text_or_json_option
from inferctl.cli.settings_options import config_option

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.client.documents import StoredDocument
    from inferctl.ledger.index import IndexLedger


def _moment(_ctx: click.Context, param: click.Parameter, text: str | None) -> str:
    """The moment that the text names, ISO 8601 in UTC; empty for none."""
    from datetime import UTC, datetime

    from inferctl.durations import moment_since

    moment = moment_since(text, datetime.now(UTC)) if text is not None else None
    if text is not None and moment is None:
        raise click.BadParameter(f"{text!r}: write a date or a duration, as in 2026-11-30, 7d, 12h", param=param)
    return moment.isoformat(timespec="milliseconds") if moment is not None else ""


@click.command("history")
@click.argument("inference_id", required=False, metavar="[ID]")
@config_option
@connection_options
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="How many runs.")
@click.option("--since", metavar="DATE|DURATION", callback=_moment, help="Only runs begun since: 2026-11-30, 7d, 12h.")
@click.option("--all-scopes", is_flag=True, help="Runs of every scope of the cluster.")
@click.option("--empty", is_flag=True, help="Also applies that had nothing to do.")
@text_or_json_option
@output_options
def history_command(
    inference_id: str | None,
    config: str | None,
    connection: ConnectionFlags,
    most: int,
    since: str,
    all_scopes: bool,
    empty: bool,
    output_format: str,
    output: OutputFlags,
) -> int:
    """Show the last runs of the scope, newest first, and what each changed; with ID those that are about that endpoint.

    Applies that had nothing to do are left out.
    """
    from inferctl.api.ledger import index_ledger
    from inferctl.cli.connect import looked_at, open_cluster
    from inferctl.cli.output import known_secrets, style_for
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.ledger.index import IndexLedger
    from inferctl.report.history import history_text, history_view
    from inferctl.report.json import to_json

    settings = settings_or_exit(config, output)
    with open_cluster(connection, settings) as cluster:
        client = cluster.client.read_only()
        looked = looked_at(cluster)
        ledger = IndexLedger(client, "") if all_scopes else index_ledger(cluster, client)
        runs = ledger.history(
            inference_id,
            most=most,
            since=since,
            every_scope=all_scopes,
            with_empty=empty,
            passed_over=_pass_over,
        )
        if inference_id is not None and not (runs or since):
            _refuse_unknown(inference_id, ledger)
    view = known_secrets().hide_in(history_view(runs, looked=looked))
    if output_format == "json":
        text = to_json(view)
    else:
        style = style_for(sys.stdout, output.color)
        text = history_text(view, inference_id, style, with_scope=all_scopes)
    click.echo(text, nl=False)
    return Exit.OK


def _refuse_unknown(inference_id: str, ledger: IndexLedger) -> None:
    """Raises UsageError for an id of which the ledger holds nothing."""
    from inferctl.planner.selectors import refuse, unmatched_text

    view = ledger.view()
    known = {*view.owned, *view.unreadable}
    if inference_id not in known:
        refuse([unmatched_text(inference_id, inference_id, "no run is about it", known)])


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
    from inferctl.api.first_apply import check_pinned_for_production
    from inferctl.api.ledger import index_ledger
    from inferctl.cli.connect import open_cluster, tell_where
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
        tell_where(cluster)
        check_pinned_for_production(cluster)
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
