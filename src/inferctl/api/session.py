"""One run on a cluster by stages: connect, lock, plan, check, write. Command and Python API both go through them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from inferctl.api.first_apply import check_confirmed, doubt_about, nobody_confirms
from inferctl.api.ledger import ledger_of, tidy
from inferctl.api.run_secrets import checked_view, verdict
from inferctl.errors import SettingsError
from inferctl.observe.cluster import plan_cluster, read_capabilities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from inferctl.api.cluster import Cluster
    from inferctl.api.first_apply import Doubt
    from inferctl.api.identity import RunIdentity
    from inferctl.applier.events import Event
    from inferctl.applier.interrupt import StopSignal
    from inferctl.applier.outcome import Outcome
    from inferctl.applier.run_bounds import RunBounds
    from inferctl.client.sync import InferenceClient
    from inferctl.exit_codes import Verdict
    from inferctl.ledger.backend import Ledger
    from inferctl.ledger.lock import Lease
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import Capabilities, DesiredSet, Permissions, Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret


@dataclass(slots=True)
class ReadingSession:
    """A run that only plans. `view` is what the ledger held when the plan was made.

    `doubt`: why an apply would not go on by itself, on a cluster that perhaps nobody means.
    """

    cluster: Cluster
    client: InferenceClient
    capabilities: Capabilities
    ledger: Ledger
    view: LedgerView | None = None
    doubt: Doubt | None = None

    def plan(self, work: DesiredSet | Plan, permissions: Permissions, *, skip_stale: bool = False) -> Plan:
        """What has to be done for the endpoints of `work`.

        Of a plan that was made before: its steps as they are decided now; one that has moved is blocked as stale, and
        stops the others unless `skip_stale`. In doubt about the cluster it warns. Raises InputError for a secret out of
        the operator's bounds.
        """
        permissions = replace(permissions, operator_bounds=self.cluster.bounds)
        made = self._made(work, permissions, skip_stale=skip_stale)
        doubts = (self.doubt.warning,) if self.doubt is not None else ()
        return replace(made.made_in(self.cluster.environment), cluster_warnings=doubts)

    def _made(self, work: DesiredSet | Plan, permissions: Permissions, *, skip_stale: bool) -> Plan:
        from inferctl.planner.plan import Plan
        from inferctl.planner.selectors import select_unknown

        today = datetime.now(UTC).date()
        if isinstance(work, Plan):
            from inferctl.observe.cluster import plan_saved
            from inferctl.planner.file.recheck import desired_of

            self._look(desired_of(work))
            return plan_saved(
                self.client, work, permissions, self.capabilities, self.view, skip_stale=skip_stale, today=today
            )
        self._look(work)
        if work.only_unknown:
            work = select_unknown(work, self.view)
        return plan_cluster(
            self.client, work, permissions, capabilities=self.capabilities, ledger=self.view, today=today
        )

    def check_selectors(self, work: DesiredSet | Plan, asked: Permissions) -> None:
        """Raises UsageError naming each selector that matches nothing."""
        check_selectors(self.client, self.ledger, self.capabilities, work, asked)

    def verdict(self, plan: Plan, *, assume_secrets: bool, holder: str = "", saved: bool = False) -> Verdict:
        """What an apply of the plan would end with, the secrets of this process considered.

        One that is `saved` is for this cluster, so that an apply of the file is not in doubt about it.
        """
        cluster = self.cluster
        return verdict(
            plan,
            cluster.environ,
            cluster.bounds.secrets,
            assume_secrets=assume_secrets,
            dummy=cluster.dummy_secrets,
            holder=holder,
            doubt="" if self.doubt is None or (saved and self.doubt.question) else self.doubt.text,
        )

    def lock_holder(self) -> str:
        """Who keeps the lock for longer than an apply waits, which is waited for; "" where it is to be had."""
        from inferctl.api.ledger import lock_holder

        return str(lock_holder(self.cluster, self.client) or "")

    def _look(self, desired: DesiredSet) -> None:
        self.view = checked_view(self.cluster, self.ledger, desired, self.capabilities.cluster_uuid)


def check_selectors(
    client: InferenceClient, ledger: Ledger, capabilities: Capabilities, work: DesiredSet | Plan, asked: Permissions
) -> None:
    """Raises UsageError naming each selector that matches nothing. The cluster is asked where the files do not tell."""
    from inferctl.observe.cluster import observe_selectable
    from inferctl.planner.plan import Plan
    from inferctl.planner.selectors import NOTHING_SEEN, check, undecided

    if isinstance(work, Plan):
        from inferctl.planner.file.recheck import desired_of

        desired, seen = desired_of(work), NOTHING_SEEN
        # The plan holds what its files declare; whom a region policy may deny, others may have made.
        if asked.allow_deny.intersection(names := undecided(asked, desired)):
            there = observe_selectable(client, names, asked, capabilities, ledger.view())
            seen = replace(there, ours=frozenset())
        check(asked, desired, seen)
    elif names := undecided(asked, work):
        check(asked, work, observe_selectable(client, names, asked, capabilities, ledger.view()))


@dataclass(slots=True)
class WritingSession(ReadingSession):
    """A run that may write, under the lock of its scope. Its `client` only reads; what writes is the cluster's."""

    identity: RunIdentity = field(kw_only=True)
    stop: StopSignal = field(kw_only=True)
    bounds: RunBounds = field(kw_only=True)
    lease: Lease | None = None

    def secrets_for(self, plan: Plan) -> Mapping[SecretRef, Secret]:
        """The secrets that the plan sends. Nothing was written yet, and nobody was asked to approve.

        Raises Forbidden where endpoints may not be written, before a secret is read; InputError where a secret cannot
        be had, naming each.
        """
        from inferctl.api.run_secrets import resolve_for
        from inferctl.client.privilege_check import ENDPOINT_WRITES, require_privileges
        from inferctl.planner.action import WRITING

        if any(change.action in WRITING for change in plan.runnable):
            require_privileges(self.client, ENDPOINT_WRITES)
        secrets = resolve_for(self.cluster, plan)
        connection = self.client.settings
        # With credentials of the cluster it was told when the cluster was named. How a client that was handed in sends,
        # nobody here knows.
        if secrets and connection.unencrypted_host and not connection.unsafe and self.cluster.owns_client:
            host = connection.unencrypted_host
            self.cluster.on_message(f"warning: the secrets of this plan go to http://{host} without encryption")
        return secrets

    def write(
        self,
        plan: Plan,
        secrets: Mapping[SecretRef, Secret],
        emit: Callable[[Event], None],
        *,
        command: str,
        force: frozenset[str],
        parallelism: int,
        replace_timeout_s: float,
    ) -> Outcome:
        """Do what the plan says, read each endpoint back, and keep the ledger. `force`: ids of --force-delete."""
        from inferctl.api.identity import now
        from inferctl.api.ledger import new_run
        from inferctl.api.run_secrets import fingerprints_of
        from inferctl.applier.interrupt import Cause
        from inferctl.applier.ledger_notes import LedgerNotes, noting
        from inferctl.applier.runner import Options, Run

        known_secrets = self.cluster.client.known_secrets
        known_secrets.add(secrets.values())
        fingerprints = fingerprints_of(
            self.cluster.environ, self.ledger, self.capabilities.cluster_uuid, make=bool(secrets)
        )
        notes = LedgerNotes(
            self.ledger,
            plan,
            new_run(self.cluster, self.identity, command),
            now,
            before=self.view.owned if self.view else {},
            fingerprint=noting(fingerprints, secrets) if fingerprints else None,
            hide_in=known_secrets.hide_in,
        )
        self.bounds.end_run_when_gone()
        client = self.cluster.client
        writing, finishing = client.bounded(self.bounds), client.bounded(self.bounds.watching())
        if self.lease is not None:
            self.lease.lost = lambda: self.stop.set(Cause.LOCK_LOST.value, Cause.LOCK_LOST)
            writing = writing.checked(self.lease.check)
            finishing = finishing.checked(partial(self.lease.check, finishing=True))
        options = Options(parallelism, force, replace_timeout_s=replace_timeout_s, now=now)
        run = Run(plan, writing, secrets, emit, self.stop, options, notes, finishing)
        ended = run.carry_out()
        if self.lease is not None and run.left_behind:
            self.lease.keep = "calls of this run are still under way"
        return ended

    def tidy(self, ended: Outcome) -> None:
        """Housekeeping in the ledger, once the report stands: nothing of it is part of how the run `ended`."""
        if not self.stop.by_signal:
            tidy(self.cluster, self.ledger, went_well=not self.stop.is_set() and not ended.warnings)


