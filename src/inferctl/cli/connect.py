"""The cluster that a command talks to: a real one, or the bundled emulator in this process, with its state on disk."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.cli.output import hide_secrets, known_secrets, tell
from inferctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.api.cluster import Cluster
    from inferctl.cli.options import ConnectionFlags, LockFlags
    from inferctl.client.settings import ConnectionSettings
    from inferctl.client.sync import InferenceClient
    from inferctl.report.text_lines import Looked
    from inferctl.workspace.settings import Settings

_EMULATOR_FOLDER = Path(".inferctl")
_OWN_VARIABLES = "each has variables of its own, such as INFERCTL_PROD_URL"


@contextmanager
def open_cluster(flags: ConnectionFlags, settings: Settings, lock: LockFlags | None = None) -> Iterator[Cluster]:
    """The cluster for this run. Raises SettingsError or UsageError before anything is sent."""
    from inferctl.api.identity import EMULATOR
    from inferctl.cli.reports import this_command

    if flags.emulator:
        with _emulated(flags, settings.environment) as client:
            yield _noted(_cluster(client, flags, settings, lock), EMULATOR, "the command line")
        return
    from inferctl.api.cluster import connection_places, connection_values
    from inferctl.client.settings import ConnectionSettings

    reports = this_command()
    _check_flags(flags, lock, settings)
    connection = ConnectionSettings.from_environment(
        os.environ,
        url=flags.url,
        ca_certs=flags.ca_certs,
        ca_fingerprint=flags.ca_fingerprint,
        insecure=flags.insecure or None,
        timeout_s=flags.request_timeout_s,
        file=connection_values(settings),
        file_places=connection_places(settings),
        hosts=reports.bounds.hosts,
        environment=settings.environment,
        only_own=reports.among_several,
    )
    with _cluster(connection, flags, settings, lock) as cluster:
        yield _noted(cluster, connection.url, dict(connection.sources).get("url", ""), connection.unsafe)


def _check_flags(flags: ConnectionFlags, lock: LockFlags | None, settings: Settings) -> None:
    """Raises UsageError for flags that would reach several clusters, or undo what keeps production."""
    from inferctl.cli.reports import this_command

    if lock is not None and lock.no_lock and settings.values.production:
        raise UsageError(f"--no-lock is not for {settings.environment}, which is for production")
    given = {
        "--url": flags.url,
        "--ca-certs": flags.ca_certs,
        "--ca-fingerprint": flags.ca_fingerprint,
        "--insecure": flags.insecure,
    }
    named = next((name for name, value in given.items() if value), None)
    if named and this_command().among_several:
        raise UsageError(f"{named} is for one cluster, and several environments are meant: {_OWN_VARIABLES}")


def _noted(cluster: Cluster, address: str, address_from: str, unsafe: tuple[str, ...] = ()) -> Cluster:
    """The same; the reports of the command name it from now on. What is `unsafe` about it is told once."""
    from inferctl.cli.reports import this_command

    reports = this_command()
    for what in unsafe if reports.cluster is None else ():
        tell(f"warning: {what}")
    reports.pinned, reports.settings_file = cluster.cluster_uuid is not None, cluster.settings_file
    reports.cluster, reports.address, reports.address_from, reports.unsafe = cluster, address, address_from, unsafe
    return cluster


def looked_at(cluster: Cluster) -> Looked | None:
    """The run, and the cluster that it looks at, for a document that names them; None without an environment."""
    from inferctl.cli.reports import this_command
    from inferctl.observe.cluster import read_capabilities
    from inferctl.report.plan_view import cluster_view

    reports = this_command()
    run = reports.named_run
    if run is None:
        return None
    seen = cluster.seen = cluster.seen or read_capabilities(cluster.client)
    return run, cluster_view(seen, pinned=reports.is_pinned)


def tell_where(cluster: Cluster) -> None:
    """Which environment and which cluster it is, on stderr, for a command without a report. Nothing without one."""
    looked = looked_at(cluster)
    if looked is not None:
        from inferctl.report.style import PLAIN
        from inferctl.report.text_lines import cluster_lines

        run, seen = looked
        for line in cluster_lines(seen, run, PLAIN):
            tell(line)


def _cluster(
    target: ConnectionSettings | InferenceClient, flags: ConnectionFlags, settings: Settings, lock: LockFlags | None
) -> Cluster:
    from inferctl.api.cluster import Cluster, meant_by
    from inferctl.cli.reports import this_command

    meant = meant_by(settings)
    if flags.emulator:  # it is nobody's but ours: no pin, no doubt
        meant = {"environment": settings.environment, "settings_file": settings.file}
    cluster = Cluster(
        target,
        scope=settings.values.ledger_scope,
        lock_timeout_s=None if lock is None or lock.no_lock else lock.lock_timeout,
        lock_ttl_s=settings.values.lock.ttl_s,
        keep_runs=settings.values.keep.runs,
        keep_days=settings.values.keep.days,
        bounds=this_command().bounds,
        dummy_secrets=flags.emulator,
        on_message=tell,
        **meant,
    )
    if this_command().among_several:  # a cluster may quote what another one was sent
        known_before = known_secrets()
        cluster.client.known_secrets.add_later(lambda: known_before)
    hide_secrets(cluster.client.known_secrets)
    return cluster


@contextmanager
def _emulated(flags: ConnectionFlags, environment: str) -> Iterator[InferenceClient]:
    """The emulator in this process. Its state is read before and kept after the command, one command at a time.

    Each environment has a state of its own.
    """
    from inferctl.client.setting_sources import addresses_in

    named = "--url" if flags.url else next(addresses_in(os.environ, environment), None)
    if named:
        raise UsageError(f"--emulator together with {named}: which cluster is meant? Drop one of them.")

    from inferctl.api.cluster import known_version
    from inferctl.api.identity import EMULATOR_URL
    from inferctl.client.sync import InferenceClient
    from inferctl.emulator.adapter import as_function
    from inferctl.emulator.cluster import Cluster
    from inferctl.emulator.persist import StateError, load, save

    version = known_version(flags.emulator_version)
    _make_folder()
    state = _EMULATOR_FOLDER / f"emulator-{f'{environment}-' if environment else ''}{version}.json"
    with _one_at_a_time(state.with_suffix(".lock")):
        try:
            cluster = load(state, version) if state.exists() else Cluster.of(version)
        except StateError as error:
            raise UsageError(str(error)) from error
        tell(f"emulator: Elasticsearch {version}, state in {state.as_posix()}")
        try:
            with InferenceClient(EMULATOR_URL, transport=as_function(cluster)) as client:
                yield client
        finally:
            save(cluster, state)


def _make_folder() -> None:
    """For the state, which holds secrets: its owner's alone, and out of Git. Raises UsageError."""
    ignore = _EMULATOR_FOLDER / ".gitignore"
    if _EMULATOR_FOLDER.is_symlink():
        raise UsageError(f"--emulator keeps its state in {_EMULATOR_FOLDER}/, and that is a link: remove it")
    try:
        _EMULATOR_FOLDER.mkdir(mode=0o700, exist_ok=True)
        if not os.path.lexists(ignore):
            with ignore.open("x", encoding="ascii") as handle:
                handle.write("*\n")
    except OSError as error:
        raise UsageError(
            f"--emulator keeps its state in {_EMULATOR_FOLDER}/, and this folder takes none: {error.strerror}"
        ) from None


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise UsageError(f"{lock.as_posix()} cannot be used: {error.strerror}") from None
    with os.fdopen(descriptor, "r+") as handle:
        try:
            import fcntl
        except ImportError:
            yield
            return
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
