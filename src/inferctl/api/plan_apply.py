"""`plan` and `apply` for programs: no printing, no question, no exit; errors are raised, or are in the outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from inferctl.api.cluster import Cluster, check_settings
from inferctl.api.load import beyond_bounds, desired_set, saved_work
from inferctl.api.permissions import permitted, with_permit_warnings
from inferctl.api.session import reading, writing
from inferctl.durations import REPLACE_TIMEOUT_S
from inferctl.errors import SettingsError, UsageError
from inferctl.planner.plan import Permissions, Plan
from inferctl.workspace.desired import Loaded
from inferctl.workspace.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from inferctl.applier.events import Event
    from inferctl.applier.outcome import Outcome
    from inferctl.model.endpoint import Endpoint
    from inferctl.planner.plan import DesiredSet

Endpoints: TypeAlias = "Loaded | Iterable[Endpoint]"


def plan(
    cluster: Cluster,
    endpoints: Endpoints,
    *,
    permissions: Permissions | None = None,
    settings: Settings | None = None,
) -> Plan:
    """What apply would do to make `cluster` hold these endpoints. Only reads and dry runs are sent.

    `endpoints` are the whole set: what is ours and not among them would be deleted (which `permissions` must allow). An
    empty set deletes nothing. `settings` are those of a settings file; what `load` read brings its own.

    Raises InputError for endpoints that cannot be right, or that are out of the operator's bounds; TransportError and
    ApiError for a cluster that does not answer; LedgerError; UsageError for arguments that cannot be meant.
    """
    settings = _settings(cluster, endpoints, permissions, settings)
    allowed = permitted(permissions or Permissions(), settings, cluster.bounds)
    return cluster.keeping_secrets(lambda: _plan(cluster, endpoints, allowed, settings))


def _plan(cluster: Cluster, endpoints: Endpoints, allowed: Permissions, settings: Settings) -> Plan:
    desired = _desired(endpoints, cluster, settings)
    session = reading(cluster, desired)
    session.check_selectors(desired, allowed)
    made = session.plan(desired, allowed)
    return with_permit_warnings(made, settings, desired, allowed)


def _desired(endpoints: Endpoints, cluster: Cluster, settings: Settings) -> DesiredSet:
    """The endpoints, and the region policy that the settings declare."""
    return replace(desired_set(endpoints, cluster), region_policy=settings.region_policy)


def apply(
    cluster: Cluster,
    endpoints: Endpoints | Plan,
    *,
    permissions: Permissions | None = None,
    settings: Settings | None = None,
    parallelism: int = 4,
    replace_timeout_s: float = REPLACE_TIMEOUT_S,
    skip_stale: bool = False,
    on_event: Callable[[Event], None] | None = None,
    first: bool = False,
) -> Outcome:
    """Make `cluster` hold these endpoints, and read each back. Nobody is asked.

    A Plan that was made before is done as it was made, or not at all where something has moved since (`skip_stale`: but
    for the steps that moved). It permits nothing by itself: give the same `permissions` again.

    `on_event` hears of each step, from several threads, one call at a time. An apply takes the lock of the scope; a
    KeyboardInterrupt, and whatever `on_event` raises, ends it at once and frees the lock.

    `replace_timeout_s`: how long a replace that has deleted the old endpoint tries to put one there again.

    `first`: it may be the first apply of the scope to a cluster that its environment does not pin. One that another
    environment applied it to takes a pin.

    Steps that failed are in the outcome. Raises, before any endpoint is written, what `plan` raises; also NotConfirmed
    for such a cluster, StalePlan, LockHeld, Forbidden, and InputError for a secret that cannot be had.
    """
    settings = _settings(cluster, endpoints, permissions, settings)
    _check_numbers(parallelism, replace_timeout_s)
    if skip_stale and not isinstance(endpoints, Plan):
        raise UsageError("skip_stale is for a plan that was made before: apply(cluster, plan, skip_stale=True)")
    asked = permissions or Permissions()
    beside = beyond_bounds(endpoints, cluster.bounds) if isinstance(endpoints, Plan) else ()
    allowed = permitted(asked, settings, cluster.bounds, beside)

    def run() -> Outcome:
        from inferctl.applier.events import nobody_hears
        from inferctl.applier.interrupt import StopSignal
        from inferctl.applier.outcome import is_refused, outcome

        work = saved_work(endpoints, asked) if isinstance(endpoints, Plan) else _desired(endpoints, cluster, settings)
        with writing(cluster, work, StopSignal(), allowed, confirm=lambda doubt: first and doubt.is_first) as session:
            now = with_permit_warnings(session.plan(work, allowed, skip_stale=skip_stale), settings, work, allowed)
            if is_refused(now):
                return outcome(now, ())
            ended = session.write(
                now,
                session.secrets_for(now),
                on_event or nobody_hears,
                command="apply",
                force=allowed.forced,
                parallelism=parallelism,
                replace_timeout_s=replace_timeout_s,
            )
            session.tidy(ended)
            return ended

    return cluster.keeping_secrets(run)


def _settings(
    cluster: Cluster, endpoints: Endpoints | Plan, permissions: Permissions | None, settings: Settings | None
) -> Settings:
    """Those that were given, or read with the endpoints. Raises SettingsError where they name another scope.

    And where they are of another environment than the cluster, or than the endpoints: these are made for one cluster.

    Also UsageError for arguments of other types: the type checker's promise, kept for callers without one.
    """
    if not isinstance(cluster, Cluster):
        raise UsageError(f"the first argument is a Cluster, not {type(cluster).__name__}: Cluster(...) makes one of it")
    if not isinstance(permissions, Permissions | None):
        raise UsageError(f"permissions are Permissions(...), not {type(permissions).__name__}")
    check_settings(settings)
    if settings is None:
        settings = endpoints.settings if isinstance(endpoints, Loaded) else Settings()
    scope = settings.values.ledger_scope
    if scope is not None and scope != cluster.scope:
        raise SettingsError(
            f"{settings.file} names the scope {scope}, and the cluster is used under {cluster.scope or 'none'}: "
            "make it with Cluster.from_environment(settings=...), or with scope="
        )
    meant = settings.environment
    if meant and meant != cluster.environment and not cluster.dummy_secrets:
        raise SettingsError(
            f"the settings are of the environment {meant}, and the cluster is of {cluster.environment or 'none'}: "
            "make it with Cluster.from_environment(settings=...)"
        )
    of_files = endpoints.settings.environment if isinstance(endpoints, Loaded) else ""
    if of_files and of_files != meant:
        raise SettingsError(
            f"the endpoints were read for the environment {of_files}, and the settings are those of {meant or 'none'}"
        )
    for one in (settings, endpoints.settings) if isinstance(endpoints, Loaded) else (settings,):
        _check_meant(cluster, one)
    return settings


def _check_meant(cluster: Cluster, settings: Settings) -> None:
    """Raises SettingsError where the settings mean another cluster, or more care, than the cluster was made with."""
    if cluster.dummy_secrets:
        return
    pin = settings.values.cluster_uuid
    if pin is not None and pin != cluster.cluster_uuid:
        what = f"{settings.file} pins the cluster {pin}, and this one was made "
        what += f"for {cluster.cluster_uuid}" if cluster.cluster_uuid else "without a pin"
    elif settings.values.production and not cluster.production:
        what = f"the environment {settings.environment} is for production, and this cluster was made without that"
    else:
        return
    raise SettingsError(f"{what}: make it with Cluster.from_environment(settings=...)")


def _check_numbers(parallelism: object, replace_timeout_s: object) -> None:
    if not isinstance(parallelism, int) or parallelism < 1:
        raise UsageError("parallelism is a number of writes at a time, 1 or more")
    if not isinstance(replace_timeout_s, int | float) or not replace_timeout_s >= 0:
        raise UsageError("replace_timeout_s is a number of seconds, 0 or more")
