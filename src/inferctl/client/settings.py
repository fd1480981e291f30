"""How to reach a cluster: one frozen value, read from flags, environment and settings file. Pure.

The environment comes in as a mapping. Order: flags, then environment, then settings file. Of the credentials
the first of these three that names any wins as a whole, so that a key on the command line is never mixed with
a user name left over in the environment.
"""

from __future__ import annotations

import binascii
import math
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from inferctl.client.headers import api_key_pair, authorization
from inferctl.errors import SettingsError
from inferctl.secrets.secret import Secret
from inferctl.secrets.trust import HOSTS_VARIABLE, TrustedHosts

if TYPE_CHECKING:
    from collections.abc import Mapping

ApiKey: TypeAlias = "str | Secret | tuple[str, str | Secret]"
BasicAuth: TypeAlias = "tuple[str, str | Secret]"

# The names that Elastic's own tools and clients use, best first.
URL_NAMES = ("ELASTICSEARCH_URL", "ELASTICSEARCH_ENDPOINTS", "ES_URL")
CLOUD_ID_NAMES = ("ELASTIC_CLOUD_ID", "CLOUD_ID")
API_KEY_NAMES = ("ELASTICSEARCH_API_KEY", "ELASTIC_API_KEY", "ES_API_KEY")
BEARER_NAMES = ("ELASTICSEARCH_BEARER_TOKEN",)
BASIC_NAMES = (("ELASTICSEARCH_USERNAME", "ELASTICSEARCH_PASSWORD"), ("ES_USERNAME", "ES_PASSWORD"))
CA_CERTS_NAMES = ("ELASTICSEARCH_CA_CERTS",)
FINGERPRINT_NAMES = ("ELASTICSEARCH_CA_FINGERPRINT",)
INSECURE_NAMES = ("ELASTICSEARCH_INSECURE",)

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_HEX = frozenset("0123456789abcdef")
_SHA256_HEX = 64


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
    ) -> ConnectionSettings:
        """Flags (the keywords) before environment before settings file (`file`, with the same names as keys).

        Raises SettingsError when there is no URL, half a pair of credentials, or a host that is not among those of
        INFERCTL_TRUSTED_HOSTS, where that is set; also when the settings file, which a pull request can change, would
        have a cluster that it does not name itself, or a trusted host, taken unchecked. An empty variable counts as
        unset.
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
        layers = (
            _named(flags, "the command line"),
            _from_environ(environ),
            _named(dict(file or {}), _FILE),
        )
        found = _chosen(layers)
        if "url" not in found:
            raise SettingsError(
                "no cluster is named: give --url, set ELASTICSEARCH_URL, or put url into the settings file"
            )
        if ("username" in found) != ("password" in found):
            lacks, has = ("password", "username") if "username" in found else ("user name", "password")
            raise SettingsError(f"{found[has][1]} gives half of the credentials: the {lacks} is missing")
        value = {name: entry[0] for name, entry in found.items()}
        _refuse_weakening(found, environ)
        untrusted = not url_problem(str(value["url"])) and TrustedHosts.from_environment(environ).refuses_url(
            str(value["url"])
        )
        if untrusted:
            raise SettingsError(f"the cluster's URL, given by {found['url'][1]}, is not trusted: {untrusted}")
        return cls(
            url=str(value["url"]),
            api_key=_secret(value.get("api_key")),
            basic_auth=sealed_pair((str(value["username"]), _secret(value["password"]) or Secret("")))
            if "username" in value
            else None,
            bearer_auth=_secret(value.get("bearer_auth")),
            ca_certs=_text(value.get("ca_certs")),
            ca_fingerprint=_text(value.get("ca_fingerprint")),
            insecure=_flag(value.get("insecure"), found["insecure"][1]) if "insecure" in found else False,
            timeout_s=_seconds(value.get("timeout_s")),
            sources=tuple(sorted((name, entry[1]) for name, entry in found.items())),
        )


def _refuse_weakening(found: Mapping[str, tuple[object, str]], environ: Mapping[str, str]) -> None:
    value, source = found.get("insecure", (False, ""))
    if source != _FILE or value is not True:
        return
    if TrustedHosts.from_environment(environ).globs is not None:
        why = f"with {HOSTS_VARIABLE} a host must prove that it is the one"
    elif found["url"][1] != _FILE:
        why = f"the URL comes from {found['url'][1]}, and so must this"
    else:
        return
    raise SettingsError(f"insecure: true in the settings file is not taken: {why} (--insecure, ELASTICSEARCH_INSECURE)")


_FILE = "the settings file"
Entry: TypeAlias = tuple[object, str]
Layer: TypeAlias = dict[str, Entry]

_CREDENTIALS = ("api_key", "bearer_auth", "username", "password")
_TRUST = ("insecure", "ca_certs", "ca_fingerprint")


def _named(values: Mapping[str, object], source: str) -> Layer:
    return {name: (value, source) for name, value in values.items() if value is not None and value != ""}


def _from_environ(environ: Mapping[str, str]) -> Layer:
    layer: Layer = {}

    def take(name: str, variables: tuple[str, ...], *, secret: bool = False) -> None:
        for variable in variables:
            text = environ.get(variable, "").strip()
            if text and name not in layer:
                layer[name] = (Secret(text) if secret else text, variable)

    take("url", URL_NAMES)
    if "url" in layer and layer["url"][1] == "ELASTICSEARCH_ENDPOINTS":
        layer["url"] = (str(layer["url"][0]).split(",")[0].strip(), "ELASTICSEARCH_ENDPOINTS")
    for variable in CLOUD_ID_NAMES:
        if "url" not in layer and environ.get(variable, "").strip():
            layer["url"] = (cloud_url(environ[variable].strip()), variable)
    take("api_key", API_KEY_NAMES, secret=True)
    take("bearer_auth", BEARER_NAMES, secret=True)
    for user, password in BASIC_NAMES:
        if "username" not in layer and "password" not in layer:
            take("username", (user,))
            take("password", (password,), secret=True)
    take("ca_certs", CA_CERTS_NAMES)
    take("ca_fingerprint", FINGERPRINT_NAMES)
    take("insecure", INSECURE_NAMES)
    # One kind of credentials is enough; a variable set beside a key is no contradiction.
    return _one_kind(layer)


def _one_kind(layer: Layer) -> Layer:
    for kind in ("api_key", "bearer_auth"):
        if kind in layer:
            return {name: entry for name, entry in layer.items() if name == kind or name not in _CREDENTIALS}
    return layer


def _chosen(layers: tuple[Layer, ...]) -> Layer:
    """The first of each; credentials, and what to trust, come from one layer as a whole."""
    found: Layer = {}
    for group in (_CREDENTIALS, _TRUST):
        for layer in layers:
            if any(name in layer for name in group):
                found |= {name: layer[name] for name in group if name in layer}
                break
    for layer in reversed(layers):
        found |= {name: layer[name] for name in ("url", "timeout_s") if name in layer}
    return found


def url_problem(url: str) -> str:
    """What is wrong with a cluster URL, or nothing. Never quotes the URL: it may hold a password."""
    if any(char.isspace() or not char.isprintable() for char in url):
        return "the URL holds blanks or control characters"
    try:
        parts = urlsplit(url)
        host, port_ok = parts.hostname, parts.port is None or parts.port > 0
    except ValueError:
        return "the URL cannot be read: its host or port is malformed"
    if parts.scheme.lower() not in {"http", "https"}:
        return "the URL must start with http:// or https://"
    if "@" in parts.netloc:
        return "the URL holds a user name or password: give credentials apart"
    if not host or not port_ok:
        return "the URL names no host, or a port that cannot be"
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return "the URL must end with the path: no query, no fragment"
    return ""


def cloud_url(cloud_id: str) -> str:
    """The Elasticsearch URL inside a cloud id, `label:base64(domain[:port]$elasticsearch$kibana)`."""
    try:
        decoded = b64decode(cloud_id.rpartition(":")[2], validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    domain, _, rest = decoded.partition("$")
    name = rest.partition("$")[0]
    if not domain or not name:
        raise SettingsError("the cloud id cannot be read")
    host, _, port = domain.partition(":")
    own, _, own_port = name.partition(":")
    return f"https://{own}.{host}:{own_port or port or '443'}"


def sealed(text: str | Secret | None) -> Secret | None:
    """A Secret of what may be one already."""
    return Secret(text) if isinstance(text, str) else text


def sealed_key(api_key: ApiKey | None) -> Secret | None:
    """An API key in its encoded form, from that form or from an (id, key) pair."""
    return api_key_pair(*api_key) if isinstance(api_key, tuple) else sealed(api_key)


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


def _flag(value: object, source: str) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise SettingsError(f"{source}: 'insecure' is true or false")
