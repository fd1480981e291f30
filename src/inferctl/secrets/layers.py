"""A text, and what it says once its escapes and codes are undone: layers, each with the way back to the text. Pure.

One layer undoes the escapes of JSON, of URLs and of HTML together, however often one of them was put on itself
(`\\\\\\\\u0041`, `%252541`, `&amp;amp;#65;`). Others undo base64 at each of its alignments, hexadecimal digits with or
without separators, lists of octets, quoted-printable. Layers stand on layers, `_DEEPEST` at most. A layer's text is
octets, as Latin-1: so `%C3%BC`, `\\u00fc`, `\\xc3\\xbc`, `&uuml;` and `ü` come to the same.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from inferctl.secrets.mask import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Of a code, `PIECE` characters hold fewer octets.
_PIECE_OF_BASE64, _PIECE_OF_HEX = 5, 4
_DEEPEST = 4
# Layers for each character of the text: a text that is made to decode again and again is not followed further.
_MOST = 24
_AROUND = 64

APART = "\x1e"  # stands between stretches that do not belong together

_H = "[0-9A-Fa-f]"
_ESCAPE = re.compile(
    rf"""\\++ (?: u(?P<high>[dD][89ABab]{_H}{{2}})\\++u(?P<low>[dD][C-Fc-f]{_H}{{2}})
              | u\{{(?P<braced>{_H}{{1,6}})\}} | u++(?P<unit>{_H}{{4}}) | U(?P<long>{_H}{{8}})
              | x\{{?(?P<octet>{_H}{{2}})\}}? | (?P<octal>[0-3][0-7]{{2}})
              | (?=[%&]) | (?P<plain>.) | \Z )
      | %u(?P<percent_high>[dD][89ABab]{_H}{{2}})%u(?P<percent_low>[dD][C-Fc-f]{_H}{{2}})
      | % (?:25)* (?: (?P<percent>{_H}{{2}}) | u(?P<percent_unit>{_H}{{4}}) )
      | & (?:amp;|\#0{{0,9}}38;|\#[xX]0{{0,9}}26;)*
          (?: \#0{{0,9}}(?P<decimal>[0-9]{{1,7}});? | \#[xX]0{{0,9}}(?P<hex>{_H}{{1,6}});?
            | (?P<name>[A-Za-z][A-Za-z0-9]{{1,31}};) )
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}
_BLANKS = bytes(octet for octet in (*range(0x21), 0x7F) if octet != ord(APART))
_ASCII_OR_NOT = re.compile(r"[\0-\x7f]+|.", re.DOTALL)
_NO_BLANKS = re.compile(r"[\x1e!-~\x80-\xff]+")
_DIGIT, _BLANK = r"[A-Za-z0-9+/_\-]", r"[\0-\x1d\x1f ]"
_MAY_BE_BASE64 = re.compile(rf"{_DIGIT}{{6,}}={{0,2}}(?:{_BLANK}+{_DIGIT}+={{0,2}})*")
# A text of so many octets is long. Of its words only those with a capital within, or a digit, are decoded.
_LONG = 8_192
_LINE = (
    rf"(?<!{_DIGIT})(?={_DIGIT}*?(?:[a-z0-9+/_\-][A-Z]|[A-Za-z][0-9]+[A-Za-z])|{_DIGIT}{{24}}){_DIGIT}{{6,}}={{0,2}}"
)
_LIKE_BASE64 = re.compile(rf"{_LINE}(?:{_BLANK}+{_LINE})*(?:{_BLANK}+{_DIGIT}+)?")
_BASE64 = re.compile(rf"{_DIGIT}{{6,}}")
_PLUS = re.compile(r"\++")
_FOR_URLS = str.maketrans("-_", "+/")
_HEX = re.compile(rf"{_H}{{8,}}")
_HEX_SEPARATOR = re.compile(rf"(?<={_H})(?:[:,;\-](?:0[xX])?|0[xX])(?={_H}{{2}})")
_NUMBERS = re.compile(r"-?[0-9]{1,3}(?:,-?[0-9]{1,3}){3,}")
_NUMBER = re.compile(r"-?[0-9]+,?")
_QUOTED_PRINTABLE = re.compile(r"=(?:([0-9A-F]{2})|\r?\n)")
_READABLE = re.compile(r"[\0\t\n\r -~]{6,}")

# Where a stretch of a layer comes from: its first octet here, its place below, and how many bits of an octet one
# character there stands for; 0: all octets are one escape.
_Span: TypeAlias = "tuple[int, int, int, int]"
_LINEAR, _ESCAPED = 8, 0


