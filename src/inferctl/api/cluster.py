"""A cluster to plan for and to write to: how it is reached, and under which name we own endpoints there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypedDict, TypeVar

from inferctl.api.cluster_bound import OnlyTheseClusters, Pin
from inferctl.client.known_secrets import hide_in_error
from inferctl.client.settings import ConnectionSettings
from inferctl.client.sync import InferenceClient
from inferctl.errors import InferctlError, SettingsError, UsageError
from inferctl.operator_bounds.read import read_bounds
from inferctl.workspace.run_bounds import PROGRAM, as_diagnostics, of_environment, of_scope, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

    from inferctl.client.settings import ApiKey
    from inferctl.diagnostics import Span
    from inferctl.json_types import Json
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version
    from inferctl.operator_bounds.bounds import OperatorBounds
    from inferctl.planner.plan import Capabilities
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret
    from inferctl.workspace.settings import Settings

LOCK_TIMEOUT_S = 90.0
T = TypeVar("T")


class Cluster:
    """How to reach a cluster, and the `scope` under which we own endpoints there.

    `target` is an address (with `api_key`, where one is needed), ConnectionSettings, or a client; a client that is
    handed in is not closed. Without a `scope` nothing is kept in the cluster, and `Permissions.manage` alone says what
    is ours. An apply waits up to `lock_timeout_s` seconds for the lock of the scope (None: it does without the lock);
    other runs may take the lock over when this one is dead for `lock_ttl_s` seconds (None: 60). At its end an apply
    removes runs from the ledger: those above `keep_runs` (None: 500) and those older than `keep_days` (None: 365).

    `environment` is the one of the settings file that was chosen, "" where that has none. `cluster_uuid` is the only
    cluster that is meant: nothing but its first question reaches another (`pinned_at`: where a file says so), as
    nothing does those that other environments pin (`pinned_by_others`: uuid -> environment). Where the environment is
    for `production`, nothing is written without one. `settings_file` names the file of all that.

    `environ` (os.environ) holds the secrets that endpoints refer to, and who runs this. `bounds` are the operator's
    (None: those that `environ` names).
    `dummy_secrets`: one that is not set is sent as a dummy, for an emulator. `on_message` hears what a person may want
    to know meanwhile: that somebody else has the lock, say.

    Raises SettingsError for a target, a scope or a time that cannot work; RefusedByBounds. Nothing is sent before the
    first use.
    """

    def __init__(
        self,
        target: str | ConnectionSettings | InferenceClient,
        *,
        api_key: ApiKey | None = None,
        scope: str | None = None,
        lock_timeout_s: float | None = LOCK_TIMEOUT_S,
        lock_ttl_s: float | None = None,
        keep_runs: int | None = None,
        keep_days: int | None = None,
        environ: Mapping[str, str] | None = None,
        bounds: OperatorBounds | None = None,
        dummy_secrets: bool = False,
        on_message: Callable[[str], None] | None = None,
        environment: str = "",
        cluster_uuid: str | None = None,
        pinned_at: Span | None = None,
        pinned_by_others: Mapping[str, str] | None = None,
        production: bool = False,
        settings_file: str = "",
    ) -> None:
        if not isinstance(target, str | ConnectionSettings | InferenceClient):
            raise SettingsError(
                f"a cluster is an address, ConnectionSettings or an InferenceClient, not {type(target).__name__}"
            )
        if api_key is not None and not isinstance(target, str):
            raise SettingsError("api_key goes with an address: connection settings and clients hold their own")
        _check(
            {
                "scope": scope,
                "lock": {"ttl_s": lock_ttl_s},
                "ledger": {"keep": {"runs": keep_runs, "days": keep_days}},
            }
        )
        _check_wait(lock_timeout_s)
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.bounds = read_bounds(self.environ) if bounds is None else bounds
        named = (*of_scope(scope, self.bounds), *of_environment(environment, self.bounds))
        refuse(as_diagnostics(named, PROGRAM))
        self.scope = scope
        self.environment = environment
        self.cluster_uuid = cluster_uuid
        self.production = production
        self.settings_file = settings_file
        self.lock_timeout_s = lock_timeout_s
        self.lock_ttl_s = lock_ttl_s
        self.keep_runs = keep_runs
        self.keep_days = keep_days
        self.dummy_secrets = dummy_secrets
        self.on_message = on_message or _nobody_hears
        self.seen: Capabilities | None = None  # of the last run: what it was told at its first request
        self.owns_client = not isinstance(target, InferenceClient)
        if isinstance(target, str):
            self.client = InferenceClient(target, api_key=api_key)
        elif isinstance(target, ConnectionSettings):
            self.client = InferenceClient.from_settings(target)
        else:
            self.client = target
        if production and self.owns_client:  # how a client that was handed in sends, nobody here knows
            from inferctl.client.environment_connection import check_safe_connection

            reached = self.client.settings
            check_safe_connection(
                environment,
                dict(reached.sources),
                insecure=reached.insecure,
                unencrypted_host=reached.unencrypted_host,
            )
        self._opened = self.client
        if self.bounds.cluster_uuids is not None or cluster_uuid is not None or pinned_by_others:
            pin = Pin(cluster_uuid, environment, pinned_at, pinned_by_others or {})
            self.client = self.client.guided(OnlyTheseClusters(self._opened, self.bounds, pin).guide)
        self.client.known_secrets.add_later(self._at_hand)

    def _at_hand(self) -> Iterator[Secret]:
        """What no file has to refer to: variables, and the files of the operator's folder."""
        from pathlib import Path

        from inferctl.secrets.in_environment import secrets_in_environment
        from inferctl.secrets.in_folder import references_below

        yield from secrets_in_environment(self.environ, self.bounds.secrets)
        yield from self._resolved(references_below(self.bounds.secrets.root, Path.cwd()))

    def knows(self, endpoints: Iterable[DesiredEndpoint]) -> None:
        """From now on no error of this cluster's client, and nothing that is told of it, shows a secret of theirs."""
        from inferctl.secrets.reference import references_in

        needed = {r for e in endpoints for r in references_in(e.service_settings, e.secrets).values()}
        self.client.known_secrets.add_later(lambda: self._resolved(needed))

    def _resolved(self, references: Iterable[SecretRef]) -> Iterator[Secret]:
        """Those that can be read here; one that is out of bounds keeps no other from being known."""
        from inferctl.secrets.resolve import resolve_all

        for reference in references:
            yield from resolve_all((reference,), self.environ, self.bounds.secrets).secrets.values()

    def keeping_secrets(self, call: Callable[[], T]) -> T:
        """What `call` gives. No error of ours shows a known secret: neither its words nor the frames that it left.

        What a server says in a success is a value like any other, and an error may name it.
        """
        try:
            return call()
        except InferctlError as error:
            hide_in_error(error, self.client.known_secrets.hide)
            failure = error
        raise failure

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        settings: Settings | None = None,
        scope: str | None = None,
        lock_timeout_s: float | None = LOCK_TIMEOUT_S,
        on_message: Callable[[str], None] | None = None,
    ) -> Self:
        """The cluster that ELASTICSEARCH_URL, ELASTICSEARCH_API_KEY and their kin name, else the settings file.

        `settings` are those of a settings file (`load(config=...).settings`): its connection, its scope, its lock.
        Raises SettingsError, also for a host that the operator does not trust.
        """
        check_settings(settings)
        environ = os.environ if environ is None else environ
        bounds = read_bounds(environ)
        connection = ConnectionSettings.from_environment(
            environ,
            file=connection_values(settings),
            file_places=connection_places(settings),
            hosts=bounds.hosts,
            environment=settings.environment if settings is not None else "",
        )
        values = settings.values if settings is not None else None
        return cls(
            connection,
            scope=scope or (values.ledger_scope if values is not None else None),
            lock_timeout_s=lock_timeout_s,
            lock_ttl_s=values.lock.ttl_s if values is not None else None,
            keep_runs=values.keep.runs if values is not None else None,
            keep_days=values.keep.days if values is not None else None,
            environ=environ,
            bounds=bounds,
            on_message=on_message,
            **meant_by(settings),
        )

    @classmethod
    def emulator(
        cls,
        version: str = "9.5",
        *,
        scope: str | None = None,
        lock_timeout_s: float | None = LOCK_TIMEOUT_S,
        environ: Mapping[str, str] | None = None,
        on_message: Callable[[str], None] | None = None,
    ) -> Self:
        """The bundled emulator in this process: nothing is sent anywhere, no file is written.

        What was applied is there for as long as the object is. A secret that is not set is a dummy. Raises UsageError
        for a version that the emulator does not play.
        """
        from inferctl.api.identity import EMULATOR_URL
        from inferctl.emulator.adapter import as_function
        from inferctl.emulator.cluster import Cluster as Emulated

        emulated = Emulated.of(known_version(version))
        client = InferenceClient(EMULATOR_URL, transport=as_function(emulated))
        return cls(
            client,
            scope=scope,
            lock_timeout_s=lock_timeout_s,
            environ=environ,
            dummy_secrets=True,
            on_message=on_message,
        )

    def version(self) -> Version:
        """The version of the server, which is asked for it."""
        from inferctl.observe.cluster import read_capabilities

        return read_capabilities(self.client).version

    def close(self) -> None:
        """Close the connections, unless the client was handed in."""
        if self.owns_client:
            self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Cluster({self.client.settings.url!r}, scope={self.scope!r})"


