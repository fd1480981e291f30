"""Server texts without the secrets that the request carried. Pure.

The server quotes request bodies in its reasons (docs/reference/server/update.md#body, malformed.md#bodies): raw in
parser excerpts, as JSON text, as Java map text, whole or cut anywhere. Providers quote the beginning and the end of a
key. So three things are taken out:

1. parser excerpts (`at [Source: ...`), always, to the end of the text;
2. each secret in every form that can be told, and pieces of it (`secrets/hide.py`);
3. in answers to PUT and UPDATE, the values of a Java map (`[{api_key=...}]`), whether they are secrets or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from inferctl.secrets.credential_names import sounds_secret
from inferctl.secrets.hide import hide
from inferctl.secrets.secret import Secret

_LONGEST = 65_536
# Each pattern here and below takes time in proportion to the text, whatever a server makes of it.
_EXCERPT = re.compile(r"(?:\bat\s+)?\[?Source:", re.IGNORECASE)
_MAP = re.compile(r"\{\s*[A-Za-z_][\w.\-]*=.*", re.DOTALL)
_MAP_KEY = re.compile(r"[{,]\s?([A-Za-z_][\w.\-]{0,39})=")

_ALL_BELOW = frozenset({"secret_parameters", "headers"})


def secrets_in(body: object) -> frozenset[Secret]:
    """Every secret of a request body: each `Secret` in it, and each text whose key looks like one.

    Below `secret_parameters` and `headers` every text counts. Numbers count as their digits. A secret that is
    JSON text itself (a service account file) counts whole and by its own secret leaves.
    """
    return frozenset(Secret(text) for text in _secret_texts(body, below=False) if text)


def _secret_texts(value: object, *, below: bool) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _with_inner(value.reveal())
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            name = str(key)
            yield from _secret_texts(inner, below=below or sounds_secret(name) or name in _ALL_BELOW)
    elif isinstance(value, str):
        if below:
            yield from _with_inner(value)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        for inner in value:
            yield from _secret_texts(inner, below=below)
    elif below and isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _with_inner(text: str) -> Iterator[str]:
    yield text
    if text.lstrip()[:1] in {"{", "["}:
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            return
        yield from _secret_texts(inner, below=False)


def redact(text: str, secrets: Iterable[Secret] = (), *, echoes: bool = False) -> str:
    """`text` without `secrets`, in whatever form, nor pieces of them (`hide`); of bounded length.

    `echoes` is set for answers to PUT and UPDATE: values in Java map text go too.
    """
    text = hide(_without_excerpt(text[:_LONGEST]), secrets)[:_LONGEST]
    return _without_map_values(text) if echoes else text


def _without_excerpt(text: str) -> str:
    excerpt = _EXCERPT.search(text)
    return text if excerpt is None else f"{text[: excerpt.start()].rstrip()} [excerpt of the request removed]"


def _without_map_values(text: str) -> str:
    """`[{service=openai, service_settings={a=b}}]` as `[{service=…, service_settings=…, a=…}]`."""
    java_map = _MAP.search(text)
    if java_map is None:
        return text
    before = text[: java_map.start()]
    keys = dict.fromkeys(_MAP_KEY.findall(java_map.group()))
    closing = "]" if before.endswith("[") else ""
    return before + "{" + ", ".join(f"{key}=…" for key in keys) + "}" + closing
