"""The known word that a misspelled one probably means."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Of files that a pull request fills with wrong names and right ones: more comparisons take longer than a person waits.
MOST_COMPARED = 20_000


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """The known word that is most like this one, in any case of letters; empty when none is.

    `likeness` is from 0 to 1, that of `difflib`.
    """
    return next(iter(nearest_words(word, known, likeness=likeness, most=1)), "")


def nearest_words(word: str, known: Iterable[str], *, likeness: float = 0.6, most: int = 3) -> tuple[str, ...]:
    """The known words that are most like this one, the nearest first."""
    return _nearest(word.lower(), tuple(known), likeness, most)


@lru_cache(maxsize=8_192)
def _nearest(word: str, known: tuple[str, ...], likeness: float, most: int) -> tuple[str, ...]:
    from difflib import get_close_matches  # noqa: PLC0415  most runs find nothing misspelled

    spelled = {one.lower(): one for one in reversed(known)}
    return tuple(spelled[lower] for lower in get_close_matches(word, spelled, n=most, cutoff=likeness))
