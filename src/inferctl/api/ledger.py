"""The ledger and the lock of one run: which one a cluster is used with, and who we are in it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.errors import LockHeld, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.api.cluster import Cluster
    from inferctl.api.identity import RunIdentity
    from inferctl.applier.run_bounds import RunBounds
    from inferctl.client.sync import InferenceClient
    from inferctl.ledger.backend import Ledger
    from inferctl.ledger.index import IndexLedger
    from inferctl.ledger.lock import Lease
    from inferctl.ledger.records import Holder, RunRecord

_SHORTEST_HEARTBEAT_S = 5.0


def ledger_of(cluster: Cluster, client: InferenceClient, *, serverless: bool = False) -> Ledger:
    """The `index` ledger where the cluster is used under a scope; else one that keeps nothing."""
    if cluster.scope is None:
        from inferctl.ledger.backend import NoLedger

        return NoLedger()
    from inferctl.ledger.index import IndexLedger

    return IndexLedger(
        client,
        cluster.scope,
        serverless=serverless,
        on_warning=lambda text: cluster.on_message(f"warning: {text}"),
    )


def index_ledger(cluster: Cluster, client: InferenceClient) -> IndexLedger:
    """For what makes no sense without one. Raises UsageError."""
    from inferctl.ledger.index import IndexLedger

    ledger = ledger_of(cluster, client)
    if not isinstance(ledger, IndexLedger):
        raise UsageError("this command works on the ledger: set a scope in inferctl.yaml (and not ledger: none)")
    return ledger


def tidy(cluster: Cluster, ledger: Ledger, *, went_well: bool) -> None:
    """The ledger after an apply: mappings, and where it `went_well` no more runs than are to be kept. Never raises."""
    from datetime import UTC, datetime, timedelta

    from inferctl.ledger.index import IndexLedger
    from inferctl.ledger.runs import Keep

    if isinstance(ledger, IndexLedger):
        ledger.look_at_mappings()
        if not went_well:
            return
        keep = Keep(cluster.keep_runs or Keep().runs, cluster.keep_days or Keep().days)
        oldest_kept = datetime.now(UTC) - timedelta(days=keep.days)
        ledger.prune(keep, oldest_kept=oldest_kept.isoformat(timespec="seconds"))


def new_run(cluster: Cluster, identity: RunIdentity, command: str) -> RunRecord:
    """The run's record at its start. Where there is an environment it names what was asked, and where."""
    from inferctl.api.identity import EMULATOR, EMULATOR_URL, now
    from inferctl.ledger.records import RunRecord

    record = RunRecord(
        run=identity.run,
        scope=cluster.scope or "",
        command=command,
        who=identity.who,
        started_at=now(),
        commit=identity.commit,
        run_url=identity.run_url,
    )
    if not cluster.environment:
        return record
    connection, seen = cluster.client.settings, cluster.seen
    return replace(
        record,
        environment=cluster.environment,
        address=EMULATOR if cluster.dummy_secrets and connection.url == EMULATOR_URL else connection.url,
        address_from=dict(connection.sources).get("url", ""),
        cluster_name=seen.cluster_name if seen else "",
        cluster_uuid=seen.cluster_uuid if seen else "",
    )


def lock_holder(cluster: Cluster, client: InferenceClient) -> Holder | None:
    """Who has the lock of the scope when an apply that began now would give up waiting; None where it would get it."""
    if cluster.lock_timeout_s is None or cluster.scope is None:
        return None
    from inferctl.ledger.lock import holder_after

    return holder_after(
        client,
        cluster.scope,
        timeout_s=cluster.lock_timeout_s,
        clock=time.monotonic,
        sleep=time.sleep,
        waiting=lambda other: _tell_waiting(cluster, other),
    )


def _tell_waiting(cluster: Cluster, holder: Holder) -> None:
    cluster.on_message(f"waiting for the lock, held by {holder}")


@contextmanager
def locked(
    cluster: Cluster, identity: RunIdentity, bounds: RunBounds | None = None, *, timeout_s: float | None = None
) -> Iterator[Lease | None]:
    """The lock of the scope while the block runs; None where there is no ledger, or the lock is not wanted.

    `bounds` hear of each heartbeat; `timeout_s` is how long the run may wait at most, where something bounds it. Raises
    LockHeld when the lock is not to be had in time. A lock that cannot be removed at the end is said.
    """
    if cluster.lock_timeout_s is None or cluster.scope is None:
        yield None
        return
    from inferctl.api.identity import now
    from inferctl.ledger.lock import DEFAULT_TTL_S, acquire, withdraw
    from inferctl.ledger.records import Holder

    holder = Holder(
        run=identity.run,
        who=identity.who,
        ttl_s=cluster.lock_ttl_s or DEFAULT_TTL_S,
        run_url=identity.run_url,
        since=now(),
    )

    # A heartbeat that takes longer than the pause between two is worth nothing.
    limit_s = max(holder.ttl_s / 3, _SHORTEST_HEARTBEAT_S)
    client = cluster.client
    if bounds is not None:
        client = client.bounded(bounds.watching(at_most_s=limit_s, counts=False))
    lease: Lease | None = None
    left = ""
    try:
        lease = acquire(
            client,
            cluster.scope,
            holder,
            timeout_s=cluster.lock_timeout_s if timeout_s is None else min(timeout_s, cluster.lock_timeout_s),
            clock=time.monotonic,
            sleep=time.sleep,
            waiting=lambda other: _tell_waiting(cluster, other),
        )
        lease.start()
        yield lease
    except LockHeld:
        raise
    except BaseException:
        if lease is None:  # an interruption, or no answer, just when the lock was taken
            left = withdraw(cluster.client, cluster.scope, holder)
        raise
    finally:
        left = left or (lease.release() if lease is not None else "")
        if left:
            cluster.on_message(
                f"warning: the lock of scope {cluster.scope} stays until its time to live of {holder.ttl_s:g} s is "
                f"over: {left}"
            )
