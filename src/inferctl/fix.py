"""What mends a complaint, as something that a person can type.

A complaint (diagnostic, block, stop, error) may have several fixes: each does alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FixKind(Enum):
    """What is done with the text of a fix."""

    COMMAND = "command"  # typed in a shell
    FLAG = "flag"  # added to the command that was just typed
    EDIT = "edit"  # of the file that the complaint is about; its grammar: docs/reference/diagnostics.md
    PERMIT = "permit"  # pasted into inferctl.yaml
    ADVICE = "advice"  # nothing can be typed


@dataclass(frozen=True, slots=True)
class Fix:
    """One fix. The text may have several lines. It holds no secret."""

    kind: FixKind
    text: str


def command(text: str) -> Fix:
    """Something to type in a shell."""
    return Fix(FixKind.COMMAND, text)


def flag(text: str) -> Fix:
    """Something to add to the command that was just typed."""
    return Fix(FixKind.FLAG, text)


def edit(text: str) -> Fix:
    """A change of the file that the complaint is about."""
    return Fix(FixKind.EDIT, text)


def advice(text: str) -> Fix:
    """What to do where nothing can be typed."""
    return Fix(FixKind.ADVICE, text)
