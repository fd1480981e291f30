"""Hosts that may be talked to, said by the operator outside the repository. Pure.

A pull request can change a URL, and with it where a key goes. Where INFERCTL_TRUSTED_HOSTS is set, nothing is sent to
a host that is not on it: neither by inferctl (the cluster's URL), nor by the cluster (the URLs in the files).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTS_VARIABLE = "INFERCTL_TRUSTED_HOSTS"
# What one reader of URLs takes for a part of the host and another does not: no such URL is trusted.
_TREACHEROUS = re.compile(r"[\s\\@%\x00-\x20\x7f]")
_HOST = re.compile(r"[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """Globs over host names, or over `host:port`. None: the operator set no bound; empty: no host is trusted."""

    globs: tuple[str, ...] | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> TrustedHosts:
        """INFERCTL_TRUSTED_HOSTS: globs separated by commas or spaces. Case does not matter."""
        text = environ.get(HOSTS_VARIABLE)
        return cls(None if text is None else tuple(text.lower().replace(",", " ").split()))

    def refuses_url(self, url: str) -> str:
        """Why a URL may not be used, or nothing. Names the host, never the rest of the URL."""
        if self.globs is None:
            return ""
        told = _host_and_port(url)
        return "its host cannot be told from the URL" if told is None else self._refuses(*told)

    def refuses_host(self, host: str) -> str:
        """The same for a setting that holds a host, or `host:port`, without a scheme."""
        return "" if self.globs is None else self.refuses_url(f"https://{host}")

    def _refuses(self, host: str, port: int | None) -> str:
        name = host.lower().rstrip(".")
        spelled = _spelled(host)
        if not spelled:
            return f"{HOSTS_VARIABLE} does not name its host"
        forms = (name, spelled, f"{spelled}:{port}") if port is not None else (name, spelled)
        if any(form == glob or fnmatchcase(form, glob) for form in forms for glob in self.globs or ()):
            return ""
        return f"{HOSTS_VARIABLE} does not name {spelled}" + (f":{port}" if port is not None else "")


def host_of(url: str) -> str:
    """The `host` or `host:port` of a URL, in lower case; empty where no or more than one host can be read from it."""
    told = _host_and_port(url)
    spelled = "" if told is None else _spelled(told[0])
    return f"{spelled}:{told[1]}" if told and spelled and told[1] is not None else spelled


def _host_and_port(url: str) -> tuple[str, int | None] | None:
    head = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    if "://" not in url or _TREACHEROUS.search(head):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (host, port) if host else None


def _spelled(host: str) -> str:
    """As it stands in a URL; empty for what no host is called."""
    name = host.lower().rstrip(".")
    spelled = f"[{name}]" if ":" in name else name
    return spelled if _HOST.fullmatch(spelled) else ""
