"""`inferctl explain`, `schema` and `roles`: what inferctl knows, printed. No cluster is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import color_option, text_or_json_option

if TYPE_CHECKING:
    from inferctl.report.shape.explain import ExplainView


@click.command("explain")
@click.argument("word", required=False, metavar="[SERVICE|SERVICE.FIELD|FIELD|CODE|QUESTION]")
@click.option(
    "--uncertain",
    is_flag=True,
    help="List what inferctl takes to be so and nobody has proven, with its source; with a SERVICE, what concerns it.",
)
@text_or_json_option
@color_option
def explain_command(word: str | None, uncertain: bool, output_format: str, color: str) -> int:
    """Explain a service, a field or a diagnostic code (as printed in `error[CODE]`). Without a word: list them.

    A field is one of a service (`openai.api_key`) or of all services that have it (`rate_limit`). A question is one of
    `--uncertain`: its page has the requests that would settle it.
    """
    import sys

    from inferctl.exit_codes import Exit

    view = _doubts(word) if uncertain else _view(word)
    if output_format == "json":
        from inferctl.report.json import to_json

        click.echo(to_json(view), nl=False)
    else:
        import shutil
        from dataclasses import replace

        from inferctl.cli.output import style_for
        from inferctl.report.explain_text import explain_text

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(explain_text(view, replace(style_for(sys.stdout, color), width=width)), nl=False)
    return Exit.OK


def _view(word: str | None) -> ExplainView:
    """The page that a word means. Raises click.UsageError with the nearest words."""
    from inferctl.complaint_pages import PAGES
    from inferctl.model.services import find, service_names
    from inferctl.report.explain_view import code_view, field_page_view, overview_view, service_view

    if word is None:
        return overview_view(service_names(), PAGES)
    if word in PAGES:
        return code_view(word, PAGES[word])
    service = find(word)
    if service is not None:
        return service_view(service)

    from inferctl.model.page_lookup import fields_named, fields_of, words_like

    owner, _, name = word.partition(".")
    service = find(owner)
    fields = fields_of(service, name) if service is not None else fields_named(word)
    if fields:
        return field_page_view(word, fields)

    from inferctl.cli.familiar_words import WORDS
    from inferctl.model.open_questions import questions_by_id
    from inferctl.report.explain_view import question_view

    asked = questions_by_id()
    if word in asked:
        return question_view(asked[word])
    near = words_like(word, (*PAGES, *asked))
    hint = f"Did you mean {' or '.join(near)}?" if near else "`inferctl explain` lists services and codes."
    if word not in WORDS:
        raise click.UsageError(f"There is no page for {word!r}. {hint}")
    # Of ours or of other tools: what can be typed tells more than a word that only looks alike.
    also = f" {hint}" if any(word in one for one in near) else ""
    raise click.UsageError(f"There is no page for {word!r}: {WORDS[word]}.{also}")


def _doubts(service: str | None) -> ExplainView:
    """What is not proven. Raises click.UsageError for a word that is no service."""
    from inferctl.model.open_questions import open_questions
    from inferctl.model.services import find, service_names
    from inferctl.nearest import nearest_words
    from inferctl.report.explain_view import uncertain_view

    if service is not None and find(service) is None:
        near = nearest_words(service, service_names())
        hint = f"Did you mean {' or '.join(near)}?" if near else "`inferctl explain` lists services."
        raise click.UsageError(f"--uncertain takes a service, and {service!r} is none. {hint}")
    return uncertain_view(open_questions(), service or "")


@click.command("schema")
@click.option(
    "--version",
    "target_version",
    metavar="X.Y",
    help="Leave out what this server version, or serverless, does not know. Default: the newest known.",
)
@click.option("--variables", is_flag=True, help="Let ${name} stand for a value, as it may where environments are.")
@click.option(
    "--overlay", is_flag=True, help="The schema of overlay files instead: an id and what differs, with variables."
)
@click.option("--settings", is_flag=True, help="The schema of inferctl.yaml instead of endpoint files.")
@click.option("--bounds", is_flag=True, help="The schema of the document that INFERCTL_BOUNDS names.")
def schema_command(target_version: str | None, variables: bool, overlay: bool, settings: bool, bounds: bool) -> int:
    """Print the JSON Schema of endpoint files, with which an editor completes and checks them.

    The schema is draft-07 and describes one document: an endpoint, or a list of them.
    """
    from inferctl.cli.read_files import parse_version
    from inferctl.exit_codes import Exit
    from inferctl.json_types import printed

    if settings or bounds:
        flag = "--settings" if settings else "--bounds"
        if target_version is not None:
            raise click.UsageError(f"{flag} is the same for every server: leave --version out.")
        if settings and bounds:
            raise click.UsageError("--settings and --bounds are two schemas: print one at a time.")
        if variables or overlay:
            raise click.UsageError(f"{flag} is another schema than that of endpoints: print one at a time.")
        from inferctl.syntax.editor_schema import editor_schema

        if bounds:
            from inferctl.operator_bounds.document import BoundsDocument

            schema = editor_schema(BoundsDocument, "inferctl operator bounds")
        else:
            from inferctl.workspace.settings_file import SettingsFile

            schema = editor_schema(SettingsFile, "inferctl settings file")
    elif overlay or variables:
        from inferctl.model.json_schema.environments import overlay_schema, schema_with_variables

        made = overlay_schema if overlay else schema_with_variables
        schema = made(parse_version(target_version))
    else:
        from inferctl.model.json_schema import endpoint_schema

        schema = endpoint_schema(parse_version(target_version))
    click.echo(printed(schema, indent=2), nl=False)
    return Exit.OK


@click.command("roles")
@click.argument("job", type=click.Choice(["plan", "apply"]), metavar="plan|apply")
@click.option(
    "--with-dry-run/--without-dry-run",
    default=False,
    help="In the plan role: also what asking the server about references needs. It is the privilege to write. "
    "Default: without.",
)
@click.option("--without-ledger", is_flag=True, help="Leave out what only a scope needs.")
@click.option("--serverless", is_flag=True, help="For a Serverless project: one privilege more on the ledger.")
def roles_command(job: str, with_dry_run: bool, without_ledger: bool, serverless: bool) -> int:
    """Print the smallest role for plan jobs or for apply jobs, as `PUT /_security/role/NAME` takes it.

    The same object goes into `role_descriptors` of `POST /_security/api_key`, for a key that may do just this. A role
    for apply is enough for every command. It is the same on every version from 8.17 on.
    """
    from inferctl.client.command_privileges import role
    from inferctl.exit_codes import Exit
    from inferctl.json_types import printed

    made = role(job, ledger=not without_ledger, dry_run=with_dry_run, serverless=serverless)
    click.echo(printed(made, indent=2), nl=False)
    return Exit.OK
