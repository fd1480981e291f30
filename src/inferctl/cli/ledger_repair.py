"""`inferctl ledger check` and `inferctl ledger repair`: what of the ledger is damaged, and its end."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import connection_options, lock_options, output_options, text_or_json_option
from inferctl.cli.settings_options import config_option

if TYPE_CHECKING:
    from inferctl.api.cluster import Cluster
    from inferctl.api.identity import RunIdentity
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags
    from inferctl.ledger.index import IndexLedger
    from inferctl.ledger.repair import Repair


@click.group("ledger")
def ledger_command() -> None:
    """Check the ledger, and repair what is damaged in it."""


@ledger_command.command("check")
@config_option
@connection_options
@text_or_json_option
@output_options
def check_command(config: str | None, connection: ConnectionFlags, output_format: str, output: OutputFlags) -> int:
    """List what is damaged, of a newer inferctl, or left over in the ledger. Changes nothing."""
    from inferctl.api.ledger import index_ledger
    from inferctl.cli.connect import looked_at, open_cluster
    from inferctl.cli.output import known_secrets, takes_ascii_only
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.cli.reports import this_command
    from inferctl.exit_codes import Exit
    from inferctl.fix import in_environment
    from inferctl.ledger.examine import examine
    from inferctl.ledger.fenced import naming_the_ledger
    from inferctl.observe.cluster import observe, read_capabilities
    from inferctl.report.json import to_json
    from inferctl.report.ledger_check import ledger_check_text, ledger_check_view
    from inferctl.report.style import Style

    settings = settings_or_exit(config, output)
    with open_cluster(connection, settings) as cluster:
        client = cluster.client.read_only()
        scope = index_ledger(cluster, client).scope
        capabilities = cluster.seen = read_capabilities(client)
        looked = looked_at(cluster)
        seen = observe(client, (), version=capabilities.version)
        whole = seen.complete and seen.listed
        with naming_the_ledger("cannot be read"):
            found = examine(client, scope, seen.endpoints.keys() | seen.unreadable.keys() if whole else None)
    environment = this_command().environment
    found.findings = [replace(one, fixes=in_environment(one.fixes, environment)) for one in found.findings]
    found, looked = known_secrets().hide_in((found, looked))
    if output_format == "json":
        text = to_json(ledger_check_view(found, looked=looked))
    else:
        text = ledger_check_text(found, Style(ascii=takes_ascii_only(sys.stdout)), looked=looked)
    click.echo(text, nl=False)
    return Exit.BLOCKED if found.needs_somebody else Exit.OK


@ledger_command.command("repair")
@click.argument("document_id", required=False, metavar="[ID]")
@config_option
@connection_options
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@click.option("--newer", is_flag=True, help="Also a record that a newer inferctl wrote.")
@lock_options
@output_options
def repair_command(
    document_id: str | None,
    config: str | None,
    connection: ConnectionFlags,
    yes: bool,
    newer: bool,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Mend or remove the damaged record of the endpoint ID. The endpoint itself is not touched.

    What of the record can be read is kept. A record that does not say whose the endpoint is, or nothing of its secrets,
    is removed: then the endpoint is nobody's. Without ID, mappings that the index lacks are put back.
    """
    from inferctl.api.first_apply import check_pinned_for_production
    from inferctl.api.identity import identify
    from inferctl.api.ledger import index_ledger, locked
    from inferctl.cli.connect import open_cluster, tell_where
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.observe.cluster import read_capabilities

    settings = settings_or_exit(config, output, ids=() if document_id is None else (document_id,))
    with open_cluster(connection, settings, lock) as cluster:
        ledger = index_ledger(cluster, cluster.client)
        tell_where(cluster)
        check_pinned_for_production(cluster)
        if document_id is None:
            return _mend_mappings(ledger)
        capabilities = cluster.seen = read_capabilities(cluster.client)
        ledger.serverless = capabilities.version.serverless
        ledger.check_writable()
        identity = identify(cluster.environ)
        with locked(cluster, identity):
            return _repair(cluster, identity, ledger, document_id, yes=yes, newer=newer)


