"""`inferctl explain`: the page of a service, a field or a diagnostic code, from the tables that inferctl works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import color_option, text_or_json_option

if TYPE_CHECKING:
    from inferctl.report.shape.explain import ExplainView


@click.command("explain")
@click.argument("word", required=False, metavar="[SERVICE|SERVICE.FIELD|FIELD|CODE]")
@text_or_json_option
@color_option
def command(word: str | None, output_format: str, color: str) -> int:
    """Explain a service, a field or a diagnostic code (as printed in `error[CODE]`). Without a word: list them.

    A field is one of a service (`openai.api_key`) or of all services that have it (`rate_limit`).
    """
    import sys

    from inferctl.exit_codes import Exit

    view = _view(word)
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
    from inferctl.diagnostic_pages import CODES
    from inferctl.model.services import find, service_names
    from inferctl.report.explain_view import code_view, field_page_view, overview_view, service_view

    if word is None:
        return overview_view(service_names(), CODES)
    if word in CODES:
        return code_view(word, CODES[word])
    service = find(word)
    if service is not None:
        return service_view(service)

    from inferctl.model.page_lookup import fields_named, fields_of, words_like

    owner, _, name = word.partition(".")
    service = find(owner)
    fields = fields_of(service, name) if service is not None else fields_named(word)
    if fields:
        return field_page_view(word, fields)
    near = words_like(word, tuple(CODES))
    hint = f"Did you mean {' or '.join(near)}?" if near else "`inferctl explain` lists services and codes."
    raise click.UsageError(f"There is no page for {word!r}. {hint}")
