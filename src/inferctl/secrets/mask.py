"""What is masked, and the one text that stands in its place."""

from __future__ import annotations

MASK = "(secret)"
# A piece of a secret counts from so many characters on, as they stand in the text.
PIECE = 8
