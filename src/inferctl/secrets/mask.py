"""The one text that stands where a secret stood."""

from __future__ import annotations

MASK = "(secret)"
