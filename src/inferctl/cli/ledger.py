"""The ledger and the lock of one command: which one the settings ask for, and who we are in it."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from inferctl.cli.output import harmless
from inferctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inferctl.cli.options import LockFlags
    from inferctl.cli.whoami import Runner
    from inferctl.client.sync import InferenceClient
    from inferctl.ledger.backend import Ledger
    from inferctl.ledger.index import IndexLedger
    from inferctl.ledger.lock import Lease
    from inferctl.ledger.records import Holder, RunRecord
    from inferctl.planner.ownership import Owned
    from inferctl.workspace.settings import Settings


def ledger_for(client: InferenceClient, settings: Settings, *, serverless: bool = False) -> Ledger:
    """The `index` ledger once a scope is set, unless the settings say `ledger: none`."""
    scope = settings.values.ledger_scope
    if scope is None:
        if settings.values.ledger == "index":
            raise UsageError("ledger: index needs a scope: the name under which this repository owns endpoints")
        from inferctl.ledger.backend import NoLedger

        return NoLedger()
    from inferctl.ledger.index import IndexLedger

    return IndexLedger(client, scope, serverless=serverless)


def index_ledger(client: InferenceClient, settings: Settings) -> IndexLedger:
    """For commands that make no sense without one. Raises UsageError."""
    from inferctl.ledger.index import IndexLedger

    found = ledger_for(client, settings)
    if not isinstance(found, IndexLedger):
        raise UsageError("this command works on the ledger: set a scope in inferctl.yaml (and not ledger: none)")
    return found


def new_run(runner: Runner, scope: str, command: str) -> RunRecord:
    """The run's record at its start."""
    from inferctl.cli.whoami import now
    from inferctl.ledger.records import RunRecord

    return RunRecord(
        run=runner.run, scope=scope, command=command, who=runner.who, started_at=now(), commit=runner.commit,
        run_url=runner.run_url,
    )  # fmt: skip


@contextmanager
def locked(client: InferenceClient, settings: Settings, runner: Runner, lock: LockFlags) -> Iterator[Lease | None]:
    """The lock of the scope while the block runs; None where there is no ledger or `--no-lock` was given.

    Raises LockHeld (exit 7) when it is not to be had in time.
    """
    scope = settings.values.ledger_scope
    if lock.no_lock or scope is None:
        yield None
        return
    from inferctl.cli.whoami import now
    from inferctl.ledger.lock import DEFAULT_TTL_S, acquire
    from inferctl.ledger.records import Holder

    holder = Holder(
        run=runner.run,
        who=runner.who,
        ttl_s=settings.values.lock.ttl_s or DEFAULT_TTL_S,
        run_url=runner.run_url,
        since=now(),
    )
    lease = acquire(
        client,
        scope,
        holder,
        timeout_s=lock.lock_timeout,
        clock=time.monotonic,
        sleep=time.sleep,
        waiting=_waiting,
    )
    lease.start()
    try:
        yield lease
    finally:
        lease.release()


def _waiting(other: Holder) -> None:
    click.echo(harmless(f"waiting for the lock, held by {other}"), err=True)


def runner_of() -> Runner:
    """This run's identity."""
    from inferctl.cli.whoami import identify

    return identify(os.environ)


def tell(ledger: IndexLedger, run: RunRecord, entries: Mapping[str, Owned | None], word: str) -> int:
    """Write records and the run, say each, and return the exit code."""
    from dataclasses import replace

    from inferctl.cli.whoami import now
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