def connection_values(settings: Settings | None) -> dict[str, object]:
    """What the settings file says of the connection."""
    return {} if settings is None else settings.values.connection.model_dump(exclude_unset=True, exclude_none=True)


def connection_places(settings: Settings | None) -> dict[str, Span]:
    """Where it says so, by key."""
    if settings is None:
        return {}
    return {key: settings.place(("connection", key)) for key in settings.values.connection.model_fields_set}


class Meant(TypedDict, total=False):
    """Keywords of Cluster that say which cluster is meant."""

    environment: str
    cluster_uuid: str | None
    pinned_at: Span | None
    pinned_by_others: Mapping[str, str]
    production: bool
    settings_file: str


def meant_by(settings: Settings | None) -> Meant:
    """What settings say of it. Without an environment only a pin counts."""
    if settings is None:
        return {}
    uuid = settings.values.cluster_uuid
    return {
        "environment": settings.environment,
        "cluster_uuid": uuid,
        "pinned_at": None if uuid is None else settings.place(("cluster_uuid",)),
        "pinned_by_others": settings.pinned_by_others,
        "production": settings.values.production,
        "settings_file": settings.file,
    }


def check_settings(settings: object) -> None:
    """Raises UsageError for what are no settings of a file."""
    from inferctl.workspace.desired import Loaded
    from inferctl.workspace.settings import Settings

    if settings is not None and not isinstance(settings, Settings):
        fix = ": give loaded.settings" if isinstance(settings, Loaded) else ""
        raise UsageError(f"settings are those of a settings file, not {type(settings).__name__}{fix}")


def known_version(text: str) -> str:
    """A version that the emulator plays. Raises UsageError, with the versions there are."""
    from inferctl.emulator.profiles import PROFILES

    if text not in PROFILES:
        raise UsageError(f"the emulator plays {', '.join(PROFILES)}, not {text!r}")
    return text


def _check(values: Mapping[str, Json]) -> None:
    """Raises SettingsError for what the settings file would not take either."""
    from inferctl.workspace.settings import read_values

    _, findings = read_values(values)
    if findings:
        raise SettingsError(f"{findings[0].what}: {findings[0].why}")


def _check_wait(seconds: object) -> None:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if seconds is not None and not (is_number and seconds >= 0):  # type: ignore[operator]  # a number, then
        raise SettingsError("lock_timeout_s is a number of seconds, 0 or more; None does without the lock")


def _nobody_hears(_line: str) -> None:
    """Where no program asked to hear it."""
