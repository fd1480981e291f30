"""An exception that ends a command, as a failure: its exit code, its words, what mends it."""

from __future__ import annotations

import errno
import os
import sys
from io import StringIO
from typing import TYPE_CHECKING

import click

from inferctl.diagnostics import bounded
from inferctl.errors import InferctlError
from inferctl.exit_codes import Exit
from inferctl.fix import advice, in_environment
from inferctl.report.failure import Failure

if TYPE_CHECKING:
    from inferctl.applier.interrupt import StopSignal

# What a full or broken disk behind stdout says: no defect of ours.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
_NOT_KNOWN = "it had begun to write, and what was done is not known: inferctl plan shows what is there"


def failure_of(error: BaseException, stop: StopSignal, environment: str = "") -> Failure:
    """What is said of `error`, and what the command ends with. Nothing of a foreign exception but its kind.

    What is to be typed names the `environment` that was chosen, and so do the hints.
    """
    if isinstance(error, click.ClickException):
        code = Exit.USAGE if isinstance(error, click.UsageError) else Exit.FAILED
        return Failure(code, "usage", error.format_message())
    if isinstance(error, click.Abort | KeyboardInterrupt):
        told = str(error.__cause__ or error)  # click raises its Abort from the interrupt
        if stop.patient and not told:
            told = _NOT_KNOWN
        interrupted = f"interrupted by {stop.name}" if stop.by_signal else "interrupted"
        return Failure(Exit.INTERRUPTED, "interrupted", f"{interrupted}: {told}" if told else interrupted)
    if isinstance(error, InferctlError):
        from inferctl.cli.connection_hints import hints

        return Failure(
            Exit(error.exit_code),
            error.code,
            str(error),
            in_environment((*error.fixes, *hints(error, environment)), environment),
            getattr(error, "diagnostics", ()),
        )
    if isinstance(error, BrokenPipeError | SystemExit):  # click ends so where nobody reads
        return Failure(Exit.FAILED, "output", "the reader of the output went away")
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Failure(Exit.FAILED, "output", f"the output cannot be written: {os.strerror(error.errno or 0)}")
    # The text of a foreign exception may quote what it worked on.
    text = f"{type(error).__name__}. This is a defect in inferctl."
    fixes = (advice("run again with INFERCTL_DEBUG=1 and report what it prints"),)
    if stop.patient and not stop.over:
        return Failure(Exit.PARTIAL, "internal", f"{text}\n{_NOT_KNOWN}", fixes)
    return Failure(Exit.FAILED, "internal", text, fixes)


def tell_failure(error: BaseException, failure: Failure, address: str = "", where: str = "") -> None:
    """Say it to the person at hand, on stderr. A stderr that takes nothing ends no run.

    `where` names the environment and the `address`, if there is one.
    """
    from inferctl.cli.output import drop, known_secrets, show, tell
    from inferctl.report.fixes import fix_lines, fixes_view
    from inferctl.report.style import PLAIN

    if isinstance(error, click.ClickException):
        said = StringIO()
        error.show(said)
        tell(bounded(said.getvalue().rstrip("\n")))
        return
    if failure.code == "interrupted":
        tell(failure.text)
        return
    if failure.code == "output":
        drop(sys.stdout)
        if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
            return
    if failure.code == "internal" and os.environ.get("INFERCTL_DEBUG") and isinstance(error, Exception):
        import traceback

        # Without the values of local variables: they could hold a secret on its way to the server.
        show(known_secrets().hide("".join(traceback.format_exception(error))), err=True)
        return
    if where and address not in failure.text:  # no header may have been printed by now
        tell(f"Environment {where}")
    tell(f"error[{failure.code}]: {failure.text}")
    for line in fix_lines(fixes_view(failure.fixes), PLAIN):
        tell(line)
