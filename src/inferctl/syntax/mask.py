"""Which part of a source line may be shown. Works on text, because broken files have no structure.

The rule is by name: what follows a key that sounds like a credential is hidden, on its line and on the
lines that belong to it. References (`{env: NAME}`, `{file: PATH}`) stay readable. It hides too much rather
than too little.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.json_types import Json, Path

MASK = "********"
_LONGEST = 2_000
_FURTHEST = 5_000

_WORDS = frozenset(
    {"password", "passwd", "passphrase", "secret", "secrets", "token", "credential", "credentials", "apikey"}
    | {"authorization", "bearer", "pat", "pwd", "jwt", "cookie"}
)
_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("auth", "key"), ("subscription", "key")}
    | {("entra", "id"), ("account", "json"), ("functions", "key"), ("encryption", "key"), ("shared", "key")}
)
_ABOUT = frozenset(
    {"url", "uri", "count", "limit", "type", "name", "endpoint", "scope", "scopes", "expiry"}
    | {"budget", "path", "field"}
)
_NAMES = ("api_key", "apikey", "access_key", "secret_key", "client_secret", "private_key", "password", "token",
          "entra_id", "service_account_json", "secret_parameters", "authorization")  # fmt: skip
_INNOCENT = frozenset({"client_id", "tenant_id"})
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_COLON = re.compile(r""":(?=[\s{\["'*&!|>]|$)""")
_BEFORE_NAME, _NOT_IN_NAME = frozenset("{},[]?\"'"), frozenset(",:\"'#")
_REFERENCE = re.compile(r"""\s*\{\s*(?:env\s*:\s*[A-Z][A-Z0-9_]*|file\s*:\s*[\w./\-]+)\s*\}\s*(?:#.*)?""")
_QUERY = re.compile(r"[?&]([^=?&#\s]+)=([^&#\s]+)")
_USERINFO = re.compile(r"(?<=://)[^/\s@\"']*@")


def looks_secret(name: str) -> bool:
    """Whether a key's name says that its value is a credential: `api_key`, `clientSecret`, `X-Auth-Token`.

    `max_tokens`, `token_url` and `tokenizer` are not.
    """
    words = [word.lower() for word in _SPLIT.split(name) if word]
    if not words or words[-1] in _ABOUT:
        return False
    return any(word in _WORDS for word in words) or any(pair in _PAIRS for pair in itertools.pairwise(words))


def holds_credential(path: Path, value: Json) -> bool:
    """Whether a value that a server shows in clear is, or contains, a credential; `path` leads to it.

    By the name of a key, of a query parameter, of the first of two words in a list; or by a user name in a URL.
    A template (`Bearer ${api_key}`) holds none.
    """
    if any(looks_secret(part) for part in path[1:] if isinstance(part, str)):
        return any(text and "${" not in text for text in texts_in(value))
    if isinstance(value, str):
        pairs = (found.groups() for found in _QUERY.finditer(value))
        return bool(_USERINFO.search(value)) or any(looks_secret(k) and "${" not in v for k, v in pairs)
    if isinstance(value, Mapping):
        return any(holds_credential((*path[:1], key), inner) for key, inner in value.items())
    if isinstance(value, Sequence):
        if len(value) == 2 and all(isinstance(word, str) for word in value):
            return holds_credential((*path[:1], str(value[0])), value[1])
        return any(holds_credential(path[:1], inner) for inner in value)
    return False


def texts_in(value: Json) -> Iterator[str]:
    """Every string in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts_in(inner)


@lru_cache(maxsize=8_192)
def sounds_secret(name: str) -> bool:
    """`looks_secret` for a name that may be misspelled: the value of `api_kye` is no less a secret."""
    if looks_secret(name):
        return True
    plain = name.lower()
    return plain not in _INNOCENT and bool(get_close_matches(plain, _NAMES, n=1, cutoff=0.75))


def is_reference(value: Json) -> bool:
    """`{env: NAME}` or `{file: PATH}`: what stands for a secret and may be shown."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    ((kind, name),) = value.items()
    return isinstance(name, str) and _REFERENCE.fullmatch(f"{{{kind}: {name}}}") is not None


@lru_cache(maxsize=8_192)
def _keys(line: str) -> tuple[tuple[str, int], ...]:
    """Each key on the line, and where its colon ends. One walk back from each colon: lines can be very long."""
    found: list[tuple[str, int]] = []
    behind = 0
    for colon in _COLON.finditer(line):
        end = colon.start()
        while end > behind and line[end - 1] in " \t":
            end -= 1
        if end > behind and line[end - 1] in "\"'":
            end -= 1
        at, start = end, end
        while at > behind and line[at - 1] not in _NOT_IN_NAME and not line[at - 1].isspace():
            at -= 1
            before = line[at - 1 : at]
            letter = line[at] == "_" or (line[at].isascii() and line[at].isalpha())
            if letter and (not before or before in _BEFORE_NAME or before.isspace()):
                start = at
        if start < end:
            found.append((line[start:end], colon.end()))
            behind = colon.end()
    return tuple(found)


def mask_line(lines: Sequence[str], number: int, hidden: Sequence[str] = ()) -> str:
    """Line `number` (from 1) as it may be shown; `hidden` literals are taken out wherever they stand."""
    line = lines[number - 1]
    for literal in sorted(hidden, key=len, reverse=True):
        for piece in literal.splitlines():
            if len(piece.strip()) >= 3:
                line = line.replace(piece.strip(), MASK)
    line = _USERINFO.sub(MASK + "@", line)
    line = _QUERY.sub(_masked_query, line)
    line = line[:_LONGEST]  # of a longer line only the beginning is ever shown
    for name, end in _keys(line):
        if sounds_secret(name) and not _REFERENCE.match(line, end) and line[end:].strip():
            return f"{line[:end]} {MASK}"
    if any(sounds_secret(key) for key in _owners(lines, number)) and not _REFERENCE.fullmatch(line.strip()):
        indent = len(line) - len(line.lstrip())
        return line[:indent] + MASK
    return line


def _masked_query(found: re.Match[str]) -> str:
    name, value = found.groups()
    return found[0] if not sounds_secret(name) or "${" in value else f"{found[0][: -len(value)]}{MASK}"


def _owners(lines: Sequence[str], number: int) -> Iterator[str]:
    """Keys of earlier lines that this line may belong to: all of lesser indent, and the one just before.

    Further back than a few thousand lines it could be anybody's: then the name of a secret.
    """
    line = lines[number - 1]
    indent = _indent(line)
    continues = not _keys(line)
    for back, at in enumerate(range(number - 2, -1, -1)):
        earlier = lines[at]
        if back == _FURTHEST:
            yield "secret"
            return
        text = earlier.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("---") and indent == 0 and not continues:
            return
        keys = [name for name, _ in _keys(earlier)]
        if keys and continues:
            # The line has no key of its own: it may continue the value of the key right before it.
            yield from keys if earlier.count("{") > earlier.count("}") else keys[-1:]
            continues = False
        if keys and _indent(earlier) < indent:
            yield from keys if earlier.rstrip().endswith((":", "{", "[", "|", ">", "-", "+")) else keys[-1:]
            indent = _indent(earlier)
        if indent == 0 and not continues:
            return


def _indent(line: str) -> int:
    body = line.lstrip(" \t")
    return len(line) - len(body)
