"""What globs over endpoint ids match, decided and not tried out. Pure.

Globs are read as automata over the letters that ids have. `left_out` goes through all ids at once, whatever their
length; `share_of_ids` weighs them by how people write ids, so that globs which leave out a corner nobody uses still
count as matching nearly all. The syntax is that of `fnmatch`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_ENDS = _LETTERS + _DIGITS  # what an id starts and ends with
_INSIDE = _ENDS + "-_."
# States that are looked at before the answer is the cautious one: strangers write globs too.
_MOST_STATES = 4_000
_LONGEST = 1_000  # characters of a glob: no id has more


def _weights(letters: float, digits: float, **others: float) -> dict[str, float]:
    spread = dict.fromkeys(_LETTERS, letters / len(_LETTERS)) | dict.fromkeys(_DIGITS, digits / len(_DIGITS))
    return spread | others


# How likely each character is, and which lengths ids have: a model of names, for shares only.
_FIRST = _weights(0.97, 0.03)
_INNER = _weights(0.80, 0.06) | {"-": 0.10, "_": 0.02, ".": 0.02}
_LAST = _weights(0.80, 0.20)
_LENGTHS = range(4, 25)
# A glob that can match no more than this of all ids is not followed letter by letter.
_NEXT_TO_NOTHING = 1e-4


@dataclass(frozen=True, slots=True)
class _Automaton:
    """Positions in all globs as the bits of one number: which can be reached, by what, and which are ends."""

    start: int
    ends: int
    stars: int  # positions where any character may be taken without going on
    by_character: Mapping[str, int]  # positions from which this character leads to the next one
    wins: int  # stars that end a glob: whatever follows, it matches

    def closed(self, states: int) -> int:
        """And those that are reached where a star stands for nothing."""
        return states | ((states & self.stars) << 1)

    def after(self, states: int, character: str) -> int:
        there = self.closed(((states & self.by_character[character]) << 1) | (states & self.stars))
        return self.closed(self.wins) if there & self.wins else there


@lru_cache(maxsize=64)
def _automaton(globs: tuple[str, ...]) -> _Automaton:
    start = ends = stars = wins = bit = 0
    by_character: dict[str, int] = dict.fromkeys(_INSIDE, 0)
    for glob in globs:
        parts = list(_parts(glob))
        start |= 1 << bit
        for part in parts:
            if part == "*":
                stars |= 1 << bit
            else:
                for character in part:
                    by_character[character] |= 1 << bit
            bit += 1
        wins |= 1 << (bit - 1) if parts[-1:] == ["*"] else 0
        ends |= 1 << bit
        bit += 1
    made = _Automaton(start, ends, stars, by_character, wins)
    return replace(made, start=made.closed(start))


def _parts(glob: str) -> Iterator[str]:
    """`*`, or the characters of ids that may stand there."""
    at, starred = 0, False
    while at < len(glob):
        size = 1
        if glob[at] == "[":
            first = at + 1 + (glob[at + 1 : at + 2] == "!")
            end = glob.find("]", first + 1)
            size = end + 1 - at if end >= 0 else 1
        part = glob[at : at + size]
        if part != "*":
            yield _characters(part)
        elif not starred:
            yield part
        starred = part == "*"
        at += size


@lru_cache(maxsize=1_024)
def _characters(part: str) -> str:
    """Those that a part of a glob stands for; a bracket that nothing closes stands for itself."""
    return "".join(character for character in _INSIDE if fnmatchcase(character, "[[]" if part == "[" else part))


def left_out(glob: str, within: tuple[str, ...]) -> str | None:
    """A shortest id that the glob matches and none of `within` does; None where there is none.

    Where that takes too long to tell, the glob itself.
    """
    if glob in within or "*" in within:
        return None
    if len(glob) > _LONGEST:
        return glob
    wide, narrow = _automaton((glob,)), _automaton(within)
    alphabet = _alphabet((wide, narrow), _INSIDE)
    seen = {(wide.start, narrow.start)}
    queue = [(wide.start, narrow.start, "")]
    for states, others, text in queue:  # it grows meanwhile
        for character in alphabet:
            if not text and character not in _ENDS:
                continue
            after, beside = wide.after(states, character), narrow.after(others, character)
            if not after or beside & narrow.wins:
                continue
            if character in _ENDS and after & wide.ends and not beside & narrow.ends:
                return text + character
            if (after, beside) not in seen:
                if len(seen) >= _MOST_STATES:
                    return glob
                seen.add((after, beside))
                queue.append((after, beside, text + character))
    return None


def share_of_ids(globs: Iterable[str]) -> float:
    """Which share of all ids, as people write them, the globs match together: 0 to 1, never too small."""
    given = tuple(dict.fromkeys(globs))
    bounds = {glob: _at_most(glob) for glob in given}
    small = sum(bound for bound in bounds.values() if bound <= _NEXT_TO_NOTHING)
    wide = tuple(glob for glob, bound in bounds.items() if bound > _NEXT_TO_NOTHING)
    return min(1.0, small + (_share(wide) if wide else 0.0))


@lru_cache(maxsize=64)
def _share(globs: tuple[str, ...]) -> float:
    automaton = _automaton(globs)
    inner = _grouped(automaton, _INNER)
    last = _grouped(automaton, _LAST)
    reached: dict[int, float] = _step(automaton, {automaton.start: 1.0}, _grouped(automaton, _FIRST))
    shares = []
    for length in range(2, _LENGTHS.stop):
        if len(reached) > _MOST_STATES:
            return 1.0
        if length in _LENGTHS:
            ended = _step(automaton, reached, last)
            shares.append(sum(weight for states, weight in ended.items() if states & automaton.ends))
        reached = _step(automaton, reached, inner)
    return sum(shares) / len(shares)


def _step(automaton: _Automaton, reached: Mapping[int, float], weights: Mapping[str, float]) -> dict[int, float]:
    after: dict[int, float] = {}
    for states, weight in reached.items():
        for character, likely in weights.items():
            there = automaton.after(states, character)
            if there:
                after[there] = after.get(there, 0.0) + weight * likely
    return after


def _at_most(glob: str) -> float:
    """A share that the glob cannot exceed, from the characters before its first star alone."""
    bound = 1.0
    for position, part in enumerate(_parts(glob)):
        if part == "*":
            break
        # It may be the last character of an id as well: the larger of both weights counts.
        weights = (_FIRST,) if position == 0 else (_INNER, _LAST)
        bound *= max(sum(one.get(character, 0.0) for character in part) for one in weights)
    return bound


def _alphabet(automata: tuple[_Automaton, ...], characters: str) -> list[str]:
    """One character of each kind that the automata tell apart, those that end an id first."""
    kinds = {
        (character in _ENDS, *(one.by_character[character] for one in automata)): character
        for character in reversed(characters)
    }
    return sorted(kinds.values(), key=_INSIDE.index)


def _grouped(automaton: _Automaton, weights: Mapping[str, float]) -> dict[str, float]:
    """The weights of the kinds of characters that the automaton tells apart."""
    kinds: dict[int, str] = {}
    sums: dict[str, float] = {}
    for character, weight in weights.items():
        name = kinds.setdefault(automaton.by_character[character], character)
        sums[name] = sums.get(name, 0.0) + weight
    return sums
