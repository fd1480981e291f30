"""`inferctl forget`: give up ownership; the endpoint stays as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import config_option, connection_options, lock_options, output_options

if TYPE_CHECKING:
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags
    from inferctl.planner.ownership import LedgerView


@click.command("forget")
@click.argument("inference_ids", nargs=-1, required=True, metavar="ID...")
@config_option
@connection_options
@lock_options
@output_options
def command(
    inference_ids: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Remove endpoints from the ledger of our scope. Nothing in the inference API is touched.

    An endpoint whose file is still there is adopted again by the next apply.
    """
    from inferctl.api.identity import identify
    from inferctl.api.ledger import index_ledger, locked, new_run
    from inferctl.cli.change_ledger import change_ledger
    from inferctl.cli.connect import open_cluster
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.observe.cluster import read_capabilities

    settings = settings_or_exit(config, output)
    identity = identify(os.environ)
    with open_cluster(connection, settings, lock) as cluster:
        ledger = index_ledger(cluster, cluster.client)
        ledger.serverless = read_capabilities(cluster.client).version.serverless
        ledger.check_writable()
        # Looked at before the lock as well: taking the lock of a ledger that is not there would make the index.
        if _strangers(ledger.view(), inference_ids):
            return Exit.BLOCKED
        with locked(cluster, identity):
            if _strangers(ledger.view(), inference_ids):
                return Exit.BLOCKED
            return change_ledger(
                ledger, new_run(identity, ledger.scope, "forget"), dict.fromkeys(inference_ids), "forgot"
            )


def _strangers(view: LedgerView, inference_ids: tuple[str, ...]) -> bool:
    """Whether some of these are not ours; says whose they are."""
    from inferctl.cli.output import harmless

    strangers = [name for name in inference_ids if view.ours(name) is None]
    for name in strangers:
        other = view.other_scope(name)
        whose = f"scope {other} owns it" if other else "the ledger does not hold it"
        click.echo(harmless(f"error: {name} is not ours: {whose}"), err=True)
    return bool(strangers)
