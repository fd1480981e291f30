"""`inferctl export`: a cluster that exists becomes endpoint files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import connection_options, output_options
from inferctl.cli.settings_options import config_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.client.sync import InferenceClient
    from inferctl.export.collect import Selection
    from inferctl.export.document import ExportedFile
    from inferctl.observe.cluster import Listing
    from inferctl.planner.plan import Capabilities
    from inferctl.workspace.settings import Settings


@click.command("export")
@config_option
@connection_options
@click.option("--target", multiple=True, metavar="GLOB", help="Only these ids. Repeatable.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="All but these ids. Repeatable.")
@click.option("--service", "services", multiple=True, metavar="NAME", help="Only this service. Repeatable.")
@click.option("--task-type", metavar="TYPE", help="Only this task type.")
@click.option(
    "--output", "destination", default="-", show_default=True, metavar="DIR|-", help="A folder, or - for stdout."
)
@click.option(
    "--layout",
    type=click.Choice(["one-file", "per-endpoint"]),
    help="endpoints.yaml for all, or ID.yaml for each. Default: per-endpoint in a folder, one-file on stdout.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@output_options
def export_command(
    config: str | None,
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    services: tuple[str, ...],
    task_type: str | None,
    destination: str,
    layout: str | None,
    force: bool,
    connection: ConnectionFlags,
    output: OutputFlags,
) -> int:
    """Write the endpoints of a cluster as files that plan to no change.

    What the server fills in by itself is left out. No server shows a secret: each becomes a reference to a
    variable, and the variables to set are listed on stderr, and so is the line of the settings file that declares
    the region policy of the cluster. Ids that start with a dot are the server's own and are left out.
    """
    from inferctl.cli.connect import open_cluster, tell_where
    from inferctl.cli.output import harmless
    from inferctl.cli.read_files import settings_or_exit
    from inferctl.exit_codes import Exit
    from inferctl.export.collect import Selection, documents_of
    from inferctl.model.services import find
    from inferctl.observe.cluster import ask_live_catalogue, list_everything, read_capabilities

    if destination == "-" and layout == "per-endpoint":
        raise click.UsageError("--layout per-endpoint needs a folder: --output DIR")
    settings = settings_or_exit(config, output)
    selection = Selection(target, exclude, services, task_type)
    with open_cluster(connection, settings) as cluster:
        client = cluster.client.read_only()
        capabilities = cluster.seen = read_capabilities(client)
        if not output.quiet:
            tell_where(cluster)
        listing = list_everything(client, capabilities.version, selection.named)
        if any(find(e.service) is None for e in listing.endpoints.values() if selection.takes(e)):
            from dataclasses import replace

            live, note = ask_live_catalogue(client, capabilities.version)
            capabilities = replace(capabilities, live=live, notes=(note,) if note else ())
        policy = (
            [] if settings.region_policy or selection != Selection() else _policy_lines(client, capabilities, settings)
        )
    _refuse_what_selects_nothing(selection, listing)
    documents = _without_secrets([*documents_of(listing.endpoints, selection, capabilities)])
    if settings.environment:
        documents = _with_plain_texts(documents)
    kept = [document for document in documents if not document.problem]
    failed = [*listing.unreadable, *(f"{d.inference_id}: {d.problem}" for d in documents if d.problem)]
    written = _hand_over(kept, destination, layout, force=force)
    for line in (*listing.warnings, *capabilities.notes):
        click.echo(harmless(f"warning: {line}"), err=True)
    lost = [f"{document.inference_id}: {text}" for document in kept for text in document.lost]
    for line in lost:
        click.echo(harmless(f"error: not exported whole: {line}"), err=True)
    for line in failed:
        click.echo(harmless(f"error: not exported: {line}"), err=True)
    if not output.quiet:
        click.echo(written, err=True)
        _list_variables(kept)
        for line in policy:
            click.echo(harmless(line), err=True)
    return Exit.FAILED if failed or lost else Exit.OK


def _policy_lines(client: InferenceClient, capabilities: Capabilities, settings: Settings) -> list[str]:
    """What the settings file says where the region policy of the cluster is to be declared; empty where there is none.

    It is no endpoint, so no endpoint file holds it. What cannot be read is said, and is no fault of an endpoint.
    """
    from inferctl.errors import InferctlError
    from inferctl.model.versions import REGION_POLICIES
    from inferctl.observe.region_policy import read_region_policy
    from inferctl.planner.region_policy import normalised
    from inferctl.syntax.flow_style import flow_text

    if not REGION_POLICIES.includes(capabilities.version):
        return []
    try:
        seen = read_region_policy(client)
    except InferctlError as error:
        return ["", f"the region policy could not be read: {error}"]
    if seen is None:
        return []
    where = f"{settings.file}, under environments.{settings.environment}," if settings.environment else "inferctl.yaml"
    how = f"The cluster has a region policy. It stands in no endpoint file; {where} declares it so:"
    return ["", how, f"  region_policy: {flow_text(normalised(seen.policy))}"]


def _without_secrets(documents: list[ExportedFile]) -> list[ExportedFile]:
    """A file is no place for a secret that the cluster shows in clear: then there is none.

    All are looked through at once: it takes its time for each text, however short.
    """
    from dataclasses import replace

    from inferctl.cli.output import known_secrets

    shown = [(document.inference_id, document.value, document.notes) for document in documents]
    hidden = known_secrets().hide_in(shown)
    problem = "the cluster shows a secret in it that is set here"
    return [
        document if before == after else replace(document, problem=problem)
        for document, before, after in zip(documents, shown, hidden, strict=True)
    ]


def _with_plain_texts(documents: list[ExportedFile]) -> list[ExportedFile]:
    """Where files take variables, a text of the cluster that looks like one is escaped."""
    from dataclasses import replace

    from inferctl.workspace.variables import escaped

    return [replace(document, value=escaped(document.value)) for document in documents]


def _refuse_what_selects_nothing(selection: Selection, listing: Listing) -> None:
    """Raises UsageError for selectors that match nothing, alone or together. What cannot be read may be meant."""
    from dataclasses import replace

    from inferctl.export.collect import Selection
    from inferctl.planner.ownership import is_reserved
    from inferctl.planner.selectors import is_glob, refuse, unmatched, unmatched_text

    there = [endpoint for i, endpoint in listing.endpoints.items() if not is_reserved(i)]
    ids, services = {e.inference_id for e in there}, {e.service for e in there}
    absent = "the cluster has no such endpoint"
    problems = []
    for flag, globs in (("--target", selection.target), ("--exclude", selection.exclude)):
        for glob in unmatched(globs, ids):
            seen = glob in listing.endpoints or any(text.startswith(f"{glob}: ") for text in listing.unreadable)
            if is_reserved(glob):
                problems.append(f"{flag} {glob}: ids with a leading dot are the server's own")
            elif not (seen or (is_glob(glob) and listing.unreadable)):
                problems.append(unmatched_text(f"{flag} {glob}", glob, absent, ids))
    if listing.unreadable:
        return refuse(problems)
    alone = Selection()
    problems += [
        unmatched_text(f"--service {name}", name, "no endpoint is of it", services)
        for name in selection.services
        if not any(replace(alone, services=(name,)).takes(endpoint) for endpoint in there)
    ]
    task_type = selection.task_type
    if task_type and not any(replace(alone, task_type=task_type).takes(endpoint) for endpoint in there):
        known = {endpoint.task_type for endpoint in there}
        problems.append(unmatched_text(f"--task-type {task_type}", task_type, "no endpoint is of it", known))
    if not problems and selection != alone and not any(map(selection.takes, there)):
        problems.append("the flags together leave no endpoint")
    return refuse(problems)


def _hand_over(documents: Sequence[ExportedFile], destination: str, layout: str | None, *, force: bool) -> str:
    """Prints or writes the documents; what was done, in words."""
    from pathlib import Path

    from inferctl.export.text import document_text, stream_text
    from inferctl.report.sentences import counted
    from inferctl.workspace.new_files import endpoint_file_name, write_new

    count = counted(len(documents), "endpoint")
    if destination == "-":
        click.echo(stream_text(documents).encode(), nl=False)
        return f"exported: {count}"
    files = {endpoint_file_name(document.inference_id): document_text(document) for document in documents}
    if layout == "one-file" and documents:
        files = {"endpoints.yaml": stream_text(documents)}
    if not files:
        return f"exported: {count}"
    done = write_new(Path(destination), files, force=force)
    shown = Path(destination).as_posix()
    same = f", {len(done.same)} unchanged" if done.same else ""
    return f"exported: {count} to {shown} ({counted(len(done.new), 'file')} written{same})"


def _list_variables(documents: Sequence[ExportedFile]) -> None:
    from inferctl.cli.output import harmless
    from inferctl.json_types import path_text
    from inferctl.report.sentences import counted

    variables = [variable for document in documents for variable in document.variables]
    if not variables:
        return
    click.echo(f"\n{counted(len(variables), 'variable')} to set before an apply:", err=True)
    width = max(len(variable.name) for variable in variables)
    lines = (f"  {v.name:<{width}}  {path_text(v.path[1:])} of {v.inference_id} ({v.service})" for v in variables)
    click.echo(harmless("\n".join(lines)), err=True)
