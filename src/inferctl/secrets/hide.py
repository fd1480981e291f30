"""Texts without secrets, in whatever form they stand there (docs/explanation/secrets.md#what-is-taken-out). Pure.

Of a secret go: the whole; each piece of `PIECE` characters or more; its beginning or end from 4 characters on, where it
stands as an excerpt. The same in each layer of the text (`layers`), so the forms are not listed, they are undone.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from inferctl.secrets.layers import APART, Layer, layers, octets, unescaped
from inferctl.secrets.mask import MASK, PIECE

if TYPE_CHECKING:
    from inferctl.json_types import Json
    from inferctl.secrets.secret import Secret

_EDGE = 4
_ROUNDS = 8
# How long a piece is whose places are looked at in steps, for each length of pieces.
_HINTS = {8: 5, 5: 4, 4: 3}
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}")
_PUNCTUATION = "".join(char for char in map(chr, range(0x20, 0x7F)) if not char.isalnum())
_SILENT = re.compile(r"[^0-9A-Za-z\x80-\xff]+")
_SCHEME = re.compile(r"(?i:basic|bearer|apikey) +(?=\S)")
_KEY_PAIR = re.compile(r"[\w-]{20}:[\w-]{22}", re.ASCII)
_USER_PAIR = re.compile(r"([ !#-9;-z|~]+):([ -~]+)")
# Words that we say all the time, and that are in many a secret: `AccountKey=…;EndpointSuffix=…`.
_OUR_WORDS = (
    *("inferctl", "elasticsearch", "inference_id", "endpoints", "settings", "completions", "password"),
    *("text_embedding", "sparse_embedding", "chat_completion"),
    *("service_settings", "task_settings", "chunking_settings"),
)
# What a key's own text says to everybody: it goes only together with what stands beside it.
_PUBLIC = ("http://", "https://", *_OUR_WORDS, *(f"-----{end} {kind}PRIVATE KEY-----" for end in ("BEGIN", "END")
           for kind in ("", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH ")))  # fmt: skip
_PUBLIC_MEMBERS = frozenset(
    {"type", "project_id", "client_email", "client_id", "auth_uri", "token_uri", "auth_provider_x509_cert_url"}
    | {"client_x509_cert_url", "universe_domain"}
)
# What stands in the place of the part of a key that is not shown.
_ELLIPSES = tuple(octets(sign) for sign in ("***", "…", "...", "•", "●", "█", "xxx"))


def hide(text: str, secrets: Iterable[Secret]) -> str:
    """`text` with `MASK` in the place of each of these secrets, and of pieces of them.

    To hide twice changes nothing. Takes time in proportion to the text, whatever a server makes of it.
    """
    known = _known(frozenset(secrets))
    for _ in range(_ROUNDS):
        # What stood beside a secret may be one that stands alone now.
        hidden = _masked(text, known)
        if hidden == text:
            return text
        text = hidden
    return MASK


@dataclass(slots=True, repr=False, eq=False)
class _Form:
    """One way to write a secret, in octets and small letters. `public`: parts that are no secret."""

    text: str
    public: tuple[str, ...]


@dataclass(slots=True, repr=False, eq=False)
class _Known:
    """All forms of all secrets, ready to be looked for. Of pieces: whether one is secret by itself, by their length."""

    forms: list[_Form]
    short: list[str]
    heads: frozenset[str]
    tails: frozenset[str]
    edges: frozenset[str]
    hints_of_edges: frozenset[str]
    _pieces: dict[int, dict[str, bool]] = field(default_factory=dict, init=False)

    def pieces(self, length: int) -> dict[str, bool]:
        if length not in self._pieces:
            pieces: dict[str, bool] = {}
            for form in self.forms:
                own = _grams(form.text, length)
                public = set().union(*(_grams(part, length) for part in form.public), _silent(form.text, length))
                public &= own - {form.text}
                public = public if len(public) < len(own) else set()
                pieces.update(dict.fromkeys(own - public, True))
                for gram in public:
                    pieces.setdefault(gram, False)
            self._pieces[length] = pieces
        return self._pieces[length]


def _grams(text: str, length: int) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def _silent(text: str, length: int) -> set[str]:
    """The pieces without a letter or a digit."""
    return {gram for run in _SILENT.findall(text) if len(run) >= length for gram in _grams(run, length)}


@lru_cache(maxsize=4)
def _known(secrets: frozenset[Secret]) -> _Known:
    forms = list({form.text: form for secret in secrets for form in _forms(secret)}.values())
    long = [form for form in forms if len(form.text) >= PIECE]
    heads = frozenset(form.text[:length] for form in long for length in range(_EDGE, PIECE))
    tails = frozenset(form.text[-length:] for form in long for length in range(_EDGE, PIECE))
    edges = frozenset(edge for edge in heads | tails if len(edge) == _EDGE)
    hints = frozenset(hint for edge in edges for hint in _grams(edge, _HINTS[_EDGE]))
    return _Known(long, [form.text for form in forms if len(form.text) < PIECE], heads, tails, edges, hints)


@lru_cache(maxsize=1_024)
def _forms(secret: Secret) -> tuple[_Form, ...]:
    forms: dict[str, _Form] = {}
    for text, public in _texts(secret.reveal()):
        folded = tuple(form for part in public for form in _undone(octets(part)))
        for octets_ in _encodings(text):
            for shown in _undone(octets_):
                if shown.strip() and (len(shown) >= _EDGE or len(text) < _EDGE):
                    forms.setdefault(shown, _Form(shown, folded))
    return tuple(forms.values())


def _texts(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The secret and what is one with it, each with its public parts: an encoded key is worth what is in it."""
    scheme = _SCHEME.match(text)
    text = text[scheme.end() :] if scheme else text
    inner = _decoded(text)
    pair = _USER_PAIR.fullmatch(inner)
    if pair:
        yield inner, (*_PUBLIC, f"{pair[1]}:")
        yield pair[2], _PUBLIC
    public = (f"{text.partition(':')[0]}:",) if _KEY_PAIR.fullmatch(text) else _public_parts(text)
    yield text, (*_PUBLIC, *public)


