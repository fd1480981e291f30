"""A question to the person at the terminal, asked on stderr."""

from __future__ import annotations

import os
import select
import signal
import sys

import click


def is_confirmed(question: str) -> bool:
    """The answer of a terminal; an empty one is no. Raises click.Abort where the terminal ends."""
    while True:
        click.echo(f"{question} [y/N]: ", nl=False, err=True)
        _wait_for_a_line()
        answer = sys.stdin.readline()
        if not answer:
            raise click.Abort
        said = answer.strip().lower()
        if said in ("", "n", "no", "y", "yes"):
            return said.startswith("y")
        click.echo("Error: y or n", err=True)


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
