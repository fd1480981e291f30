"""Which hosts an endpoint names, and to which of them each of its secrets goes. Pure.

A host is named by the settings that a page says it of. Of a setting that no page knows, every text that has the shape
of a URL counts, and every text under such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.model.services.names import PARTS
from inferctl.operator_bounds.hosts import host_of
from inferctl.secrets.credentials import without_credentials_in_text

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.services.service import Service
    from inferctl.model.services.setting import Setting


_URL_WORDS = frozenset({"url", "uri"})
_HOST_WORDS = frozenset({"host"})
# Of a field that nobody knows: what it may be called, where its value has a dot, a port or two slashes as a host has.
_MAYBE_HOST_WORDS = _HOST_WORDS | {"hostname", "endpoint", "address", "domain", "server", "proxy", "origin"}


def addresses(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, str, bool]]:
    """Path, text, and whether the text is a URL (else a host without a scheme)."""
    page = endpoint.page
    for part in PARTS:
        facts = page.fields(part, endpoint.task_type) if page is not None else {}
        by_name = {name: fact for own, fact in facts.items() for name in (own, *fact.aliases)}
        settings: Mapping[str, Json] = getattr(endpoint, part)
        for name, value in settings.items():
            fact = by_name.get(name)
            if fact is None:
                yield from _unknown((part, name), name, value)
            elif fact.address and isinstance(value, str):
                yield (part, name), value, fact.address == "url"


def _is_host_like(text: str) -> bool:
    return text.startswith("//") or not {".", ":"}.isdisjoint(text.partition("/")[0])


def _unknown(path: Path, name: str, value: Json) -> Iterator[tuple[Path, str, bool]]:
    if isinstance(value, str):
        word = name.lower().rpartition("_")[2]
        if "://" in value or word in _URL_WORDS:
            yield path, value, True
        elif word in _HOST_WORDS or (word in _MAYBE_HOST_WORDS and _is_host_like(value)):
            yield path, value.removeprefix("//"), False
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unknown((*path, key), key, inner)
    elif isinstance(value, Sequence):
        for position, inner in enumerate(value):
            yield from _unknown((*path, position), name, inner)


def hosts_of_secret(endpoint: DesiredEndpoint, path: Path) -> tuple[str, ...]:
    """Where the server sends the secret at this path: `host` or `host:port`. Empty: the file and the page do not say.

    An address whose host cannot be told stands there whole, without credentials.
    """
    page = endpoint.page
    settings = page.fields("service_settings", endpoint.task_type) if page is not None else {}
    secret = settings.get(str(path[1])) if len(path) > 1 else None
    named = {place: _host(text, is_url=is_url) for place, text, is_url in addresses(endpoint)}
    if secret is not None and secret.sent_to is not None:
        host = named.get(("service_settings", secret.sent_to))
        return () if host is None else (host,)
    # Whoever gives out tokens for a secret of another kind does not get this one.
    elsewhere = {("service_settings", setting.sent_to) for setting in settings.values() if setting.sent_to}
    hosts = tuple(dict.fromkeys(host for place, host in named.items() if place not in elsewhere))
    if hosts or page is None:
        return hosts
    return _usual_host(page, settings, endpoint.task_type, endpoint.service_settings)


def _usual_host(page: Service, settings: Mapping[str, Setting], task_type: str, given: JsonObject) -> tuple[str, ...]:
    """What a server asks where no setting names a host."""
    for setting in settings.values():
        default = setting.default_for(task_type) if setting.address else None
        if isinstance(default, str):
            return (_host(default, is_url=True),)
    host = page.host_for(task_type)
    missing = [name for name in re.findall(r"\{(\w+)\}", host) if not isinstance(given.get(name), str)]
    return () if missing or not host else (_host(host.format_map(given), is_url=False),)


def _host(text: str, *, is_url: bool) -> str:
    return host_of(text if is_url else f"https://{text}") or without_credentials_in_text(text)
