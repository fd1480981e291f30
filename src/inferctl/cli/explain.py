"""`inferctl explain CODE`: the page of a diagnostic, from the table that the validator uses."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> int:
    """Explain a diagnostic CODE (as printed in `error[CODE]`). Without CODE: list all."""
    from inferctl.cli.exits import Exit
    from inferctl.model.codes import CODES

    if code is None:
        width = max(len(name) for name in CODES)
        for name in sorted(CODES):
            click.echo(f"{name:<{width}}  {CODES[name].title}")
        return Exit.OK
    page = CODES.get(code, None)
    if page is None:
        from difflib import get_close_matches

        near = get_close_matches(code, list(CODES), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " `inferctl explain` lists all."
        raise click.UsageError(f"No such code: {code}.{hint}")
    click.echo(f"{code}: {page.title}\n\n{page.explanation}")
    if page.fix:
        click.echo(f"\nfix: {page.fix}")
    return Exit.OK
