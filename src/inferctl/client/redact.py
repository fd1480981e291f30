"""Server texts without the secrets that the request carried. Pure.

The server quotes request bodies in its reasons (docs/reference/server/update.md#body, malformed.md#bodies): raw in
parser excerpts, as JSON text, as Java map text, whole or cut anywhere. Providers quote the beginning and the end of a
key. So three things are taken out:

1. parser excerpts (`at [Source: ...`), always, to the end of the text;
2. each secret in every form it can take: the whole, its beginning or end from 4 characters on, and any piece of its
   middle from 8 characters on;
3. in answers to PUT and UPDATE, the values of a Java map (`[{api_key=...}]`), whether they are secrets or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus

from inferctl.secrets.credential_names import sounds_secret
from inferctl.secrets.mask import MASK
from inferctl.secrets.secret import Secret

_EDGE = 4
_MIDDLE = 8
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


def redact(
    text: str,
    secrets: Iterable[Secret] = (),
    *,
    whole: Iterable[Secret] = (),
    echoes: bool = False,
) -> str:
    """`text` without `secrets`, nor pieces of them, nor those in `whole`, which go as a whole only.

    `echoes` is set for answers to PUT and UPDATE: values in Java map text go too.
    """
    text = _without(_without_excerpt(text[:_LONGEST]), secrets, whole)
    return _without_map_values(text) if echoes else text


def hide(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without `secrets` as a whole: for what we say ourselves, of any length, with words of a server in it."""
    return _without(text, (), secrets)


def _without(text: str, secrets: Iterable[Secret], whole: Iterable[Secret]) -> str:
    marked = bytearray(len(text))
    folded = _fold(text)
    for secret in secrets:
        for form in _forms(secret.reveal()):
            _mark(folded, form, marked)
    for secret in whole:
        for form in _forms(secret.reveal()):
            _mark_whole(folded, form, marked)
    return _masked(text, marked)


def _without_excerpt(text: str) -> str:
    excerpt = _EXCERPT.search(text)
    return text if excerpt is None else f"{text[: excerpt.start()].rstrip()} [excerpt of the request removed]"


def _fold(text: str) -> str:
    """Lower case, length kept: the server may answer in another case than it was asked."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _forms(secret: str) -> frozenset[str]:
    """The ways a server writes one string: raw, in JSON (once and twice), in a URL, with blanks collapsed."""
    plain = {secret, secret.strip(), " ".join(secret.split())}
    escaped = {json.dumps(text, ensure_ascii=ascii_)[1:-1] for text in plain for ascii_ in (True, False)}
    twice = {json.dumps(text, ensure_ascii=False)[1:-1] for text in escaped}
    slashes = {text.replace("/", "\\/") for text in plain | escaped}
    url = {
        encode(text.encode("utf-8", "replace"), safe)
        for text in plain
        for encode in (quote, quote_plus)
        for safe in ("", "/")
    }
    return frozenset(_fold(text) for text in plain | escaped | twice | slashes | url if text)


def _mark(text: str, form: str, marked: bytearray) -> None:
    if len(form) <= _EDGE:
        _mark_whole(text, form, marked)
        return
    for start in _places(text, form[:_EDGE]):
        end = start + _EDGE
        while end < len(text) and end - start < len(form) and text[end] == form[end - start]:
            end += 1
        _fill(marked, start, end)
    for place in _places(text, form[-_EDGE:]):
        start, end = place, place + _EDGE
        while start > 0 and end - start < len(form) and text[start - 1] == form[-(end - start) - 1]:
            start -= 1
        _fill(marked, start, end)
    grams = {form[at : at + _MIDDLE] for at in range(len(form) - _MIDDLE + 1)}
    if grams:
        for at in range(len(text) - _MIDDLE + 1):
            if text[at : at + _MIDDLE] in grams:
                _fill(marked, at, at + _MIDDLE)


def _mark_whole(text: str, form: str, marked: bytearray) -> None:
    """Marks the form itself; below 4 characters only where it stands alone, or every word would go."""
    for start in _places(text, form):
        end = start + len(form)
        alone = not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
        if len(form) >= _EDGE or alone:
            _fill(marked, start, end)


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _fill(marked: bytearray, start: int, end: int) -> None:
    marked[start:end] = b"\x01" * (end - start)


def _masked(text: str, marked: bytearray) -> str:
    parts: list[str] = []
    for at, char in enumerate(text):
        if not marked[at]:
            parts.append(char)
        elif at == 0 or not marked[at - 1]:
            parts.append(MASK)
    return "".join(parts)


def _without_map_values(text: str) -> str:
    """`[{service=openai, service_settings={a=b}}]` as `[{service=…, service_settings=…, a=…}]`."""
    java_map = _MAP.search(text)
    if java_map is None:
        return text
    before = text[: java_map.start()]
    keys = dict.fromkeys(_MAP_KEY.findall(java_map.group()))
    closing = "]" if before.endswith("[") else ""
    return before + "{" + ", ".join(f"{key}=…" for key in keys) + "}" + closing
