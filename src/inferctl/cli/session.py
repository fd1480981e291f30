"""A client for the cluster that a command talks to: a real one, or the bundled emulator in this process."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inferctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.cli.options import ConnectionFlags
    from inferctl.client.sync import InferenceClient
    from inferctl.workspace.settings import Settings

_EMULATOR_FOLDER = Path(".inferctl")


class _Harmless(logging.Formatter):
    """A server's words are among what is logged."""

    def format(self, record: logging.LogRecord) -> str:
        from inferctl.cli.output import harmless

        return harmless(super().format(record))


def set_up_logging(verbose: int) -> None:
    """-v: what inferctl decides; -vv: each request's method, path, status and time. Never a body."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Harmless("%(levelname).1s %(name)s: %(message)s"))
    logger = logging.getLogger("inferctl")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if verbose > 1 else logging.INFO)


@contextmanager
def open_client(flags: ConnectionFlags, settings: Settings) -> Iterator[InferenceClient]:
    """The client for this run. Raises SettingsError or UsageError before anything is sent."""
    if flags.emulator:
        with _emulated(flags) as client:
            yield client
        return
    from inferctl.client.settings import ConnectionSettings
    from inferctl.client.sync import InferenceClient

    connection = ConnectionSettings.from_environment(
        os.environ,
        url=flags.url,
        ca_certs=flags.ca_certs,
        ca_fingerprint=flags.ca_fingerprint,
        insecure=flags.insecure or None,
        timeout_s=flags.request_timeout_s,
        file=settings.values.connection.model_dump(exclude_unset=True, exclude_none=True),
    )
    with InferenceClient.from_settings(connection) as client:
        yield client


@contextmanager
def _emulated(flags: ConnectionFlags) -> Iterator[InferenceClient]:
    """The emulator in this process. Its state is read before and kept after the command, one command at a time."""
    from inferctl.client.setting_sources import CLOUD_ID_NAMES, URL_NAMES

    in_environment = (name for name in (*URL_NAMES, *CLOUD_ID_NAMES) if os.environ.get(name))
    named = "--url" if flags.url else next(in_environment, None)
    if named:
        raise UsageError(f"--emulator together with {named}: which cluster is meant? Drop one of them.")

    from inferctl.client.sync import InferenceClient
    from inferctl.emulator.adapter import as_function
    from inferctl.emulator.cluster import Cluster
    from inferctl.emulator.persist import StateError, load, save

    version = known_version(flags.emulator_version)
    _make_folder()
    state = _EMULATOR_FOLDER / f"emulator-{version}.json"
    with _one_at_a_time(state.with_suffix(".lock")):
        try:
            cluster = load(state, version) if state.exists() else Cluster.of(version)
        except StateError as error:
            raise UsageError(str(error)) from error
        click.echo(f"emulator: Elasticsearch {version}, state in {state.as_posix()}", err=True)
        try:
            with InferenceClient("http://emulator.invalid", transport=as_function(cluster)) as client:
                yield client
        finally:
            save(cluster, state)


def known_version(text: str) -> str:
    """A version that the emulator plays. Raises UsageError, with the versions there are."""
    from inferctl.emulator.profiles import PROFILES

    if text not in PROFILES:
        raise UsageError(f"the emulator plays {', '.join(PROFILES)}, not {text!r}")
    return text


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