@dataclass(slots=True, eq=False, repr=False)
class Layer:
    """What a text says at one depth. `piece`: from how many of its octets on a piece of a secret counts.

    `dense`: the same without blanks, line ends and zeros (of UTF-16); None where there are none.
    """

    text: str
    below: Layer | None = None
    spans: Callable[[], list[_Span]] | None = None
    piece: int = PIECE
    is_code: bool = False
    dense: Layer | None = field(default=None, init=False)
    _spans: list[_Span] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        text = self.text.encode("latin-1").translate(None, _BLANKS).decode("latin-1")
        if len(text) < len(self.text):
            self.dense = Layer(text, self, self._without_blanks, self.piece, self.is_code)

    @property
    def is_base64(self) -> bool:
        """Whether it was found in base64, as it is or below further escapes."""
        return self.piece == _PIECE_OF_BASE64

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the first text stands what these octets were made of."""
        if self.spans is not None:
            if self._spans is None:
                self._spans = self.spans()
            start, end = self._source(start)[0], self._source(end - 1)[1]
        start = max(0, start)
        return (start, end) if self.below is None else self.below.place(start, end)

    def _without_blanks(self) -> list[_Span]:
        made, here = [], 0
        for kept in _NO_BLANKS.finditer(self.text):
            made.append((here, kept.start(), kept.end(), _LINEAR))
            here += kept.end() - kept.start()
        return made

    def _source(self, at: int) -> tuple[int, int]:
        spans = self._spans or [(0, 0, 0, 0)]
        here, start, end, bits = spans[max(0, bisect_left(spans, (at + 1,)) - 1)]
        if bits == _ESCAPED:
            return start, end
        octets = at - here
        return start + octets * 8 // bits, min(end, start + (octets * 8 + 7) // bits + 1)


def layers(text: str) -> Iterator[Layer]:
    """The text itself, then what it says, the nearest first. Takes time in proportion to its length."""
    first = base(text)
    todo, seen, left = deque([(first, 0)]), {first.text}, _MOST * (len(first.text) + 100)
    while todo:
        layer, depth = todo.popleft()
        yield layer
        for decode in (_readable,) if layer.is_code else _DECODERS:
            above = decode(layer) if depth < _DEEPEST and left > 0 else None
            if above is not None and above.text not in seen:
                left -= len(above.text)
                seen.add(above.text)
                todo.append((above, depth if decode is _readable else depth + 1))


def base(text: str) -> Layer:
    """The octets of a text."""
    if text.isascii():
        return Layer(text)

    def spans() -> list[_Span]:
        made, here = [], 0
        for stretch in _ASCII_OR_NOT.finditer(text):
            start, end = stretch.span()
            made.append((here, start, end, _LINEAR if stretch[0].isascii() else _ESCAPED))
            here += len(octets(stretch[0]))
        return made

    return Layer(octets(text), spans=spans)


def octets(text: str) -> str:
    """UTF-8, as Latin-1."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def unescaped(layer: Layer) -> Layer | None:
    """Without the escapes of JSON, Java, C, URLs, HTML; None where there are none."""
    text = layer.text
    return _replaced(layer, _ESCAPE, _meaning) if "\\" in text or "%" in text or "&" in text else None


def _replaced(
    layer: Layer, pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], str], around: int = _AROUND
) -> Layer | None:
    """What stands at most `around` octets away from something that is replaced; None where nothing is.

    The rest says the same as below: a piece of a secret without an escape in it is found there.
    """
    made = _Stretches(layer)
    place = 0
    for found in pattern.finditer(layer.text):
        new = meaning(found)
        if new == found[0]:
            continue
        start, end = found.span()
        if start - place > 2 * around:
            made.keep(place, place + around if place else 0)
            made.apart()
            place = start - around
        made.keep(place, start)
        made.replace(start, end, new)
        place = end
    if place == 0:
        return None
    made.keep(place, min(place + around, len(layer.text)))
    return made.layer(layer.piece)


class _Stretches:
    """A layer that is put together of parts of the one below."""

    def __init__(self, below: Layer) -> None:
        self._below = below
        self._parts: list[str] = []
        self._spans: list[_Span] = []
        self._length = 0

    def keep(self, start: int, end: int) -> None:
        if start < end:
            self._add(self._below.text[start:end], start, end, _LINEAR)

    def replace(self, start: int, end: int, new: str) -> None:
        self._add(new, start, end, _ESCAPED)

    def decode(self, start: int, end: int, octets: str, bits: int) -> None:
        self._add(octets, start, end, bits)

    def apart(self) -> None:
        self._parts.append(APART)
        self._length += 1

    def layer(self, piece: int, *, is_code: bool = False) -> Layer:
        spans = self._spans
        return Layer("".join(self._parts), self._below, lambda: spans, piece, is_code)

    def _add(self, octets: str, start: int, end: int, bits: int) -> None:
        if octets:
            self._parts.append(octets)
            self._spans.append((self._length, start, end, bits))
            self._length += len(octets)


