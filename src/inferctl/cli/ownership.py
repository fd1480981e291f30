"""`inferctl adopt` and `inferctl forget`: the ledger says what is ours. Nothing in the inference API is touched."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from inferctl.cli.options import connection_options, first_option, lock_options, output_options
from inferctl.cli.output import harmless
from inferctl.cli.settings_options import config_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.api.cluster import Cluster
    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags
    from inferctl.ledger.index import IndexLedger
    from inferctl.ledger.records import RunRecord
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.planner.ownership import LedgerView, Owned
    from inferctl.planner.plan import Capabilities, DesiredSet


@click.command("adopt")
@click.argument("inference_ids", nargs=-1, metavar="[ID]...")
@config_option
@connection_options
@click.option("--take-over", is_flag=True, help="Also what another scope owns.")
@click.option(
    "--accept-secrets",
    is_flag=True,
    help="Note the secrets that are set here as those that the cluster holds. Without ID: of all of ours that are "
    "unknown.",
)
@first_option
@lock_options
@output_options
def adopt_command(
    inference_ids: tuple[str, ...],
    config: str | None,
    take_over: bool,
    accept_secrets: bool,
    first: bool,
    connection: ConnectionFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Make existing endpoints ours. ID is an id or a glob over the ids that the files declare.

    Each needs a file: what no file declares would be removed by the next apply (`inferctl export` writes one).
    Where file and endpoint differ, the next plan shows it. Their secrets count as unknown, until they are sent
    (`inferctl rotate --unknown`) or accepted.
    """
    from inferctl.api.identity import identify
    from inferctl.api.ledger import locked, new_run
    from inferctl.api.run_secrets import accept_secrets as secrets_accepted
    from inferctl.cli.connect import open_cluster, tell_where
    from inferctl.cli.read_files import files_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.observe.cluster import observe, read_capabilities
    from inferctl.planner.ownership import is_reserved
    from inferctl.planner.plan import Permissions
    from inferctl.planner.selectors import refuse_undeclared

    if not (inference_ids or accept_secrets):
        raise click.UsageError("Name the endpoints, or say --accept-secrets.")
    asked = Permissions(adopt=inference_ids, take_over=inference_ids if take_over else ())
    loaded = files_or_exit((), config, connection, output, asked)
    declared = {endpoint.inference_id: endpoint for endpoint in loaded.desired.endpoints}
    undeclared = "no file declares it (inferctl export writes files)"
    refuse_undeclared([name for name in inference_ids if not is_reserved(name)], loaded.desired, why=undeclared)
    wanted = _named(inference_ids, declared) if inference_ids else sorted(declared)
    identity = identify(os.environ)
    with open_cluster(connection, loaded.settings, lock) as cluster:
        cluster.knows(loaded.desired.endpoints)
        client = cluster.client
        capabilities = cluster.seen = read_capabilities(client)
        tell_where(cluster)
        ledger = _prepared_ledger(cluster, capabilities, loaded.desired, first=first)
        with locked(cluster, identity):
            seen = observe(client, wanted, version=capabilities.version)
            view = ledger.view()
            if not inference_ids:
                wanted = [name for name in wanted if name in seen.endpoints and _is_settled(view.ours(name))]
            manage = loaded.settings.values.manage
            entries: dict[str, Owned | None] = {}
            problems = []
            for name in wanted:
                problem = _problem(name, seen.endpoints, view, manage, take_over=take_over)
                if problem:
                    problems.append(f"error: {name} is not adopted: {problem}")
                elif not _is_settled(ours := view.ours(name)):
                    entries[name] = _record(declared[name], seen.endpoints[name], ledger.scope, ours)
            for problem in problems:
                click.echo(harmless(problem), err=True)
            if problems:
                return Exit.BLOCKED
            accepted: dict[str, Owned] = {}
            if accept_secrets:
                records = {name: entries.get(name) or view.ours(name) for name in wanted}
                known = ((declared[name], record) for name, record in records.items() if record is not None)
                accepted = secrets_accepted(cluster, ledger, capabilities.cluster_uuid, known)
            words = dict.fromkeys(accepted.keys() - entries.keys(), "accepted the secrets of")
            run = new_run(cluster, identity, "adopt")
            return change_ledger(ledger, run, {**entries, **accepted}, "adopted", words)


def _prepared_ledger(cluster: Cluster, capabilities: Capabilities, declared: DesiredSet, *, first: bool) -> IndexLedger:
    """Ready to be written, once it is clear that this cluster is meant."""
    from inferctl.api.first_apply import check_confirmed
    from inferctl.api.ledger import index_ledger
    from inferctl.cli.question import confirming

    ledger = index_ledger(cluster, cluster.client)
    ledger.serverless = capabilities.version.serverless
    check_confirmed(cluster, capabilities, ledger, declared, confirming(first=first, may_ask=True))
    ledger.prepare()
    return ledger


def _is_settled(record: Owned | None) -> bool:
    """Whether the ledger says that it is ours, and not only that a run meant to create it."""
    return record is not None and not record.is_meant


def _named(patterns: tuple[str, ...], declared: Mapping[str, DesiredEndpoint]) -> list[str]:
    """The declared ids that match, and every plain name as it is, so that a typo is told."""
    from inferctl.planner.ownership import matches
    from inferctl.planner.selectors import is_glob

    matching = [name for name in declared if matches(name, patterns)]
    plain = [pattern for pattern in patterns if not is_glob(pattern)]
    return sorted({*matching, *plain})


