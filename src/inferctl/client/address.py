"""The address of a cluster: whether it can be one, whether two are one, whether it is this machine. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


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


def is_loopback(host: str) -> bool:
    """Whether what is sent to `host`, a name or an address without brackets, stays on this machine."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_same_address(one: str, other: str) -> bool:
    """Whether two URLs lead to one place: scheme and host in any case, the port that goes without saying, the path."""
    return _address(one) == _address(other)


def _address(url: str) -> tuple[object, ...]:
    try:
        parts = urlsplit(url.strip())
        scheme = parts.scheme.lower()
        host = (parts.hostname or "").rstrip(".")
        return scheme, parts.username, parts.password, host, parts.port or _PORTS.get(scheme), parts.path.rstrip("/")
    except ValueError:
        return (url,)