def _meaning(escape: re.Match[str]) -> str:
    """The octets that one escape stands for; the escape itself where it is none."""
    kind = escape.lastgroup
    if kind is None:
        return ""
    value = escape[kind]
    if kind == "plain":
        return _PLAIN.get(value, value)
    if kind.endswith("low"):
        high = int(escape[kind.replace("low", "high")], 16) & 0x3FF
        return octets(chr(0x10000 + (high << 10) + (int(value, 16) & 0x3FF)))
    if kind == "name":
        # Imported where an entity stands: few texts have one.
        from html.entities import html5  # noqa: PLC0415

        return octets(html5[value]) if value in html5 else escape[0]
    if kind in ("octet", "percent"):
        return chr(int(value, 16))
    code = int(value, {"octal": 8, "decimal": 10}.get(kind, 16))
    if kind == "octal":
        return chr(code)
    return octets(chr(code)) if code <= 0x10FFFF else escape[0]


def _from_base64(layer: Layer) -> Layer | None:
    """Decoded at each of the four alignments, with lines put together."""
    dense = _Stretches(layer)
    pattern = _LIKE_BASE64 if len(layer.text) > _LONG else _MAY_BE_BASE64
    for stretch in pattern.finditer(layer.text):
        for line in _NO_BLANKS.finditer(layer.text, *stretch.span()):
            dense.keep(*line.span())
        dense.apart()
    below = dense.layer(layer.piece)
    made = _Stretches(below)
    for run in _BASE64.finditer(below.text):
        digits = run[0].translate(_FOR_URLS)
        for missing in range(4):
            whole = len(digits) + missing
            decoded = binascii.a2b_base64("A" * missing + digits + "A" * (-whole % 4))[: whole * 6 // 8].decode(
                "latin-1"
            )
            # The first octets are made of the digits that were put in front.
            foreign = (missing * 6 + 7) // 8
            made.decode(run.start() - missing, run.end(), APART * foreign + decoded[foreign:] + APART, 6)
    return made.layer(_PIECE_OF_BASE64, is_code=True) if below.text else None


def _from_hex(layer: Layer) -> Layer | None:
    """Decoded at both alignments."""
    dense = layer.dense or layer
    dense = _replaced(dense, _HEX_SEPARATOR, lambda _: "", len(dense.text)) or dense
    made = _Stretches(dense)
    runs = [*_HEX.finditer(dense.text)]
    for run in runs:
        for skipped in range(2):
            digits = run[0][skipped : len(run[0]) - (len(run[0]) - skipped) % 2]
            made.decode(run.start() + skipped, run.end(), bytes.fromhex(digits).decode("latin-1") + APART, 4)
    return made.layer(_PIECE_OF_HEX, is_code=True) if runs else None


def _from_numbers(layer: Layer) -> Layer | None:
    """Octets as Java and Python print them: `[115, 107, -61]`."""
    if "," not in layer.text:
        return None
    made = _Stretches(layer.dense or layer)
    runs = [*_NUMBERS.finditer((layer.dense or layer).text)]
    for run in runs:
        for number in _NUMBER.finditer(run.string, *run.span()):
            made.replace(*number.span(), chr(int(number[0].rstrip(",")) & 0xFF))
        made.apart()
    return made.layer(_PIECE_OF_HEX, is_code=True) if runs else None


def _from_quoted_printable(layer: Layer) -> Layer | None:
    if "=" not in layer.text:
        return None
    return _replaced(layer, _QUOTED_PRINTABLE, lambda found: chr(int(found[1], 16)) if found[1] else "")


def _plus_as_blank(layer: Layer) -> Layer | None:
    """Forms: `a+b` for `a b`. Before escapes are undone, as `%2B` is a plus."""
    return _replaced(layer, _PLUS, lambda found: " " * len(found[0])) if "+" in layer.text else None


def _readable(layer: Layer) -> Layer | None:
    """What was decoded and is a text: the ground for further layers. Most of what is decoded is noise."""
    made = _Stretches(layer)
    for stretch in _READABLE.finditer(layer.text):
        made.keep(*stretch.span())
        made.apart()
    readable = made.layer(layer.piece)
    return readable if readable.text else None


_DECODERS = (unescaped, _plus_as_blank, _from_base64, _from_hex, _from_numbers, _from_quoted_printable)
