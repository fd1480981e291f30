"""Which part of a source line may be shown. Works on text, because broken files have no structure.

The rule is by name: what follows a key that sounds like a credential is hidden, on its line and on the
lines that belong to it. References (`{env: NAME}`, `{file: PATH}`) stay readable. It hides too much rather
than too little.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from inferctl.secrets.credential_names import sounds_secret
from inferctl.secrets.credentials import without_credentials_in_text
from inferctl.secrets.literals import masked
from inferctl.secrets.mask import MASK
from inferctl.secrets.reference import reference_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST = 2_000
_FURTHEST = 5_000
_COLON = re.compile(r""":(?=[\s{\["'*&!|>]|$)""")
_BEFORE_NAME, _NOT_IN_NAME = frozenset("{},[]?\"'"), frozenset(",:\"'#")


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


def shown_line(lines: Sequence[str], number: int, hidden: Sequence[str] = ()) -> str:
    """Line `number` (from 1) as it may be shown; `hidden` literals are taken out wherever they stand."""
    # Of a longer line only the beginning is ever shown. What is cut in two here does not get into it.
    line = lines[number - 1][: 2 * _LONGEST]
    line = without_credentials_in_text(masked(line, hidden, shortest=3))[:_LONGEST]
    for name, end in _keys(line):
        if sounds_secret(name) and reference_end(line, end) < 0 and line[end:].strip():
            return f"{line[:end]} {MASK}"
    if any(sounds_secret(key) for key in _owners(lines, number)) and reference_end(line.strip()) != len(line.strip()):
        indent = len(line) - len(line.lstrip())
        return line[:indent] + MASK
    return line


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
