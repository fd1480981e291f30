"""Records of the ledger that a command writes by itself, without a plan: `adopt` and `forget`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from inferctl.cli.output import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.ledger.index import IndexLedger
    from inferctl.ledger.records import RunRecord
    from inferctl.planner.ownership import Owned


def change_ledger(ledger: IndexLedger, run: RunRecord, entries: Mapping[str, Owned | None], word: str) -> int:
    """Write records and the run, say each, and return the exit code."""
    from inferctl.api.identity import now
    from inferctl.exit_codes import Exit
    from inferctl.ledger.records import StepRecord

    ledger.run = run.run
    problems = ledger.note(entries)
    for name, problem in sorted(problems.items()):
        click.echo(harmless(f"error: {name}: {problem}"), err=True)
    code = Exit.FAILED if problems else Exit.OK
    steps = tuple(
        StepRecord(name, run.command, "failed" if name in problems else "done", problems.get(name, ""))
        for name in sorted(entries)
    )
    ledger.finish(replace(run, ended_at=now(), exit_code=int(code), results=steps), {})
    for name in sorted(entries):
        if name not in problems:
            click.echo(harmless(f"{word} {name}"))
    if not entries:
        click.echo("Nothing to do: the ledger holds them already.")
    return code
