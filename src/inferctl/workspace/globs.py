"""Globs over `/` paths: `*` and `?` within a name, `**` over any number of folders, `[a-z]`, `[!a-z]`.

All possibilities are followed at once, one character after the other: the time is the length of the glob times that of
the name, whoever wrote the glob. (A regular expression for `**/**/**/x` takes years on a deep path.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAGIC = re.compile(r"[*?\[]")
_STAR, _STARS, _FOLDERS = "*", "**", "**/"
_Part: TypeAlias = "str | Callable[[str], bool]"


def magic_at(glob: str) -> int | None:
    """Where the first wildcard stands; None in a plain path."""
    found = _MAGIC.search(glob)
    return None if found is None else found.start()


@dataclass(frozen=True)
class Glob:
    """One glob."""

    text: str

    def matches(self, name: str) -> bool:
        """Whether the whole name fits."""
        # A state is twice the number of tokens that are done; one more inside a folder's name of `**/`.
        states = self._with_empty({0})
        for character in name:
            if not states:
                return False
            states = self._with_empty({after for state in states for after in self._after(state, character)})
        return 2 * len(self._tokens) in states

    def _after(self, state: int, character: str) -> Iterator[int]:
        done, in_folder = divmod(state, 2)
        if in_folder:
            yield state - 1 if character == "/" else state
            return
        token = self._tokens[done] if done < len(self._tokens) else None
        if callable(token):
            if token(character):
                yield state + 2
        elif token == _STARS or (token == _STAR and character != "/"):
            yield state
        elif token == _FOLDERS and character != "/":
            yield state + 1

    def _with_empty(self, states: set[int]) -> set[int]:
        """And those that are reached where a wildcard stands for nothing."""
        reached = set(states)
        for state in states:
            done, in_folder = divmod(state, 2)
            while not in_folder and done < len(self._tokens) and not callable(self._tokens[done]):
                done += 1
                reached.add(2 * done)
        return reached

    @cached_property
    def _tokens(self) -> tuple[_Part, ...]:
        return tuple(_read(self.text))


def _read(glob: str) -> Iterator[_Part]:
    position = 0
    while position < len(glob):
        wildcard = next((w for w in (_FOLDERS, _STARS, _STAR) if glob.startswith(w, position)), None)
        if wildcard is not None:
            yield wildcard
            position += len(wildcard)
        elif glob[position] == "[" and (end := glob.find("]", position + 2)) > 0:
            yield _one_of(glob[position + 1 : end])
            position = end + 1
        else:
            yield (lambda c: c != "/") if glob[position] == "?" else glob[position].__eq__
            position += 1


def _one_of(inside: str) -> Callable[[str], bool]:
    """`a-z0_`, or `!a-z` for all but these; never a slash. A range that runs backwards holds nothing."""
    none_of = inside[0] in "!^"
    rest = inside[none_of:]
    ranges = []
    while rest:
        size = 3 if len(rest) > 2 and rest[1] == "-" else 1
        ranges.append((rest[0], rest[size - 1]))
        rest = rest[size:]
    return lambda c: c != "/" and none_of != any(first <= c <= last for first, last in ranges)
