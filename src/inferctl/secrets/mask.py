"""The one text that stands where a secret stood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "(secret)"


def pieces_of(literals: Iterable[str]) -> tuple[str, ...]:
    """The lines of secrets, each once: what `masked` takes out of texts. Worked out once for many texts."""
    pieces = (piece.strip() for literal in literals for piece in literal.splitlines())
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def masked(text: str, pieces: Iterable[str], *, shortest: int = 6) -> str:
    """The text without these pieces of secrets.

    One with fewer characters than `shortest` stays: it would be found in the middle of words.
    """
    there = [piece for piece in pieces if piece in text and len(piece) >= shortest]
    if not there:
        return text
    # In one pass, the longest first: a piece may be a part of another one, or of the mask.
    return re.sub("|".join(map(re.escape, sorted(there, key=len, reverse=True))), lambda _: MASK, text)
