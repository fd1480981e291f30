"""The one text that stands where a secret stood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "(secret)"


def masked(text: str, literals: Iterable[str], *, shortest: int = 6) -> str:
    """The text without these secrets, each line of them by itself.

    A piece with fewer characters than `shortest` stays: it would be found in the middle of words.
    """
    pieces = {piece.strip() for literal in literals for piece in literal.splitlines()}
    pieces = {piece for piece in pieces if len(piece) >= shortest}
    if not pieces:
        return text
    # In one pass, the longest first: a piece may be a part of another one, or of the mask.
    return re.sub("|".join(map(re.escape, sorted(pieces, key=len, reverse=True))), lambda _: MASK, text)
