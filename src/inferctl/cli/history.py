"""`inferctl history`: who ran when, from which commit, and what came of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from inferctl.cli.options import config_option, connection_options, output_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.ledger.records import RunRecord


@click.command("history")
@click.argument("inference_id", required=False, metavar="[ID]")
@config_option
@connection_options
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="How many runs.")
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="What to print.")
@output_options
def command(inference_id: str | None, config: str | None, most: int, output_format: str, **given: Any) -> int:
    """Show the last runs of the scope, newest first; with ID those that touched that endpoint."""
    from inferctl.cli.flags import connection_flags
    from inferctl.cli.inputs import settings_or_none
    from inferctl.cli.ledger import index_ledger
    from inferctl.cli.session import open_client, set_up_logging
    from inferctl.exit_codes import Exit

    set_up_logging(given["verbose"])
    settings = settings_or_none(config, given["color"])
    if settings is None:
        return Exit.FAILED
    with open_client(connection_flags(given), settings) as client:
        runs = index_ledger(client.read_only(), settings).history(inference_id, most=most)
    click.echo(_json(runs) if output_format == "json" else _text(runs, inference_id), nl=False)
    return Exit.OK


def _text(runs: Sequence[RunRecord], inference_id: str | None) -> str:
    from inferctl.report.escape import clean

    if not runs:
        return "No runs.\n"
    ascii_only = not (sys.stdout.encoding or "ascii").lower().startswith("utf")
    lines: list[str] = []
    for run in runs:
        ended = "did not end, or was killed" if run.exit_code is None else f"exit code {run.exit_code}"
        parts = [run.started_at, run.who, run.command, run.commit[:12], ended, run.run_url]
        lines.append("  ".join(part for part in parts if part))
        for step in run.results:
            if inference_id in (None, step.inference_id) and step.result != "no-op":
                detail = f": {' '.join(step.detail.split())}" if step.detail else ""
                lines.append(f"    {step.action} {step.inference_id}: {step.result}{detail}")
        if run.exit_code is None:
            lines += [
                f"    planned {name}: {what}"
                for name, what in sorted(run.planned.items())
                if inference_id in (None, name)
            ]
    return "".join(f"{clean(line, ascii_only=ascii_only)}\n" for line in lines)


def _json(runs: Sequence[RunRecord]) -> str:
    import json
    from dataclasses import asdict

    from inferctl.report.shape import FORMAT_VERSION

    view = {"format_version": FORMAT_VERSION, "kind": "history", "runs": [asdict(run) for run in runs]}
    return json.dumps(view, indent=2) + "\n"
