"""The command in this process: what it prints and how it ends, without the start of an interpreter.

Most tests ask about words, exit codes and what is sent. Signals, terminals, pipes, closed streams, encodings and
what a command loads need a process (`tests/running.py`). Nothing of a run stays behind: environment, folder,
streams and log handlers are those of before.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from inferctl.cli.app import run
from inferctl.client.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@dataclass
class Finished:
    """How a command ended, here or in a process."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def run_here(folder: Path, environment: Mapping[str, str], *arguments: str, stdin: str = "") -> Finished:
    """One command line in `folder`; `environment` is all that it finds set. Streams are no terminals."""
    given, out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(3))
    given.write(stdin)
    given.seek(0)
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment, clear=True))
        stack.enter_context(chdir(folder))
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            stack.enter_context(patch.object(sys, name, stream))
        stack.enter_context(own_logging())
        stack.enter_context(patch.object(RetryPolicy, "wait_s", without_waiting(RetryPolicy.wait_s)))
        code = run(list(arguments))
    return Finished(int(code), *(_written(stream) for stream in (out, err)))


def without_waiting(wait_s: Callable[..., float | None]) -> Callable[..., float | None]:
    def decide(*arguments: Any, **more: Any) -> float | None:
        return None if wait_s(*arguments, **more) is None else 0.0

    return decide


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextmanager
def own_logging() -> Iterator[None]:
    """Takes away the handlers that a command with -v adds: their stream is that of one run."""
    logger = logging.getLogger("inferctl")
    handlers, level, passes_on = list(logger.handlers), logger.level, logger.propagate
    try:
        yield
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)
        logger.propagate = passes_on