def reading(cluster: Cluster, work: DesiredSet | Plan | None = None) -> ReadingSession:
    """Connect for a plan: nothing can be written, and no lock is taken.

    Raises StalePlan where `work` is a plan that was made for another cluster, or another environment.
    """
    cluster.knows(_declared(work))
    _check_same_environment(work, cluster)
    client = cluster.client.read_only()
    capabilities = cluster.seen = read_capabilities(client)
    _check_target(work, capabilities, cluster)
    ledger = ledger_of(cluster, client)
    doubt = doubt_about(cluster, capabilities, ledger, work) if work is not None else None
    return ReadingSession(cluster, client, capabilities, ledger, doubt=doubt)


def _declared(work: DesiredSet | Plan | None) -> tuple[DesiredEndpoint, ...]:
    """The endpoints that files, or a program, declare."""
    from inferctl.planner.plan import Plan

    if isinstance(work, Plan):
        return tuple(change.desired for change in work.changes if change.desired is not None)
    return work.endpoints if work is not None else ()


def _check_same_environment(work: DesiredSet | Plan | None, cluster: Cluster) -> None:
    from inferctl.planner.file.recheck import check_same_environment
    from inferctl.planner.plan import Plan

    if isinstance(work, Plan):
        check_same_environment(work, cluster.environment)


