"""Hosts that may be talked to, said by the operator outside the repository. Pure.

A pull request can change a URL, and with it where a key goes. Where hosts are bound, nothing is sent to any other:
neither by inferctl (the cluster's URL), nor by the cluster (the URLs in the files).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

HOSTS_VARIABLE = "INFERCTL_TRUSTED_HOSTS"
# What one reader of URLs takes for a part of the host and another does not: no such URL is trusted.
# Lower case makes an ASCII letter of some others (a Kelvin sign).
_TREACHEROUS = re.compile(r"[\\@%]|[^\x21-\x7e]")
_HOST = re.compile(r"[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\]")
# A glob for addresses of IPv6: its brackets hold no set of characters.
_IPV6 = re.compile(r"\[[0-9a-f.*?]*:[0-9a-f:.*?]*\](?::|$)")


@dataclass(frozen=True, slots=True)
class HostGlobs:
    """Globs over host names, or over `host:port`; case does not matter. `said_by` is what messages call them."""

    globs: tuple[str, ...]
    said_by: str

    def name(self, *forms: str) -> bool:
        """Whether one of them names a host, in one of its forms (lower case)."""
        globs = [glob.lower() for glob in self.globs]
        return any(form == glob or _matches(form, glob) for form in forms for glob in globs)


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """What bounds the hosts: each part must name one. Without a part any host will do.

    `schemes` None: the operator named none, so that it is https where hosts are bound, else any. `schemes_said_by` is
    what messages call them.
    """

    parts: tuple[HostGlobs, ...] = ()
    schemes: frozenset[str] | None = None
    schemes_said_by: str = ""

    @property
    def are_bound(self) -> bool:
        """Whether the operator bounds them."""
        return bool(self.parts)

    @property
    def said_by(self) -> str:
        """What bounds them, or would, as messages name it."""
        return " and ".join(part.said_by for part in self.parts) or HOSTS_VARIABLE

    def refuses_url(self, url: str, *, is_of_operator: bool = False) -> str:
        """Why a URL may not be used, or nothing. Names the host, never the rest of the URL.

        A URL of the operator's own says its scheme, unless the bounds name schemes.
        """
        is_scheme_said = is_of_operator and self.schemes is None
        return ("" if is_scheme_said else self.refuses_scheme(url.partition(":")[0])) or self._refuses_host_of(url)

    def refuses_scheme(self, scheme: str) -> str:
        """Why a scheme may not be used, or nothing."""
        if self.schemes is not None:
            return "" if scheme.lower() in self.schemes else f"{self.schemes_said_by} does not name its scheme"
        if not self.parts or scheme.lower() == "https":
            return ""
        return "its scheme is not https, and no other is allowed where hosts are bound"

    def _refuses_host_of(self, url: str) -> str:
        if not self.parts:
            return ""
        address = _host_and_port(url)
        return "its host cannot be told from the URL" if address is None else self._refuses(*address)

    def refuses_host(self, host: str) -> str:
        """The same for a setting that holds a host, or `host:port`, without a scheme."""
        return self._refuses_host_of(f"https://{host}")

    def _refuses(self, host: str, port: int | None) -> str:
        name = host.lower().rstrip(".")
        spelled = _spelled(host)
        if not spelled:
            return f"{self.parts[0].said_by} does not name its host"
        forms = (name, spelled, f"{spelled}:{port}") if port is not None else (name, spelled)
        other = next((part for part in self.parts if not part.name(*forms)), None)
        if other is None:
            return ""
        return f"{other.said_by} does not name {spelled}" + (f":{port}" if port is not None else "")


def _matches(form: str, glob: str) -> bool:
    return fnmatchcase(form, glob if not _IPV6.match(glob) else glob.replace("[", "[[]", 1))


def host_of(url: str) -> str:
    """The `host` or `host:port` of a URL, in lower case; empty where no or more than one host can be read from it."""
    host, port = _host_and_port(url) or ("", None)
    spelled = _spelled(host)
    return f"{spelled}:{port}" if spelled and port is not None else spelled


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
