"""Which hosts an endpoint names, and to which of them each of its secrets goes. Pure.

A host is named by the settings that a page says it of. Of a setting that no page knows, every text that has the shape
of a URL counts, and every text under such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.model.chunking import CHUNKING_NAMES
from inferctl.model.services.names import PARTS
from inferctl.operator_bounds.hosts import host_of
from inferctl.secrets.credentials import without_credentials_in_text

if TYPE_CHECKING:
    from inferctl.json_types import Json, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.services.setting import Setting


_URL_WORDS = frozenset({"url", "uri"})
_HOST_WORDS = frozenset({"host"})
# Of a field that nobody knows: words of its name, where its value has a dot, a port or two slashes as a host has.
_MAYBE_HOST_WORDS = (
    _URL_WORDS
    | _HOST_WORDS
    | {"address", "authority", "backend", "base", "domain", "endpoint", "fqdn", "gateway", "ip", "node", "origin"}
    | {"proxy", "server", "site", "target", "upstream"}
)
# Words of the names of headers: Host, X-Forwarded-Host, X-Host-Override.
_HOST_HEADERS = frozenset({"host", "authority"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def addresses(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, str, bool]]:
    """Path, text, and whether the text is a URL (else a host without a scheme; empty: it cannot be told)."""
    for path, value, fact in _settings(endpoint):
        if fact is None:
            yield from _unknown(path, str(path[-1]), value)
        elif fact.address == "headers" and isinstance(value, Mapping):
            # A proxy or a shared address sends the request to whom the header names.
            for name, text in value.items():
                if not _HOST_HEADERS.isdisjoint(re.split("[-_]", name.lower())):
                    yield (*path, name), text if isinstance(text, str) else "", False
                elif name.lower() == "forwarded":
                    yield (*path, name), "", False
        elif fact.address in ("url", "host") and isinstance(value, str):
            yield path, value, fact.address == "url"


def schemes(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, str]]:
    """Path and text of each setting that is the scheme of an address."""
    for path, value, fact in _settings(endpoint):
        if fact is not None and fact.address == "scheme" and isinstance(value, str):
            yield path, value


def unknown_texts(endpoint: DesiredEndpoint) -> Iterator[Path]:
    """The settings that no page knows and that hold a text at any depth: each could name a host."""
    for path, value, fact in _settings(endpoint):
        if fact is None and _holds_text(value):
            yield path


def _settings(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, Json, Setting | None]]:
    """Each setting as it is written, with what its page says of it; and what stands unknown inside of a known one."""
    page = endpoint.page
    for part in PARTS:
        facts = page.fields(part, endpoint.task_type) if page is not None else {}
        elsewhere = page.fields(PARTS[1 - PARTS.index(part)], endpoint.task_type) if page is not None else {}
        by_name = {f"{part}.{name}": fact for own, fact in facts.items() for name in (own, *fact.aliases)}
        by_name |= {alias: fact for fact in elsewhere.values() for alias in fact.aliases}
        settings: Mapping[str, Json] = getattr(endpoint, part)
        for name, value in settings.items():
            fact = by_name.get(f"{part}.{name}")
            yield (part, name), value, fact
            yield from _unknown_inside((part, name), value, fact)
    for name, value in (endpoint.chunking_settings or {}).items():
        if name not in CHUNKING_NAMES:
            yield ("chunking_settings", name), value, None


def _unknown_inside(path: Path, value: Json, fact: Setting | None) -> Iterator[tuple[Path, Json, None]]:
    """What a known setting holds and no page knows."""
    if fact is None or not fact.fields or not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        known = fact.fields.get(name)
        if known is None:
            yield (*path, name), inner, None
        yield from _unknown_inside((*path, name), inner, known)


def _holds_text(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_text, value.values()))
    return isinstance(value, str) or (isinstance(value, Sequence) and any(map(_holds_text, value)))


def _is_host_like(text: str) -> bool:
    return text.startswith("//") or not {".", ":"}.isdisjoint(text.partition("/")[0])


def _unknown(path: Path, name: str, value: Json) -> Iterator[tuple[Path, str, bool]]:
    if isinstance(value, str):
        words = [word.lower().removesuffix("s") for word in _WORDS.findall(name)]
        last = words[-1] if words else ""
        if "://" in value or last in _URL_WORDS:
            yield path, value, True
        elif (
            last in _HOST_WORDS
            or "".join(words).endswith("hostname")
            or (not _MAYBE_HOST_WORDS.isdisjoint(words) and _is_host_like(value))
        ):
            yield path, value.removeprefix("//"), False
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unknown((*path, key), f"{name}_{key}", inner)
    elif isinstance(value, Sequence):
        for position, inner in enumerate(value):
            yield from _unknown((*path, position), name, inner)


def usual_hosts(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, str]]:
    """Where secrets go although no setting names the host: the path that decides it, and the host.

    An empty host: it cannot be told.
    """
    page = endpoint.page
    if page is None or not page.secret_fields(endpoint.task_type):
        return
    settings = {path[1]: (value, fact) for path, value, fact in _settings(endpoint) if path[:-1] == PARTS[:1]}
    for name, (_, fact) in settings.items():
        if fact is not None and fact.sent_to_host:
            yield (PARTS[0], name), fact.sent_to_host
    if not any(True for _ in _own_addresses(endpoint)):
        host, names = _usual_host(endpoint)
        yield (PARTS[0], names[0]) if names else ("service",), host


def _own_addresses(endpoint: DesiredEndpoint) -> Iterator[Path]:
    """The settings that name the host of the service itself: not that of who gives out tokens."""
    page = endpoint.page
    known = page.fields(PARTS[0], endpoint.task_type) if page is not None else {}
    elsewhere = {setting.sent_to for setting in known.values() if setting.sent_to}
    for path, value, fact in _settings(endpoint):
        if fact is not None and fact.address in ("url", "host") and isinstance(value, str) and path[1] not in elsewhere:
            yield path


def hosts_of_secret(endpoint: DesiredEndpoint, path: Path) -> tuple[str, ...]:
    """Where the server sends the secret at this path: `host` or `host:port`. Empty: the file and the page do not say.

    An address whose host cannot be told stands there whole, without credentials.
    """
    page = endpoint.page
    settings = page.fields("service_settings", endpoint.task_type) if page is not None else {}
    secret = settings.get(str(path[1])) if len(path) > 1 else None
    named = {place: _host(text, is_url=is_url) for place, text, is_url in addresses(endpoint) if text}
    if secret is not None and secret.sent_to is not None:
        host = named.get(("service_settings", secret.sent_to), secret.sent_to_host)
        return (host,) if host else ()
    # Whoever gives out tokens for a secret of another kind does not get this one.
    elsewhere = {("service_settings", setting.sent_to) for setting in settings.values() if setting.sent_to}
    hosts = tuple(dict.fromkeys(host for place, host in named.items() if place not in elsewhere))
    if hosts or page is None:
        return hosts
    host, _ = _usual_host(endpoint)
    return (_host(host, is_url=False),) if host else ()


def _usual_host(endpoint: DesiredEndpoint) -> tuple[str, tuple[str, ...]]:
    """What a server asks where no setting names a host, and the settings that are part of it."""
    page, task_type = endpoint.page, endpoint.task_type
    assert page is not None
    for setting in page.fields("service_settings", task_type).values():
        default = setting.default_for(task_type) if setting.address == "url" else None
        if isinstance(default, str):
            return host_of(default), ()
    return page.host_for(task_type, endpoint.service_settings)


def _host(text: str, *, is_url: bool) -> str:
    return host_of(text if is_url else f"https://{text}") or without_credentials_in_text(text)
