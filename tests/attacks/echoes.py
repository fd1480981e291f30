"""Ways in which a server or a provider may give a secret back, and what is left of one."""

from __future__ import annotations

import base64
import codecs
import functools
import hashlib
import html
import json
import quopri
import re
import urllib.parse
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE = 8


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _base64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def _units(text: str) -> list[int]:
    """UTF-16: what Java and JavaScript take for characters."""
    octets = text.encode("utf-16-be")
    return [int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2)]


def _each_octet(form: str, between: str = "") -> Callable[[str], str]:
    return lambda secret: between.join(form.format(octet) for octet in secret.encode())


def _each_unit(form: str) -> Callable[[str], str]:
    return lambda secret: "".join(form.format(unit) for unit in _units(secret))


def _each_character(form: str) -> Callable[[str], str]:
    return lambda secret: "".join(form.format(ord(char)) for char in secret)


def _wrapped(text: str, width: int, between: str) -> str:
    return between.join(text[at : at + width] for at in range(0, len(text), width))


def _quoted(text: str, safe: str = "") -> str:
    return urllib.parse.quote(text, safe)


def _inner(secret: str) -> str:
    """What an encoded API key or a Basic header says; of anything else itself."""
    try:
        decoded = base64.b64decode(secret, validate=True).decode("ascii")
    except ValueError:
        return secret
    return decoded if re.fullmatch(r"[!-9;-~]+:[!-~]+", decoded) else secret


def _key_alone(secret: str) -> str:
    return _inner(secret).partition(":")[2] if re.fullmatch(r"[!-9;-~]+:[!-~]+", _inner(secret)) else secret


