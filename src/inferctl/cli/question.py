"""A question to the person at the terminal, asked on stderr."""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.api.first_apply import Doubt


def confirming(*, first: bool, may_ask: bool) -> Callable[[Doubt], bool]:
    """What lifts a doubt about the cluster: `--first`, or the person at the terminal, if one may be asked."""

    def is_lifted(doubt: Doubt) -> bool:
        if first and doubt.is_first:
            return True
        return may_ask and sys.stdin.isatty() and _is_told_and_confirmed(doubt.question)

    return is_lifted


def _is_told_and_confirmed(question: str) -> bool:
    """The last sentence is asked. What stands before it is broken between words: an address can be long."""
    from inferctl.cli.output import tell

    statement, _, asked = question.rpartition(". ")
    tell(f"{' '.join(statement.split())}.")
    return is_confirmed(asked)


def is_confirmed(question: str) -> bool:
    """The answer of a terminal; an empty one is no. Raises click.Abort where the terminal ends."""
    while True:
        click.echo(_as_shown(question), nl=False, err=True)
        _wait_for_a_line()
        answer = sys.stdin.readline()
        if not answer:
            raise click.Abort
        said = answer.strip().lower()
        if said in ("", "n", "no", "y", "yes"):
            return said.startswith("y")
        click.echo("Error: y or n", err=True)


def _as_shown(question: str) -> str:
    """With what one may answer, broken between words at the edge of the terminal."""
    from inferctl.cli.output import style_for
    from inferctl.report.text_lines import wrapped

    return "\n".join(wrapped([f"{question} [y/N]:"], style_for(sys.stderr, "never"))) + " "


def _wait_for_a_line() -> None:
    """Until there is something to read. A read alone would miss the signal that comes just before it begins."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        while sys.stdin not in select.select([sys.stdin, reader], [], [])[0]:
            os.read(reader, 64)  # the handler of the signal has run by now: it ended nothing
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)
