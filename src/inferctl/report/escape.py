r"""Foreign text made harmless: what a server or a file says must not steer a terminal, a page or a runner.

Everything that is not plainly visible is shown by its number: control characters (C0, C1, ESC), bidirectional
and other format characters, line separators, odd spaces, lone surrogates. A newline becomes `\n`.
The beginnings of a workflow command (GitHub: `::` first in a line, `##[` anywhere; Azure: `##vso[` anywhere) are
broken: whatever a job prints is searched for them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.report.style import Style

_PROSE = 1_000
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Letters and marks that show nothing: fillers, joiners, the empty Braille cell.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BRACKET = re.compile(r"(##\w*)\[")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def clean(text: str, *, ascii_only: bool = False) -> str:
    """The text on one line, with every hidden character spelled out."""
    if text.lstrip().startswith("::"):
        text = text.lstrip()
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if _shows(c, ascii_only=ascii_only) else _spell(c) for c in text)
    return _without_command(text)


def say(text: str, style: Style) -> str:
    """Somebody else's text in a line of a terminal or a log, cut where it gets very long."""
    return cut(clean(text, ascii_only=style.ascii), _PROSE, style.ellipsis)


def _unbracketed(text: str, bracket: str = "\\x5b") -> str:
    return _BRACKET.sub(lambda found: found[1] + bracket, text)


def without_commands(text: str) -> str:
    """The finished lines, none of which is a workflow command: two harmless parts can make one together."""
    if "::" not in text and "##" not in text:
        return text
    return "\n".join(_without_command(line) for line in text.split("\n"))


def _without_command(line: str) -> str:
    rest = line.lstrip()
    if rest.startswith("::"):
        line = line[: len(line) - len(rest)] + "\\x3a" + rest[1:]
    return _unbracketed(line)


def masked(text: str, *, ascii_only: bool = False) -> str:
    """The text with one visible character for each hidden one, so that positions stay. Tabs are kept."""
    sign = "?" if ascii_only else "\ufffd"
    shown = (c if c == "\t" or _shows(c, ascii_only=ascii_only) else sign for c in text)
    return _unbracketed("".join(shown), sign)


def cut(text: str, limit: int, ellipsis: str = "…") -> str:
    """At most `limit` characters; says how long the text was."""
    if len(text) <= limit:
        return text
    tail = f"{ellipsis} ({len(text)} characters)"
    return text[: max(limit - len(tail), 1)] + tail


def cut_short(text: str, limit: int, ellipsis: str = "…") -> str:
    """At most `limit` characters of a text that is an extract anyway."""
    return text if len(text) <= limit else text[: limit - len(ellipsis)].rstrip() + ellipsis


def cut_pair(before: str, after: str, limit: int, ellipsis: str = "…") -> tuple[str, str]:
    """Both texts cut so that the first place where they differ stays in sight."""
    if max(len(before), len(after)) <= limit:
        return before, after
    shorter = min(len(before), len(after))
    differs = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    start = differs - limit // 4
    if start <= 0 or differs < limit // 2:
        return cut(before, limit, ellipsis), cut(after, limit, ellipsis)
    return (
        ellipsis + cut(before[start:], limit - 1, ellipsis),
        ellipsis + cut(after[start:], limit - 1, ellipsis),
    )


def _shows(character: str, *, ascii_only: bool) -> bool:
    if character == " ":
        return True
    if ascii_only and not character.isascii():
        return False
    return unicodedata.category(character) not in _HIDDEN and character not in _BLANK


def _spell(character: str) -> str:
    short = _SHORT.get(character)
    if short:
        return short
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
