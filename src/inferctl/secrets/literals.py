"""Secrets that stand in a file, taken out of what we say of the file. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from inferctl.secrets.mask import MASK, PIECE
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable


def pieces_of(literals: Iterable[str]) -> tuple[str, ...]:
    """The lines of secrets, each once: what `masked` takes out of texts. Worked out once for many texts."""
    pieces = (piece.strip() for literal in literals for piece in literal.splitlines())
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def masked(text: str, pieces: Iterable[str], *, shortest: int = 6) -> str:
    """The text without these pieces of secrets, nor other forms of them: a file may write them with escapes.

    One with fewer characters than `shortest` stays: it would be found in the middle of words.
    """
    pieces = tuple(pieces)
    there = [piece for piece in pieces if piece in text and len(piece) >= shortest]
    if there:
        # In one pass, the longest first: a piece may be a part of another one, or of the mask.
        text = re.sub("|".join(map(re.escape, sorted(there, key=len, reverse=True))), lambda _: MASK, text)
    secrets = _long(pieces)
    if not secrets:
        return text
    from inferctl.secrets.hide import hide  # noqa: PLC0415  most files hold no secret

    return hide(text, secrets)


@lru_cache(maxsize=4)
def _long(pieces: tuple[str, ...]) -> frozenset[Secret]:
    """Those that can be told from words."""
    return frozenset(Secret(piece) for piece in pieces if len(piece) >= PIECE)
