"""The URL of a cluster: what is wrong with one, and the one inside a cloud id. Pure."""

from __future__ import annotations

import binascii
from base64 import b64decode
from urllib.parse import urlsplit

from inferctl.errors import SettingsError


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