def _mend_mappings(ledger: IndexLedger) -> int:
    from inferctl.cli.output import harmless
    from inferctl.client.privilege_check import LEDGER_MAPPINGS, require_privileges
    from inferctl.exit_codes import Exit
    from inferctl.ledger.fenced import naming_the_ledger
    from inferctl.ledger.mappings import mend, read_problems

    require_privileges(ledger.client, LEDGER_MAPPINGS)
    with naming_the_ledger("cannot be mended"):
        problems = read_problems(ledger.client)
        left = mend(ledger.client, problems) if problems else []
    for text in left:
        click.echo(harmless(f"error: {text}"), err=True)
    if not left:
        click.echo("Its mappings are put back." if problems else "Its mappings are as they should be.")
    return Exit.FAILED if left else Exit.OK


def _repair(
    cluster: Cluster, identity: RunIdentity, ledger: IndexLedger, document_id: str, *, yes: bool, newer: bool
) -> int:
    from inferctl.api.identity import now
    from inferctl.api.ledger import new_run
    from inferctl.cli.output import harmless
    from inferctl.cli.question import is_confirmed
    from inferctl.exit_codes import Exit
    from inferctl.ledger.records import StepRecord
    from inferctl.ledger.repair import carry_out, find_repair

    repair = find_repair(ledger.client, document_id)
    if repair is None:
        click.echo(harmless(f"Nothing to repair: the record of {document_id} is not there, or can be read."))
        return Exit.OK
    refusal = _refusal(repair, ledger.scope, newer=newer)
    for line in _shown(repair):
        click.echo(harmless(line))
    if refusal:
        click.echo(harmless(f"error: not repaired: {refusal}"), err=True)
        return Exit.BLOCKED
    if not yes and not (sys.stdin.isatty() and is_confirmed("Do this?")):
        click.echo("error: not repaired: add --yes.", err=True)
        return Exit.BLOCKED
    run = new_run(cluster, identity, "ledger repair")
    if not carry_out(ledger.client, repair, run.run, time.sleep):
        click.echo(harmless(f"error: {document_id} was changed meanwhile: look again"), err=True)
        return Exit.FAILED
    step = StepRecord(document_id, "repair", "done", "removed" if repair.owned is None else "written again")
    ledger.finish(replace(run, ended_at=now(), exit_code=int(Exit.OK), results=(step,)), {})
    click.echo(harmless(f"repaired {document_id}"))
    return Exit.OK


def _refusal(repair: Repair, scope: str, *, newer: bool) -> str:
    if repair.scope and repair.scope != scope:
        return f"scope {repair.scope} owns it: they repair it"
    if repair.newer and not newer:
        return "a newer inferctl wrote it, and can read it: use that one, or add --newer"
    return ""


def _shown(repair: Repair) -> list[str]:
    """What is there and what becomes of it, without a value of a setting."""
    from inferctl.model.ids import is_id

    lines = [repair.why, f"scope: {repair.scope or 'it does not say'}"]
    if repair.owned is None:
        of_endpoint = " An endpoint of this id stays as it is, and is nobody's." if is_id(repair.document.id) else ""
        return [*lines, f"It is removed.{of_endpoint}"]
    declared = repair.owned.declared
    kind = " ".join(str(declared[key]) for key in ("task_type", "service") if isinstance(declared.get(key), str))
    lines += [f"endpoint: {kind}"] if kind else []
    lines.append(f"It is written again. Kept: {', '.join(repair.kept)}.")
    lines.append(f"protected from: {', '.join(sorted(repair.owned.protect)) or 'nothing'}")
    if repair.owned.intent:
        lines.append("It counts as begun: the next apply adopts it where it is as its file says.")
    return lines
