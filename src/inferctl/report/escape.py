r"""Foreign text made harmless: what a server or a file says must not steer a terminal, a page or a runner.

Everything that is not plainly visible is shown by its number: control characters (C0, C1, ESC), bidirectional
and other format characters, line separators, odd spaces, lone surrogates. A newline becomes `\n`.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def clean(text: str, *, ascii_only: bool = False) -> str:
    """The text on one line, with every hidden character spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _shows(c, ascii_only=ascii_only) else _spell(c) for c in text)


def masked(text: str, *, ascii_only: bool = False) -> str:
    """The text with one visible character for each hidden one, so that positions stay. Tabs are kept."""
    if text.isascii() and text.isprintable():
        return text
    sign = "?" if ascii_only else "\ufffd"
    return "".join(c if c == "\t" or _shows(c, ascii_only=ascii_only) else sign for c in text)


def cut(text: str, limit: int, ellipsis: str = "…") -> str:
    """At most `limit` characters; says how long the text was."""
    if len(text) <= limit:
        return text
    tail = f"{ellipsis} ({len(text)} characters)"
    return text[: max(limit - len(tail), 1)] + tail


def cut_pair(before: str, after: str, limit: int, ellipsis: str = "…") -> tuple[str, str]:
    """Both texts cut so that the first place where they differ stays in sight."""
    if max(len(before), len(after)) <= limit:
        return before, after
    shorter = min(len(before), len(after))
    differs = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    start = differs - limit // 4
    if start <= 0 or differs < limit // 2:
        return cut(before, limit, ellipsis), cut(after, limit, ellipsis)
    return tuple(ellipsis + cut(text[start:], limit - 1, ellipsis) for text in (before, after))  # type: ignore[return-value]


def _shows(character: str, *, ascii_only: bool) -> bool:
    if character == " ":
        return True
    if ascii_only and not character.isascii():
        return False
    return unicodedata.category(character) not in _HIDDEN


def _spell(character: str) -> str:
    short = _SHORT.get(character)
    if short:
        return short
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
