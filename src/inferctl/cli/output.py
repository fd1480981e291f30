"""Where output goes: the product to stdout, everything else to stderr, reports to files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inferctl.diagnostics import Diagnostic
    from inferctl.report.style import Style

FORMATS = ("text", "json", "markdown")


def style_for(stream: TextIO, color: str) -> Style:
    """Colour on a terminal, unless told otherwise. `--color` beats NO_COLOR, NO_COLOR beats FORCE_COLOR."""
    from inferctl.report.style import Style

    if color == "auto":
        if os.environ.get("NO_COLOR"):
            wanted = False
        elif os.environ.get("FORCE_COLOR"):
            wanted = True
        else:
            wanted = stream.isatty() and os.environ.get("TERM") != "dumb"
    else:
        wanted = color == "always"
    encoding = (stream.encoding or "ascii").lower().replace("-", "")
    return Style(colour=wanted, ascii=not encoding.startswith("utf"))


def print_diagnostics(diagnostics: Sequence[Diagnostic], color: str, *, warnings_of_a_kind: int | None = None) -> None:
    """Findings to stderr; on GitHub also as annotations. Errors are shown all, warnings of one code up to a number."""
    if not diagnostics:
        return
    from inferctl.report.diagnostics import diagnostics_text

    click.echo(diagnostics_text(diagnostics, style_for(sys.stderr, color), warnings_of_a_kind), err=True, nl=False)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from inferctl.report.annotations import annotations

        click.echo("\n".join(annotations(diagnostics)), err=True)


def parse_reports(values: Sequence[str]) -> list[tuple[str, Path]]:
    """`FORMAT=FILE` pairs. Checked before anything is sent: a typo must not cost a run its report."""
    reports = []
    for value in values:
        name, found, target = value.partition("=")
        if not found or name not in FORMATS or not target:
            raise click.BadParameter(
                f"{value!r}: write FORMAT=FILE, FORMAT is one of {', '.join(FORMATS)}", param_hint="--report"
            )
        path = Path(target)
        if not path.parent.is_dir():
            raise click.BadParameter(f"the folder of {target!r} does not exist", param_hint="--report")
        reports.append((name, path))
    return reports


def write_reports(reports: Sequence[tuple[str, Path]], render: Callable[[str], str]) -> None:
    """Each rendering to its file, whole or not at all."""
    for name, path in reports:
        partial = path.with_name(f".{path.name}.part")
        try:
            partial.write_text(render(name), encoding="utf-8", newline="\n")
            partial.replace(path)
        except OSError as error:
            click.echo(f"warning: the report {path} could not be written: {error.strerror}", err=True)
