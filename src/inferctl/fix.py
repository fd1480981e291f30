"""What mends a complaint, as something that a person can type.

A complaint (diagnostic, block, stop, error) may have several fixes: each does alone.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# From the day of the run: what a permit that is proposed is good for.
PERMITTED_FOR = timedelta(days=14)


class FixKind(Enum):
    """What is done with the text of a fix."""

    COMMAND = "command"  # typed in a shell
    FLAG = "flag"  # added to the command that was just typed
    EDIT = "edit"  # of the file that the complaint is about; its grammar: docs/reference/diagnostics.md
    PERMIT = "permit"  # pasted into the settings file
    ADVICE = "advice"  # nothing can be typed


@dataclass(frozen=True, slots=True)
class Fix:
    """One fix. The last line of a permit is the permit itself; those above it say where it stands. It holds no secret.

    `file` is the one that is edited; empty where the complaint stands in it, or where no file is.
    """

    kind: FixKind
    text: str
    file: str = ""


def command(text: str) -> Fix:
    """Something to type in a shell."""
    return Fix(FixKind.COMMAND, text)


def in_environment(fixes: Iterable[Fix], environment: str) -> tuple[Fix, ...]:
    """The same, where a command of ours has to name the environment that the run was for; "": none."""
    if not environment:
        return tuple(fixes)
    chosen = f" --env {shlex.quote(environment)}"
    return tuple(
        replace(fix, text=f"{fix.text}{chosen}")
        if fix.kind is FixKind.COMMAND and fix.text.startswith("inferctl ") and chosen not in fix.text
        else fix
        for fix in fixes
    )


def flag(text: str) -> Fix:
    """Something to add to the command that was just typed."""
    return Fix(FixKind.FLAG, text)


def edit(text: str, file: str = "") -> Fix:
    """A change of a file: of the one that the complaint stands in, or of another."""
    return Fix(FixKind.EDIT, text, file)


def advice(text: str) -> Fix:
    """What to do where nothing can be typed."""
    return Fix(FixKind.ADVICE, text)
