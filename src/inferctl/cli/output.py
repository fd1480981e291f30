"""Where output goes: the product to stdout, everything else to stderr, reports to files."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.client.known_secrets import KnownSecrets
    from inferctl.diagnostics import Diagnostic
    from inferctl.report.style import Style


TYPED = "inferctl.typed"


# What a line to type leaves to the reader: how to look at the run, where to, and what is chosen by the plan file.
_NOT_TYPED_AGAIN = frozenset(
    {"env", "all_envs", "out", "reports", "output_format", "detail", "color", "verbose", "quiet"}
    | {"skip_stale", "check", "assume_secrets", "detailed_exitcode"}
)


def typed_for(name: str) -> str:
    """The options of the command line at hand that the command of this name takes as well, to be typed with it."""
    context = click.get_current_context()
    commands = context.find_root().command
    other = commands.get_command(context, name) if isinstance(commands, click.Group) else None
    values, _, order = context.command.make_parser(context).parse_args([*context.meta[TYPED][1:]])
    known = {parameter.name for parameter in other.params} - _NOT_TYPED_AGAIN if other else set()
    words: list[str] = []
    for option in dict.fromkeys(order):
        if isinstance(option, click.Option) and option.name in known:
            flag = max(option.opts, key=len)
            value = values[option.name]
            words += [flag] if option.is_flag else [word for one in _each(value) for word in (flag, str(one))]
    return shlex.join(words)


def _each(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)


def typed_again(plan_again: str = "") -> str:
    """The command line as it was typed, to be typed again; of a saved plan, which is spent, first `plan_again`.

    Without `--report`: its files are those of this run, in CI in a folder that is gone. With the environment that a
    variable chose: whoever types the line may not have it. Of several it is the one at hand.
    """
    context = click.get_current_context()
    words, left_out = ["inferctl", *context.meta[TYPED]], {"--report"}
    chosen: list[str] = []
    by_variable = context.get_parameter_source("env") is click.core.ParameterSource.ENVIRONMENT
    if context.obj.among_several:
        words = [word for word in words if word != "--all-envs" and not word.startswith("--env=")]
        left_out.add("--env")
    if context.obj.among_several or by_variable:
        chosen = ["--env", context.obj.environment]
    skipped = {n + after for n, word in enumerate(words) if word in left_out for after in (0, 1)}
    line = shlex.join([*(word for n, word in enumerate(words) if n not in skipped), *chosen])
    return f"{plan_again}, then: {line}" if plan_again else line


def style_for(stream: TextIO, color: str) -> Style:
    """Colour on a terminal, unless told otherwise. `--color` beats NO_COLOR, NO_COLOR beats FORCE_COLOR."""
    from inferctl.report.style import Style

    if color == "auto":
        if os.environ.get("NO_COLOR"):
            wanted = False
        elif os.environ.get("FORCE_COLOR"):
            wanted = True
        else:
            wanted = stream.isatty() and os.environ.get("TERM") != "dumb"
    else:
        wanted = color == "always"
    return Style(colour=wanted, ascii=takes_ascii_only(stream), width=_columns(stream))


def takes_ascii_only(stream: TextIO) -> bool:
    """Whether its encoding has no room for other letters."""
    return not (stream.encoding or "ascii").lower().startswith("utf")


def _columns(stream: TextIO) -> int | None:
    """How wide the terminal is; None where there is none, or where it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):  # not a terminal, or no file of the system
        return None


def print_diagnostics(diagnostics: Sequence[Diagnostic], color: str, *, warnings_of_a_kind: int | None = None) -> None:
    """Findings to stderr; on GitHub also as annotations. Errors are shown all, warnings of one code up to a number."""
    if not diagnostics:
        return
    from inferctl.report.diagnostics import diagnostics_text

    text = diagnostics_text(diagnostics, style_for(sys.stderr, color), warnings_of_a_kind)
    click.echo(known_secrets().hide(text), err=True, nl=False)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from inferctl.report.annotations import annotations_in_files, workflow_command
        from inferctl.report.json import diagnostics_view

        view = known_secrets().hide_in(diagnostics_view(diagnostics))
        for annotation in annotations_in_files(view["diagnostics"], click.get_current_context().obj.environment):
            click.echo(workflow_command(annotation, folder_in_repository()), err=True)


def folder_in_repository() -> str:
    """Where we are, from the root of the checkout: GitHub looks for the files of annotations from there."""
    here, root = Path.cwd(), Path(os.environ.get("GITHUB_WORKSPACE") or ".").resolve()
    return here.relative_to(root).as_posix() if here.is_relative_to(root) else ""


class _Known:
    """The secrets that this command line may not print; a command that opened a cluster knows more of them."""

    secrets: KnownSecrets | None = None


def hide_secrets(known: KnownSecrets | None) -> None:
    """From now on nothing that is printed shows these. None: a new command line, which knows its environment's."""
    _Known.secrets = known


def known_secrets() -> KnownSecrets:
    """What nothing that is printed, reported or written into a file may show."""
    if _Known.secrets is None:
        from inferctl.client.known_secrets import KnownSecrets

        _Known.secrets = KnownSecrets.here(os.environ)
    return _Known.secrets


def harmless(text: str) -> str:
    """What a server or a file said, line by line: no secret of ours, and it steers neither a terminal nor a runner."""
    from inferctl.report.escape import clean

    return "\n".join(clean(line) for line in known_secrets().hide(text).split("\n"))


def lend_missing_streams() -> None:
    """A shell can start us with stdout or stderr closed (`>&-`): Python then has None there, and nobody listens."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  until the process ends


def show(text: str, *, err: bool = False) -> str:
    """Print it now. Why that did not work, "" where the reader merely went away or all is well."""
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(text, err=err, nl=False)
        stream.flush()
    except BrokenPipeError:
        drop(stream)
    except OSError as error:
        drop(stream)
        return error.strerror or type(error).__name__
    return ""


def tell(line: str) -> None:
    """A line (or some) for the person at hand, broken between words. A stderr that takes nothing ends no run."""
    from inferctl.report.escape import without_commands
    from inferctl.report.text_lines import wrapped

    lines = wrapped(harmless(line).split("\n"), style_for(sys.stderr, "never"))
    show(without_commands("\n".join(lines) + "\n"), err=True)


def drop(stream: TextIO) -> None:
    """Send what is still to come nowhere: Python would complain once more at exit."""
    with contextlib.suppress(OSError, ValueError):  # not a file of the system: then there is nothing to drop
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Harmless(logging.Formatter):
    """A server's words are among what is logged."""

    def format(self, record: logging.LogRecord) -> str:
        return harmless(super().format(record))


def set_up_logging(verbose: int) -> None:
    """-v: what inferctl decides; -vv: each request's method, path, status and time. Never a body."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Harmless("%(levelname).1s %(name)s: %(message)s"))
    logger = logging.getLogger("inferctl")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if verbose > 1 else logging.INFO)