def _check_target(work: DesiredSet | Plan | None, capabilities: Capabilities, cluster: Cluster) -> None:
    from inferctl.planner.file.recheck import check_target
    from inferctl.planner.plan import Plan

    check_target(work if isinstance(work, Plan) else None, capabilities, cluster.scope or "")


@contextmanager
def writing(
    cluster: Cluster,
    work: DesiredSet | Plan,
    stop: StopSignal,
    allowed: Permissions,
    *,
    identity: RunIdentity | None = None,
    confirm: Callable[[Doubt], bool] = nobody_confirms,
) -> Iterator[WritingSession]:
    """Connect and lock, to plan and carry out `work`, until it is done or `stop` is set. `identity`: whose run this is.

    `confirm` is asked where the cluster may be another one than is meant. Raises NotConfirmed where it does not lift
    the doubt, and UsageError for selectors that match nothing, both before the lock is written; StalePlan for a plan
    that was made for another cluster or environment, LockHeld where the lock is not to be had in time, LedgerError
    where the ledger cannot be written.
    """
    from inferctl.api.identity import identify
    from inferctl.api.ledger import locked
    from inferctl.applier.run_bounds import RunBounds

    if cluster.production and cluster.lock_timeout_s is None:
        raise SettingsError(f"{cluster.environment} is for production: give lock_timeout_s, for the lock")
    cluster.knows(_declared(work))
    _check_same_environment(work, cluster)
    bounds = RunBounds(stop)
    client = cluster.client.bounded(bounds)
    capabilities = cluster.seen = read_capabilities(client)
    _check_target(work, capabilities, cluster)
    ledger = ledger_of(cluster, client, serverless=capabilities.version.serverless)
    check_confirmed(cluster, capabilities, ledger, work, confirm)
    check_selectors(client.read_only(), ledger, capabilities, work, allowed)
    ledger.prepare()
    identity = identity or identify(cluster.environ)
    with locked(cluster, identity, bounds, timeout_s=stop.rest_s()) as lease:
        yield WritingSession(
            cluster,
            client.read_only(),
            capabilities,
            ledger,
            identity=identity,
            stop=stop,
            bounds=bounds,
            lease=lease,
        )
