"""Where the cluster is, who we are, whom we trust: one checked value.

Pure, but for the operator's bounds and the place of certificates: both are looked up on the disk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from inferctl.client.address import is_loopback, url_problem
from inferctl.client.file_connection import check_file, shown_value
from inferctl.client.request import api_key_pair, authorization
from inferctl.client.setting_sources import (
    CERTIFICATE_NAMES,
    CREDENTIALS,
    SETTINGS_FILE,
    Sourced,
    chosen_values,
    names_that_count,
)
from inferctl.errors import SettingsError
from inferctl.fix import advice, command
from inferctl.operator_bounds.bounds import lets_http_by
from inferctl.operator_bounds.hosts import host_of
from inferctl.operator_bounds.read import checkout_of, checkouts, checkouts_of, read_bounds
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.diagnostics import Span
    from inferctl.operator_bounds.hosts import TrustedHosts

ApiKey: TypeAlias = "str | Secret | tuple[str, str | Secret]"
BasicAuth: TypeAlias = "tuple[str, str | Secret]"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_HEX = frozenset("0123456789abcdef")
_SHA256_HEX = 64
_PAIR = 2


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Where the cluster is and who we are. At most one kind of credentials; secrets cannot be printed.

    `ca_certs` is a file or directory of PEM certificates; `ca_fingerprint` the SHA-256 of the server's or its
    CA's certificate, 64 lower-case hex digits; `timeout_s` the longest wait for an answer in seconds (None:
    60 for reads, 150 for writes). `sources` says where each value came from, by name: ("url",
    "ELASTICSEARCH_URL"). Raises SettingsError for values that cannot work.
    """

    url: str
    api_key: Secret | None = None
    basic_auth: tuple[str, Secret] | None = None
    bearer_auth: Secret | None = None
    ca_certs: str | None = None
    ca_fingerprint: str | None = None
    insecure: bool = False
    timeout_s: float | None = None
    sources: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.url, str):
            raise SettingsError(f"the URL is a text, not {type(self.url).__name__}")
        for secret in (self.api_key, self.bearer_auth):
            if secret is not None and not isinstance(secret, Secret):
                raise SettingsError("ConnectionSettings hold a key or a token as Secret(...); .of(...) takes texts")
        problem = url_problem(self.url) or self._problem()
        if problem:
            raise SettingsError(problem)
        if self.ca_fingerprint is not None:
            object.__setattr__(self, "ca_fingerprint", _digits(self.ca_fingerprint))

    def _problem(self) -> str:
        if sum(kind is not None for kind in (self.api_key, self.basic_auth, self.bearer_auth)) > 1:
            return "give one kind of credentials: an API key, or user name and password, or a bearer token"
        password = self.basic_auth and self.basic_auth[1]
        for secret in (self.api_key, self.bearer_auth, password):
            if secret is not None and not _fits_header(secret, encoded=secret is password):
                return "the credentials are empty or hold characters that no header can carry"
        if self.ca_fingerprint is not None:
            digits = _digits(self.ca_fingerprint)
            if len(digits) != _SHA256_HEX or not set(digits) <= _HEX:
                return "the CA fingerprint must be a SHA-256: 64 hex digits, colons allowed"
        if sum((self.ca_certs is not None, self.ca_fingerprint is not None, self.insecure)) > 1:
            return "give one of: CA certificates, a CA fingerprint, insecure"
        if self.timeout_s is not None and not (0 < self.timeout_s < math.inf):
            return "the timeout must be a positive number of seconds"
        return ""

    @property
    def authorization(self) -> Secret | None:
        """The value of the `Authorization` header."""
        return authorization(self.api_key, self.basic_auth, self.bearer_auth)

    @property
    def secrets(self) -> frozenset[Secret]:
        """The credentials in every form they travel in."""
        password = self.basic_auth[1] if self.basic_auth else None
        header = self.authorization
        token = Secret(header.reveal().partition(" ")[2]) if header else None
        return frozenset(s for s in (self.api_key, self.bearer_auth, password, header, token) if s)

    @property
    def unsafe(self) -> tuple[str, ...]:
        """What the connection does without, a sentence each: the check of the certificate, encryption of credentials.

        None where all stays on this machine. A proxy that a variable names is not looked at.
        """
        host, given_by = urlsplit(self.url).hostname or "", dict(self.sources)
        if urlsplit(self.url).scheme.lower() == "https":
            if not self.insecure:
                return ()
            source = given_by.get("insecure", "the program")
            return (f"the certificate of {host} is not checked ({source}): anybody on the way can read the keys",)
        if self.authorization is None or not self.unencrypted_host:
            return ()
        source = next((given_by[name] for name in CREDENTIALS if name in given_by), "the key")
        return (f"{source} goes to http://{host} without encryption: anybody on the way can read it",)

    @property
    def unencrypted_host(self) -> str:
        """The other machine that all goes to in the clear; empty where there is none. A proxy is not looked at."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        return "" if parts.scheme.lower() == "https" or is_loopback(host) else host

    @classmethod
    def of(
        cls,
        url: str,
        *,
        api_key: ApiKey | None = None,
        basic_auth: BasicAuth | None = None,
        bearer_auth: str | Secret | None = None,
        ca_certs: str | None = None,
        ca_fingerprint: str | None = None,
        insecure: bool = False,
        timeout_s: float | None = None,
    ) -> ConnectionSettings:
        """The settings that a program gives by hand; strings are taken into Secrets first thing."""
        api_key = sealed_key(api_key)
        basic_auth = sealed_pair(basic_auth)
        bearer_auth = sealed(bearer_auth)
        return cls(
            url=url,
            api_key=api_key,
            basic_auth=basic_auth,
            bearer_auth=bearer_auth,
            ca_certs=ca_certs,
            ca_fingerprint=ca_fingerprint,
            insecure=insecure,
            timeout_s=timeout_s,
        )

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        *,
        url: str | None = None,
        api_key: str | Secret | None = None,
        username: str | None = None,
        password: str | Secret | None = None,
        bearer_auth: str | Secret | None = None,
        ca_certs: str | None = None,
        ca_fingerprint: str | None = None,
        insecure: bool | None = None,
        timeout_s: float | None = None,
        file: Mapping[str, object] | None = None,
        file_places: Mapping[str, Span] | None = None,
        hosts: TrustedHosts | None = None,
        environment: str = "",
        only_own: bool = False,
    ) -> ConnectionSettings:
        """Flags (the keywords) before variables before settings file (`file`, with the same names as keys).

        `file_places` says where these keys stand, for messages. `hosts` are those that the operator trusts (None:
        `environ` says, with INFERCTL_BOUNDS or INFERCTL_TRUSTED_HOSTS). Raises SettingsError when there is no URL, half
        a pair of credentials, or a host that they do not name; also for what `file_connection` does not take from the
        settings file, which a pull request can change, and for certificates inside of the checkout where hosts are
        bound. An empty variable counts as unset.

        `environment` is the one that was chosen in that file: INFERCTL_PROD_API_KEY and its kin come before the known
        names, an address that is named twice has to be the same, and credentials stay with the address that they stand
        beside. `only_own`: the known names do not count, as in a run of several environments.
        """
        api_key, password, bearer_auth = sealed(api_key), sealed(password), sealed(bearer_auth)
        flags = {
            "url": url,
            "api_key": api_key,
            "username": username,
            "password": password,
            "bearer_auth": bearer_auth,
            "ca_certs": ca_certs,
            "ca_fingerprint": ca_fingerprint,
            "insecure": insecure,
            "timeout_s": timeout_s,
        }
        hosts = read_bounds(environ).hosts if hosts is None else hosts
        file, file_places = file or {}, file_places or {}
        chosen = chosen_values(flags, environ, file, environment=environment, only_own=only_own)
        value = {name: sourced.value for name, sourced in chosen.items()}
        settings = cls(
            url=str(value["url"]),
            api_key=_secret(value.get("api_key")),
            basic_auth=sealed_pair((str(value["username"]), _secret(value["password"]) or Secret("")))
            if "username" in value
            else None,
            bearer_auth=_secret(value.get("bearer_auth")),
            ca_certs=_text(value.get("ca_certs")),
            ca_fingerprint=_text(value.get("ca_fingerprint")),
            insecure=_flag(chosen["insecure"]) if "insecure" in chosen else False,
            timeout_s=_seconds(value.get("timeout_s")),
            sources=tuple(sorted((name, sourced.source) for name, sourced in chosen.items())),
        )
        why = hosts.refuses_url(settings.url, is_of_operator=chosen["url"].source != SETTINGS_FILE)
        if why:
            raise _not_trusted(chosen["url"], hosts, why, environment)
        if environment:
            from inferctl.client.environment_connection import (  # noqa: PLC0415  most files have none
                check_among_several,
                check_belongs_together,
            )

            check_belongs_together(chosen, environ, environment, file.get("url"), file_places)
            if only_own:
                check_among_several(chosen, environ, environment, file_places, trusts_file=hosts.are_bound)
        check_file(chosen, file_places, hosts, environment, by_flag=not only_own)
        if hosts.are_bound and not settings.insecure and settings.ca_fingerprint is None:
            _refuse_certificates_of_the_checkout(chosen, environ, file_places)
        return settings


def _not_trusted(url: Sourced, hosts: TrustedHosts, why: str, environment: str) -> SettingsError:
    """With what lets the address by: a host that the operator adds, or a scheme; his own address may be `http`."""
    text, fixes = str(url.value), []
    if hosts.refuses_scheme(text.partition(":")[0]):
        if url.source == SETTINGS_FILE and hosts.schemes is None:
            variable = names_that_count(environment)[0].url[0]
            fixes.append(command(f"export {variable}={shown_value(text, 'http://…')}"))
        fixes.append(advice(lets_http_by(hosts)))
    elif host_of(text):
        fixes.append(advice(f"the operator adds {host_of(text)} to {hosts.said_by}"))
    what = f"the cluster's URL, given by {url.source}, is not trusted: {why}"
    return SettingsError(what).with_fixes(*fixes)


def _refuse_certificates_of_the_checkout(
    chosen: Mapping[str, Sourced], environ: Mapping[str, str], file_places: Mapping[str, Span]
) -> None:
    """Raises SettingsError where a pull request can change the file that says whom to trust, though not its path."""
    own = chosen.get("ca_certs")
    named = {own.source: str(own.value)} if own else {name: environ.get(name, "") for name in CERTIFICATE_NAMES}
    folder = Path.cwd()
    around = checkouts_of(folder, environ)
    for span in list(file_places.values())[:1]:
        around += checkouts((folder / span.file).parent)
    for source, path in named.items():
        checkout = checkout_of(folder / path, around) if path else None
        if checkout is not None:
            what = f"{source} names {path}, which is inside the checkout {checkout}: a pull request could change it"
            raise SettingsError(what).with_fixes(
                advice("the operator keeps it outside of the repository, or gives a fingerprint")
            )


def sealed(text: str | Secret | None) -> Secret | None:
    """A Secret of what may be one already. Raises SettingsError for what is no text."""
    if text is not None and not isinstance(text, str | Secret):
        raise SettingsError(f"a key, token or password is a text or a Secret, not {type(text).__name__}")
    return Secret(text) if isinstance(text, str) else text


def sealed_key(api_key: ApiKey | None) -> Secret | None:
    """An API key in its encoded form, from that form or from an (id, key) pair."""
    if not isinstance(api_key, tuple):
        return sealed(api_key)
    if len(api_key) != _PAIR or not isinstance(api_key[0], str):
        raise SettingsError("an API key in parts is a pair of two texts: (id, key)")
    key = sealed(api_key[1])
    return None if key is None else api_key_pair(api_key[0], key)


def sealed_pair(pair: BasicAuth | None) -> tuple[str, Secret] | None:
    """User name and sealed password."""
    if pair is None:
        return None
    return pair[0], Secret(pair[1]) if isinstance(pair[1], str) else pair[1]


def _fits_header(secret: Secret, *, encoded: bool) -> bool:
    text = secret.reveal()
    return bool(text) and text.isprintable() and (encoded or text.isascii())


def _digits(fingerprint: str) -> str:
    return fingerprint.replace(":", "").strip().lower()


def _secret(value: object) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    raise SettingsError("credentials must be text")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise SettingsError("the timeout must be a number of seconds")


def _flag(sourced: Sourced) -> bool:
    text = str(sourced.value).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise SettingsError(f"{sourced.source}: 'insecure' is true or false")
