"""`inferctl render` and `diff`: what the files say for an environment, and for another. No cluster is asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inferctl.cli.options import format_option, output_options, text_or_json_option
from inferctl.cli.settings_options import config_option, settings_file_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.cli.options import OutputFlags
    from inferctl.report.final_documents import FinalDocument
    from inferctl.workspace.desired import Loaded

_ids_argument = click.argument("ids", nargs=-1, metavar="[ID]...")


@click.command("render")
@_ids_argument
@config_option
@click.option("--origin", is_flag=True, help="Say of each value which file and line it comes from.")
@format_option("yaml", "json")
@output_options
def render_command(
    ids: tuple[str, ...], config: str | None, origin: bool, output_format: str, output: OutputFlags
) -> int:
    """Print the final documents: the files with the overlays and variables of the environment.

    ID is an id or a glob. Secrets stay references. What is printed is what would be planned; what no file says, and
    inferctl or the server would fill in, is not in it.
    """
    from inferctl.cli.output import known_secrets
    from inferctl.cli.reports import this_command
    from inferctl.exit_codes import Exit
    from inferctl.report.final_documents import render_view, render_yaml
    from inferctl.report.json import to_json

    (loaded,) = _read_or_exit(config, output, this_command().environment)
    _refuse_unknown(ids, [loaded])
    view = known_secrets().hide_in(render_view(loaded.settings.environment, _chosen(ids, loaded), origin=origin))
    click.echo(to_json(view) if output_format == "json" else render_yaml(view), nl=False)
    return Exit.OK


@click.command("diff")
@_ids_argument
@settings_file_option
@click.option("--from", "origin", metavar="NAME", help="The environment to compare with.")
@click.option("--to", "to", metavar="NAME", help="The environment that differs from it.")
@text_or_json_option
@output_options
def diff_command(
    ids: tuple[str, ...],
    config: str | None,
    origin: str | None,
    to: str | None,
    output_format: str,
    output: OutputFlags,
) -> int:
    """Show how the final documents of two environments differ.

    ID is an id or a glob. `-` is what the first has, `+` what the second has. Exit code 0, whether they differ or not.
    """
    from inferctl.cli.output import known_secrets, style_for
    from inferctl.exit_codes import Exit
    from inferctl.report.final_documents import diff_text, diff_view
    from inferctl.report.json import to_json

    if not (origin and to):
        what = "diff compares two environments: inferctl diff --from NAME --to NAME"
        raise click.UsageError(f"{what}. What an apply would change shows `inferctl plan`.")
    if origin == to:
        raise click.UsageError(f"--from and --to are both {origin}: name two environments.")
    before, after = _read_or_exit(config, output, origin, to)
    _refuse_unknown(ids, [before, after])
    view = known_secrets().hide_in(diff_view((origin, to), _chosen(ids, before), _chosen(ids, after)))
    text = to_json(view) if output_format == "json" else diff_text(view, style_for(sys.stdout, output.color))
    click.echo(text, nl=False)
    return Exit.OK


def _read_or_exit(config: str | None, output: OutputFlags, *environments: str) -> list[Loaded]:
    """The files for each environment, their findings printed; one of them that is an error ends the command."""
    from inferctl.cli.read_files import load, print_or_exit
    from inferctl.cli.reports import this_command

    read = []
    for environment in environments:
        this_command().environment = environment
        read.append(load((), config))
    known = read[0].settings.environments
    if len(read) > 1 and known:
        _refuse_unknown_environments(environments, known)
    diagnostics = dict.fromkeys(diagnostic for loaded in read for diagnostic in loaded.diagnostics)
    print_or_exit(read[0].settings, tuple(diagnostics), output.color, warnings_of_a_kind=3)
    return read


def _refuse_unknown_environments(asked: Sequence[str], known: Sequence[str]) -> None:
    """Raises UsageError: here they are not chosen with --env, as the settings' own finding would say."""
    from inferctl.planner.selectors import unmatched_text

    why = f"there is no such environment; there are {', '.join(known)}"
    problems = [
        unmatched_text(f"{option} {name}", name, why, known)
        for option, name in zip(("--from", "--to"), asked, strict=True)
        if name not in known
    ]
    if problems:
        raise click.UsageError("\n".join(problems))


def _refuse_unknown(ids: Sequence[str], read: Sequence[Loaded]) -> None:
    """Raises UsageError for ids and globs that mean no declared endpoint."""
    from inferctl.planner.selectors import not_declared, refuse, unmatched, unmatched_text

    declared = {endpoint.inference_id for loaded in read for endpoint in loaded.desired.endpoints}
    # Of two environments that skip it, the first one's line is enough.
    refuse([unmatched_text(i, i, not_declared(i, read[0].desired), declared) for i in unmatched(ids, declared)])


def _chosen(ids: tuple[str, ...], loaded: Loaded) -> list[FinalDocument]:
    from inferctl.planner.ownership import matches
    from inferctl.report.final_documents import FinalDocument

    return [
        FinalDocument(one.endpoint.inference_id, one.value, one.places, one.endpoint.secrets)
        for one in loaded.declared
        if not ids or matches(one.endpoint.inference_id, ids)
    ]
