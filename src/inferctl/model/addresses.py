"""Which settings of an endpoint name a host that the cluster will talk to. Pure.

By the pages: a field whose name or description says URL or host. Of a field that no page knows, every text that has
the shape of a URL counts, and every text under such a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.model.services import find
from inferctl.model.services.names import PARTS

if TYPE_CHECKING:
    from inferctl.json_types import Json, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.services.setting import Setting

_URL_WORDS = frozenset({"url", "uri"})
_HOST_WORDS = frozenset({"host"})
# Of a field that nobody knows: what it may be called, where its value has a dot, a port or two slashes as a host has.
_MAYBE_HOST_WORDS = _HOST_WORDS | {"hostname", "endpoint", "address", "domain", "server", "proxy", "origin"}


def addresses(endpoint: DesiredEndpoint) -> Iterator[tuple[Path, str, bool]]:
    """Path, text, and whether the text is a URL (else a host without a scheme)."""
    page = find(endpoint.service)
    for part in PARTS:
        facts = page.fields(part, endpoint.task_type) if page is not None else {}
        by_name = {name: fact for own, fact in facts.items() for name in (own, *fact.aliases)}
        settings: Mapping[str, Json] = getattr(endpoint, part)
        for name, value in settings.items():
            fact = by_name.get(name)
            if fact is None:
                yield from _unknown((part, name), name, value)
            elif is_address(name, fact) and isinstance(value, str):
                yield (part, name), value, name not in _HOST_WORDS


def is_address(name: str, fact: Setting) -> bool:
    """Whether a field of a page names a host."""
    return name.rpartition("_")[2] in _URL_WORDS | _HOST_WORDS or "URL" in fact.description.split()


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
