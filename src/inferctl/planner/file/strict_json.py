"""JSON from a stranger, within bounds: its size, its depth, no key twice, no number that JSON has no word for.

No value of the document is ever quoted: it could be a secret that somebody put there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inferctl.json_types import parse_within

if TYPE_CHECKING:
    from inferctl.json_types import Json

MAX_BYTES = 64 * 1024 * 1024  # some ten thousand endpoints
_MAX_DEPTH = 40
_MAX_KEYS = 100_000  # in one object
_MAX_DIGITS = 40


class Damaged(ValueError):  # noqa: N818  an error is named by what happened
    """What is wrong, and where (`plan.changes[3].action`; empty: the whole)."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where

    def __str__(self) -> str:
        # Keys can be a stranger's: one line, and none of its characters steers anything.
        where = self.where if self.where.isprintable() else ascii(self.where)
        return f"{where}: {self.what}" if where else self.what


def parse(octets: bytes) -> Json:
    """The document. Raises Damaged for what is no JSON, too large, too deep, or says a key twice."""
    if len(octets) > MAX_BYTES:
        raise Damaged(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Damaged("it is not UTF-8") from error
    try:
        return parse_within(text, depth=_MAX_DEPTH, digits=_MAX_DIGITS, keys=_MAX_KEYS)
    except json.JSONDecodeError as error:
        raise Damaged(f"it is no JSON (line {error.lineno}, column {error.colno}): is it cut off?") from None
    except ValueError as error:
        raise Damaged(str(error)) from None
