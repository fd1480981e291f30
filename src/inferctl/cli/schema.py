"""`inferctl schema`: JSON Schema for editors, on stdout."""

from __future__ import annotations

import click


@click.command("schema")
@click.option(
    "--version",
    "target_version",
    metavar="X.Y",
    help="Leave out what this server version does not know. Default: the newest known.",
)
@click.option("--settings", is_flag=True, help="The schema of inferctl.yaml instead of endpoint files.")
def command(target_version: str | None, settings: bool) -> int:
    """Print the JSON Schema of endpoint files, with which an editor completes and checks them.

    The schema is draft-07 and describes one document: an endpoint, or a list of them.
    """
    import json

    from inferctl.cli.read_files import parse_version
    from inferctl.exit_codes import Exit

    if settings:
        if target_version is not None:
            raise click.UsageError("--settings is the same for every server: leave --version out.")
        from inferctl.syntax.editor_schema import editor_schema
        from inferctl.workspace.settings_file import SettingsFile

        schema = editor_schema(SettingsFile, "inferctl settings file")
    else:
        from inferctl.model.json_schema import endpoint_schema

        schema = endpoint_schema(parse_version(target_version))
    click.echo(json.dumps(schema, indent=2))
    return Exit.OK