def _problem(
    name: str,
    endpoints: Mapping[str, ObservedEndpoint],
    view: LedgerView,
    manage: tuple[str, ...],
    *,
    take_over: bool,
) -> str:
    from inferctl.planner.ownership import is_reserved, matches

    if is_reserved(name):
        return "ids with a leading dot belong to the server"
    if name in view.unreadable:
        return _unreadable(view, name)
    if manage and not matches(name, manage):
        return f"its id is outside of manage ({', '.join(manage)})"
    if name not in endpoints:
        return "it does not exist: apply creates it"
    other = view.other_scope(name)
    if other and not take_over:
        return f"scope {other} owns it: --take-over, if they agree"
    return ""


def _unreadable(view: LedgerView, name: str) -> str:
    from inferctl.planner.blocks import record_unreadable

    block = record_unreadable(name, view.unreadable[name])
    return f"{block.text}: {block.fixes[0].text}"


def _record(desired: DesiredEndpoint, observed: ObservedEndpoint, scope: str, last: Owned | None) -> Owned:
    """What is there of what the file speaks of counts as declared: the rest is then a change of the file.

    What a run of ours that was cut short noted of its secrets stays: they are sent again.
    """
    from inferctl.json_types import path_text
    from inferctl.planner.normalise import keep_declared, normalise_desired, normalise_observed
    from inferctl.planner.ownership import Owned

    form = keep_declared(normalise_observed(observed), normalise_desired(desired))
    noted = last.secrets if last is not None else {}
    paths = sorted(path_text(path) for path in desired.secrets)
    secrets: dict[str, Any] = {path: noted.get(path, {}) for path in paths}
    return Owned(scope, form, desired.lifecycle.protect, secrets)


@click.command("forget")
@click.argument("inference_ids", nargs=-1, required=True, metavar="ID...")
@config_option
@connection_options
@lock_options
@output_options
def forget_command(
    inference_ids: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Remove endpoints from the ledger of our scope. Nothing in the inference API is touched.

    An endpoint whose file is still there is adopted again by the next apply.
    """
    from inferctl.api.first_apply import check_confirmed
    from inferctl.api.identity import identify
    from inferctl.api.ledger import index_ledger, locked, new_run
    from inferctl.cli.connect import open_cluster, tell_where
    from inferctl.cli.question import confirming
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.observe.cluster import read_capabilities
    from inferctl.planner.plan import Permissions

    settings = settings_or_exit(config, output, Permissions(forget=frozenset(inference_ids)))
    identity = identify(os.environ)
    with open_cluster(connection, settings, lock) as cluster:
        ledger = index_ledger(cluster, cluster.client)
        capabilities = cluster.seen = read_capabilities(cluster.client)
        ledger.serverless = capabilities.version.serverless
        tell_where(cluster)
        # Of a ledger that knows nothing of us nothing can be forgotten; that of another environment is not meant.
        check_confirmed(cluster, capabilities, ledger, None, confirming(first=True, may_ask=True))
        ledger.check_writable()
        # Looked at before the lock as well: taking the lock of a ledger that is not there would make the index.
        if _strangers(ledger.view(), inference_ids):
            return Exit.BLOCKED
        with locked(cluster, identity):
            if _strangers(ledger.view(), inference_ids):
                return Exit.BLOCKED
            return change_ledger(ledger, new_run(cluster, identity, "forget"), dict.fromkeys(inference_ids), "forgot")


def _strangers(view: LedgerView, inference_ids: tuple[str, ...]) -> bool:
    """Whether some of these are not ours; says whose they are. Raises UsageError for those that nobody owns."""
    from inferctl.planner.selectors import refuse, unmatched_text

    strangers = [name for name in inference_ids if view.ours(name) is None]
    nobodys = [name for name in strangers if view.other_scope(name) is None and name not in view.unreadable]
    refuse([unmatched_text(name, name, "the ledger does not hold it", view.ids) for name in nobodys])
    for name in strangers:
        other = view.other_scope(name)
        whose = _unreadable(view, name) if name in view.unreadable else f"scope {other} owns it"
        click.echo(harmless(f"error: {name} is not ours: {whose}"), err=True)
    return bool(strangers)


def change_ledger(
    ledger: IndexLedger,
    run: RunRecord,
    entries: Mapping[str, Owned | None],
    word: str,
    words: Mapping[str, str] | None = None,
) -> int:
    """Write records and the run, say each by `word` or its own of `words`, and return the exit code."""
    from inferctl.api.identity import now
    from inferctl.exit_codes import Exit
    from inferctl.ledger.records import StepRecord

    ledger.run = run.run
    problems = ledger.note(entries)
    for name, problem in sorted(problems.items()):
        click.echo(harmless(f"error: {name}: {problem}"), err=True)
    code = Exit.FAILED if problems else Exit.OK
    steps = tuple(
        StepRecord(name, run.command, "failed" if name in problems else "done", problems.get(name, ""))
        for name in sorted(entries)
    )
    ledger.finish(replace(run, ended_at=now(), exit_code=int(code), results=steps), {})
    for name in sorted(entries):
        if name not in problems:
            click.echo(harmless(f"{(words or {}).get(name, word)} {name}"))
    if not entries:
        click.echo("Nothing to do: the ledger holds them already.")
    return code