def _decoded(text: str) -> str:
    """What an encoded API key or the value of a Basic header says: `id:key`; else nothing."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return ""


def _public_parts(text: str) -> tuple[str, ...]:
    """Of JSON the names, and members that providers show to everybody."""
    if text.lstrip()[:1] != "{":
        return ()
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    parts: list[str] = []
    for name, member in value.items() if isinstance(value, Mapping) else ():
        parts.append(f'"{name}": "{member if name in _PUBLIC_MEMBERS and isinstance(member, str) else ""}')
    return tuple(parts)


def _encodings(text: str) -> frozenset[str]:
    """Its octets, in small letters; of what is no ASCII in each of its spellings."""
    if text.isascii():
        return frozenset({text})
    spellings = {
        text,
        text.lower(),
        text.upper(),
        unicodedata.normalize("NFC", text),
        unicodedata.normalize("NFD", text),
    }
    encoded = {octets(spelling) for spelling in spellings}
    encoded |= {octets(octets(text)), text.encode("ascii", "replace").decode("latin-1")}
    encoded |= {text.encode(form, "replace").decode("latin-1") for form in ("latin-1", "utf-16-le", "utf-16-be")}
    return frozenset(encoded)


def _undone(text: str) -> Iterator[str]:
    """The octets in small letters, and what is left of them when escapes are undone that they happen to hold."""
    layer: Layer | None = Layer(text)
    for _ in range(_EDGE):
        if layer is None:
            return
        yield layer.text.lower()
        yield layer.text.strip().lower()
        if layer.dense is not None:
            yield layer.dense.text.lower()
        layer = unescaped(layer)


@dataclass(slots=True, repr=False, eq=False)
class _Marks:
    """Which characters of a text go, which go with them where they touch, and which are part of base64 that goes."""

    secret: bytearray
    public: bytearray
    base64: bytearray


def _masked(text: str, known: _Known) -> str:
    apart = text.replace(MASK, APART * len(MASK))
    marks = _Marks(*(bytearray(len(text)) for _ in range(3)))
    for layer in layers(apart):
        for view in (layer, layer.dense):
            if view is not None:
                _mark(view, known, marks)
        if layer.piece == PIECE:
            _mark_edges(layer, known, marks)
    return _with_masks(text, marks)


def _mark(layer: Layer, known: _Known, marks: _Marks) -> None:
    text, length = layer.text.lower(), layer.piece
    secret = marks.base64 if layer.is_base64 else marks.secret
    if known.forms:
        for start, end, tells in _runs(text, known, length):
            _fill(secret if tells else marks.public, *layer.place(start, end))
    for form in known.short:
        # In what was decoded, which is noise most often, less than four would be found everywhere.
        if len(form) < _EDGE and layer.piece < PIECE:
            continue
        for start in _places(text, form):
            end = start + len(form)
            if not _is_word(form) or _stands_alone(text, start, end):
                _fill(secret, *layer.place(start, end))


def _runs(text: str, known: _Known, length: int) -> Iterator[tuple[int, int, bool]]:
    """Where pieces stand, those that touch as one, and whether they are secret."""
    pieces = known.pieces(length)
    starts = _starts(text, pieces, length, known.pieces(_HINTS[length]))
    start = end = -1
    kind = False
    for at in starts:
        tells = pieces[text[at : at + length]]
        if at > end or tells is not kind:
            if end > start:
                yield start, end, kind
            start, kind = at, tells
        end = at + length
    if end > start:
        yield start, end, kind


def _starts(text: str, pieces: Container[str], length: int, hints: Container[str]) -> list[int]:
    """Where a piece begins: looked for where a shorter one stands, a hint; in each, one is at a multiple of `step`."""
    hint = _HINTS[length]
    step = length - hint + 1
    places = [place for place in range(0, len(text) - hint + 1, step) if text[place : place + hint] in hints]
    return [at for place in places for at in range(place - step + 1, place + 1) if text[at : at + length] in pieces]


def _mark_edges(layer: Layer, known: _Known, marks: _Marks) -> None:
    """Beginnings and ends of 4 to 7 characters. Many are words, so they have to look like an excerpt of a key."""
    text = layer.text.lower()
    for at in _starts(text, known.edges, _EDGE, known.hints_of_edges):
        for edges, is_head in ((known.heads, True), (known.tails, False)):
            for length in range(PIECE - 1, _EDGE - 1, -1):
                start, end = (at, at + length) if is_head else (at + _EDGE - length, at + _EDGE)
                if start >= 0 and end <= len(text) and text[start:end] in edges:
                    if _is_excerpt(text, start, end, is_head=is_head):
                        _fill(marks.secret, *layer.place(start, end))
                    break


def _is_excerpt(text: str, start: int, end: int, *, is_head: bool) -> bool:
    rest = text[end : end + 6].lstrip() if is_head else text[max(0, start - 6) : start].rstrip()
    if rest.startswith(_ELLIPSES) if is_head else rest.endswith(_ELLIPSES):
        return True
    return not _is_word(text[start:end].strip(_PUNCTUATION)) and _stands_alone(text, start, end)


def _is_word(text: str) -> bool:
    """Letters alone, digits alone, neither: such a text is found in innocent ones."""
    return len(text) < _EDGE or text.isalpha() or text.isdigit() or not any(char.isalnum() for char in text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return not any(char.isalnum() and char.isascii() for char in around)


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _fill(marked: bytearray, start: int, end: int) -> None:
    marked[start:end] = b"\x01" * (end - start)


def _with_masks(text: str, marks: _Marks) -> str:
    """Masks in the place of what is secret, of base64 with a secret in it, and of what is public but touches them."""
    secret = marks.secret
    if any(marks.base64):
        for stretch in _BASE64.finditer(text):
            if marks.base64.find(1, *stretch.span()) >= 0:
                _fill(secret, *stretch.span())
        secret = _either(secret, marks.base64)
    parts, place = [], 0
    for run in re.finditer(rb"\x01+", _either(secret, marks.public)):
        start, end = run.span()
        if secret.find(1, start, end) >= 0:
            parts += [text[place:start], MASK]
            place = end
    parts.append(text[place:])
    return "".join(parts)


def _either(one: bytearray, other: bytearray) -> bytearray:
    joined = int.from_bytes(one, "big") | int.from_bytes(other, "big")
    return bytearray(joined.to_bytes(len(one), "big"))
