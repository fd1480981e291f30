"""The exit codes, in one table (docs/reference/exit-codes.md shows the same one).

click's own 2 for bad usage would read as "changes present" in a CI job, so usage errors exit with 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit(IntEnum):
    """What the number means to the job that reads it."""

    OK = 0
    FAILED = 1  # and nothing was written to _inference: input, server, network
    CHANGES = 2  # only with --detailed-exitcode
    BLOCKED = 3  # nothing failed; a permission or an approval is missing, a limit was reached, a step is blocked
    PARTIAL = 4  # something was or may have been written, and not everything worked
    STALE = 5
    NOT_READY = 6
    LOCKED = 7
    USAGE = 64
    INTERRUPTED = 130


_WORST_FIRST = (
    Exit.INTERRUPTED,
    Exit.PARTIAL,
    Exit.FAILED,
    Exit.USAGE,
    Exit.LOCKED,
    Exit.BLOCKED,
    Exit.STALE,
    Exit.NOT_READY,
    Exit.CHANGES,
    Exit.OK,
)


def worst(codes: Iterable[int]) -> Exit:
    """What several runs end with together: the code that most needs a person. OK where there is none."""
    return min(map(Exit, codes), key=_WORST_FIRST.index, default=Exit.OK)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run ends with, or would: the code, a sentence that says so, and the reasons, one fact each."""

    exit_code: Exit
    text: str
    reasons: tuple[str, ...] = ()
