"""`inferctl export`: a cluster that exists becomes endpoint files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from inferctl.cli.options import config_option, connection_options, output_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.export.document import ExportedFile


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
    variable, and the variables to set are listed on stderr. Ids that start with a dot are the server's own and
    are left out.
    """
    from inferctl.cli.connect import open_cluster
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
        capabilities = read_capabilities(client)
        listing = list_everything(client, capabilities.version, selection.named)
        if any(find(e.service) is None for e in listing.endpoints.values() if selection.takes(e)):
            from dataclasses import replace

            live, note = ask_live_catalogue(client, capabilities.version)
            capabilities = replace(capabilities, live=live, notes=(note,) if note else ())
    documents = documents_of(listing.endpoints, selection, capabilities)
    kept = [document for document in documents if not document.problem]
    failed = [*listing.unreadable, *(f"{d.inference_id}: {d.problem}" for d in documents if d.problem)]
    failed += _not_there(selection, listing.endpoints)
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
    return Exit.FAILED if failed or lost else Exit.OK


def _not_there(selection: Any, endpoints: Any) -> list[str]:
    """Ids that were asked for by name; and the whole selection, where it takes nothing."""
    missing = []
    for inference_id in selection.named:
        if inference_id.startswith("."):
            missing.append(f"{inference_id}: ids with a leading dot are the server's own")
        elif inference_id not in endpoints:
            missing.append(f"{inference_id}: the cluster has no such endpoint")
    narrowed = selection.target or selection.exclude or selection.services or selection.task_type
    if not missing and narrowed and not any(selection.takes(e) for e in endpoints.values()):
        missing.append("nothing matches the selection")
    return missing


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
    for v in variables:
        click.echo(
            harmless(f"  {v.name:<{width}}  {path_text(v.path[1:])} of {v.inference_id} ({v.service})"), err=True
        )
