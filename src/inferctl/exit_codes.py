"""The exit codes, in one table (docs/reference/exit-codes.md shows the same one).

click's own 2 for bad usage would read as "changes present" in a CI job, so usage errors exit with 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run ends with, or would: the code, a sentence that says so, and the reasons, one fact each."""

    exit_code: Exit
    text: str
    reasons: tuple[str, ...] = ()