def _middle(secret: str) -> str:
    return secret[len(secret) // 3 :][: max(PIECE, len(secret) // 3)] if len(secret) >= 2 * PIECE else secret


def _eights(secret: str) -> str:
    whole = len(secret) // PIECE * PIECE
    return _GLUE.join(secret[at : at + PIECE] for at in range(0, whole, PIECE)) or secret


_GLUE = " | "


@dataclass(frozen=True)
class Echo:
    """`before`, the secret in one of its forms, `after`: the words around it are to stay."""

    form: Callable[[str], str]
    before: str = "Incorrect key provided: "
    after: str = ". See https://docs.invalid/keys for yours."

    def of(self, secret: str) -> str:
        """The server's words."""
        return self.before + self.form(secret) + self.after


ECHOES: dict[str, Echo] = {
    "as it is": Echo(str),
    "in brackets": Echo(str, "The key [", "] is not valid for the account [a-1]"),
    "in quotes": Echo(str, 'cannot use "', '" here'),
    "glued to letters": Echo(str, "key", "end"),
    "in Java map text": Echo(str, "remove these fields and try again [{api_key=", ", model_id=m}]"),
    "as a header": Echo(str, "sent [Authorization: Bearer ", "] to host h1"),
    "in JSON": Echo(_json, '{"api_key":"', '"}'),
    "in JSON of ASCII alone": Echo(lambda s: json.dumps(s)[1:-1], '{"api_key":"', '"}'),
    "in JSON in JSON": Echo(lambda s: _json(_json(s)), '{"body":"{\\"api_key\\":\\"', '\\"}"}'),
    "in JSON in JSON in JSON": Echo(lambda s: _json(_json(_json(s)))),
    "in JSON with escaped slashes": Echo(lambda s: _json(s).replace("/", "\\/")),
    "each character as \\u0061": Echo(_each_unit("\\u{:04x}")),
    "each character as \\u0061, capitals": Echo(_each_unit("\\u{:04X}")),
    "each character as \\\\u0061": Echo(_each_unit("\\\\u{:04x}")),
    "each character as \\u{61}": Echo(_each_character("\\u{{{:x}}}")),
    "each character as %u0061": Echo(_each_unit("%u{:04x}")),
    "as Python writes it": Echo(repr),
    "as Python writes its bytes": Echo(lambda s: repr(s.encode())),
    "in a URL": Echo(_quoted, "GET https://api.invalid/v1?key=", "&model=m failed"),
    "in a form": Echo(urllib.parse.quote_plus),
    "in a path": Echo(lambda s: _quoted(s, "/")),
    "in front of a host": Echo(_quoted, "cannot connect to https://user:", "@api.invalid:443/v1"),
    "each octet in percent": Echo(_each_octet("%{:02X}")),
    "each octet in percent, small": Echo(_each_octet("%{:02x}")),
    "in percent twice": Echo(lambda s: _quoted(_quoted(s))),
    "in percent three times": Echo(lambda s: _quoted(_quoted(_each_octet("%{:02X}")(s)))),
    "in percent in JSON": Echo(lambda s: _json(_quoted(s))),
    "in JSON in percent": Echo(lambda s: _quoted(_json(s))),
    "in JSON in JSON in percent in JSON": Echo(lambda s: _json(_quoted(_json(_json(s))))),
    "in HTML": Echo(html.escape, "<p>Incorrect: ", " .</p>"),
    "in HTML, decimal": Echo(_each_character("&#{};"), "<p>Incorrect: ", " .</p>"),
    "in HTML, decimal with zeros": Echo(_each_character("&#{:07};")),
    "in HTML, hexadecimal": Echo(_each_character("&#x{:x};")),
    "in HTML, hexadecimal with zeros": Echo(_each_character("&#X{:06X};")),
    "in HTML twice": Echo(lambda s: html.escape(_each_character("&#{};")(s))),
    "in HTML in JSON": Echo(lambda s: _json(html.escape(s))),
    "in JSON in HTML": Echo(lambda s: html.escape(_json(s))),
    "in HTML in percent": Echo(lambda s: _quoted(html.escape(s))),
    "in base64": Echo(_base64),
    "in base64 without padding": Echo(lambda s: _base64(s).rstrip("=")),
    "in base64 for URLs": Echo(lambda s: base64.urlsafe_b64encode(s.encode()).decode()),
    "in base64 for URLs without padding": Echo(lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("=")),
    "in base64 behind a colon": Echo(lambda s: _base64(f":{s}"), "Authorization: Basic "),
    "in base64 behind a user": Echo(lambda s: _base64(f"user:{s}"), "Authorization: Basic "),
    "in base64 behind another user": Echo(lambda s: _base64(f"elastic:{s}"), "Authorization: Basic "),
    "in base64 behind an id": Echo(lambda s: _base64(f"{'i' * 20}:{s}"), "Authorization: ApiKey "),
    "in base64 of JSON": Echo(lambda s: _base64(json.dumps({"api_key": s}))),
    "in base64 of JSON for URLs": Echo(lambda s: base64.urlsafe_b64encode(f'{{"key":"{_json(s)}"}}'.encode()).decode()),
    "in base64 of a form": Echo(lambda s: _base64(f"k={urllib.parse.quote_plus(s)}&m=1")),
    "in base64 of UTF-16": Echo(lambda s: _base64(s.encode("utf-16-le"))),
    "in base64 in lines of 76": Echo(lambda s: _wrapped(_base64(f"user:{s}"), 76, "\r\n")),
    "in base64 in lines of 20": Echo(lambda s: _wrapped(_base64(f"user:{s}"), 20, "\n  ")),
    "in base64 with escaped slashes": Echo(lambda s: _base64(s).replace("/", "\\/")),
    "in base64 in a URL": Echo(lambda s: _quoted(_base64(f"a{s}"))),
    "in base64 twice": Echo(lambda s: _base64(_base64(s))),
    "in base64, cut": Echo(lambda s: _base64(f"user:{s}")[: max(16, 8 + len(s))], after="… (cut)"),
    "in base64, its tail": Echo(lambda s: _base64(f"user:{s}")[-4 - len(s) :], "(cut) …", " was sent"),
    "in hexadecimal": Echo(lambda s: s.encode().hex()),
    "in hexadecimal, capitals": Echo(lambda s: s.encode().hex().upper()),
    "in hexadecimal behind half an octet": Echo(lambda s: s.encode().hex(), "at 0x7", " of the buffer"),
    "in hexadecimal with colons": Echo(lambda s: s.encode().hex(":")),
    "in hexadecimal with blanks": Echo(lambda s: s.encode().hex(" ").upper()),
    "in hexadecimal with dashes": Echo(lambda s: s.encode().hex("-")),
    "in hexadecimal as \\x61": Echo(_each_octet("\\x{:02x}")),
    "in hexadecimal as 0x61, 0x62": Echo(_each_octet("0x{:02x}", ", "), "[", "]"),
    "in hexadecimal of base64": Echo(lambda s: _base64(s).encode().hex()),
    "as octal escapes": Echo(_each_octet("\\{:03o}")),
    "as a list of octets": Echo(lambda s: str(list(s.encode())), "read ", " from the stream"),
    "as a list of octets with signs": Echo(lambda s: str([o - 256 if o > 127 else o for o in s.encode()])),
    "in quoted-printable": Echo(lambda s: quopri.encodestring(s.encode(), quotetabs=True).decode().rstrip("\n")),
    "in capitals": Echo(str.upper),
    "in small letters": Echo(str.lower),
    "in the other case": Echo(str.swapcase),
    "with its line ends as blanks": Echo(lambda s: " ".join(s.split())),
    "trimmed": Echo(str.strip),
    "with blanks between": Echo(" ".join),
    "in lines of 16": Echo(lambda s: _wrapped(s, 16, "\n")),
    "in lines of 10 with margins": Echo(lambda s: _wrapped(s, 10, "\r\n      ")),
    "in JSON in lines of 24": Echo(lambda s: _wrapped(_json(s), 24, "\\n")),
    "its first half": Echo(lambda s: s[: max(PIECE, len(s) // 2)], after="… (cut)"),
    "its second half": Echo(lambda s: s[-max(PIECE, len(s) // 2) :], "(cut) …", " was sent"),
    "its middle": Echo(_middle),
    "its last eight, in JSON": Echo(lambda s: _json(s[-PIECE:]), "ends with ", ", which is not known"),
    "each piece of eight, alone": Echo(_eights),
    "UTF-8 read as Latin-1": Echo(lambda s: s.encode().decode("latin-1")),
    "what is no ASCII as ?": Echo(lambda s: s.encode("ascii", "replace").decode()),
    "a key decoded": Echo(_inner, "no such key as "),
    "the key of a decoded key": Echo(_key_alone, "no such key as "),
    "many times": Echo(lambda s: ", ".join([s] * 5), "tried "),
}  # fmt: skip


@dataclass(frozen=True)
class Unrecognised:
    """What nobody can tell from other text: such a secret comes through."""

    such_as: str
    form: Callable[[str], str]
    secret: str = "sk-proj-Zq8vN3xT7wKc5LmR2yHb"


# The table of docs/explanation/secrets.md: its first two columns are these.
NOT_RECOGNISED: dict[str, Unrecognised] = {
    "reversed": Unrecognised("`cba` for `abc`", lambda s: s[::-1]),
    "split by other characters than blanks": Unrecognised("`a*b*c`, or by some that nobody sees", "*".join),
    "in pieces of less than 8 characters": Unrecognised(
        "5 here, 5 there", lambda s: " then ".join(s[at : at + 5] for at in range(0, len(s), 5))
    ),
    "less than 8 letters, or digits, within a word": Unrecognised(
        "the password `elastic` in `elasticsearch`", lambda s: f"{s}search", "elastic"
    ),
    "less than 4 characters within a word": Unrecognised("the password `k3y` in `k3yed`", lambda s: f"{s}ed", "k3y"),
    "other letters for its own": Unrecognised("ROT13, letters that look alike", lambda s: codecs.encode(s, "rot13")),
    "base64 in another case": Unrecognised("`c2vjcmv0` for `c2VjcmV0`", lambda s: _base64(s).lower()),
    "another alphabet": Unrecognised("base32, base85, binary digits", lambda s: base64.b32encode(s.encode()).decode()),
    "compressed": Unrecognised("gzip, also in base64", lambda s: _base64(zlib.compress(s.encode()))),
    "encrypted or hashed": Unrecognised("SHA-256", lambda s: hashlib.sha256(s.encode()).hexdigest()),
    "more than four codes deep": Unrecognised(
        "base64 of base64, five times", lambda s: functools.reduce(lambda text, _: _base64(text), range(5), s)
    ),
}


def pieces_left(form: str, shown: str, public: str = "") -> list[str]:
    """Each 8 characters in a row of a form that are shown still, apart from what is `public`; all of a shorter one."""
    return [
        piece
        for part in form.split(_GLUE)
        for at in range(max(1, len(part) - PIECE + 1))
        if (piece := part[at : at + PIECE]) in shown and piece not in public
    ]
