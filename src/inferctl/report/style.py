"""How a text looks on its terminal. Colour only repeats what a symbol or a word already says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal["green", "yellow", "red", "magenta", "cyan", "bold", "dim"]

_CODES: dict[Colour, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "magenta": "35",
    "cyan": "36",
}
_BY_SYMBOL: dict[str, Colour] = {
    "+": "green",
    "~": "yellow",
    "-": "red",
    "-/+": "magenta",
    ">": "cyan",
    "x": "cyan",
    "o": "yellow",
    "^": "yellow",
    "=": "dim",
    "!": "red",
    "?": "yellow",
}


@dataclass(frozen=True, slots=True)
class Style:
    """`width` is the number of columns of the terminal, None where there is none (files, CI)."""

    colour: bool = False
    ascii: bool = False
    width: int | None = None

    @property
    def ellipsis(self) -> str:
        return "..." if self.ascii else "…"

    @property
    def columns(self) -> int:
        """How wide a line may get before it is laid out otherwise."""
        return min(max(self.width or 110, 40), 200)

    def paint(self, text: str, colour: Colour | None) -> str:
        """The text in a colour, or as it is where colour is off. The text is clean already."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour and colour and text else text

    def symbol(self, symbol: str) -> str:
        """A symbol in its colour: green +, yellow ~, red -, magenta -/+."""
        return self.paint(symbol, _BY_SYMBOL.get(symbol))


PLAIN = Style()
