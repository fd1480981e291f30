"""`inferctl validate`: are the files right? No cluster is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import output_options, paths_argument, text_or_json_option
from inferctl.cli.settings_options import environments_option
from inferctl.cli.several import InEnvironments

if TYPE_CHECKING:
    from inferctl.cli.options import OutputFlags


@click.command("validate", cls=InEnvironments)
@paths_argument
@environments_option
@click.option(
    "--target-version",
    metavar="X.Y",
    help="Check against this server version, or patch (9.5.2), or serverless. Default: the newest known.",
)
@text_or_json_option
@output_options
def validate_command(
    paths: tuple[str, ...],
    config: str | None,
    target_version: str | None,
    output_format: str,
    output: OutputFlags,
) -> int:
    """Check endpoint files: syntax, fields, types, ranges, secrets, rules between endpoints.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    """
    from inferctl.cli.output import print_diagnostics
    from inferctl.cli.read_files import load
    from inferctl.cli.reports import this_command
    from inferctl.exit_codes import Exit
    from inferctl.report.json import diagnostics_view, to_json

    loaded = load(paths, config, target_version=target_version)
    view = diagnostics_view(loaded.diagnostics)
    this_command().view = view
    if output_format == "json":
        click.echo(to_json(view), nl=False)
    else:
        print_diagnostics(loaded.diagnostics, output.color)
    if any(d.is_error for d in loaded.diagnostics):
        return Exit.FAILED
    if not output.quiet and output_format == "text":
        from inferctl.report.sentences import counted

        endpoints, files = len(loaded.desired.endpoints), len(loaded.desired.files)
        click.echo(f"{counted(endpoints, 'endpoint')} in {counted(files, 'file')}: valid.")
    return Exit.OK
