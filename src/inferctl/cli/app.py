"""The command group and the one place where an exception becomes an exit code.

Commands are loaded when they are asked for, and each imports what it needs inside its function:
`--help` and `--version` must stay quick.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING

import click

from inferctl.cli.familiar_words import command_answer, early_answer, option_answer
from inferctl.cli.output import TYPED
from inferctl.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.applier.interrupt import StopSignal

# name -> (module, one line for the overview). The line stands here so that `--help` loads no command.
_COMMANDS = {
    "validate": ("inferctl.cli.validate", "Check the files. No cluster is asked."),
    "render": ("inferctl.cli.render", "Print the final documents of an environment. No cluster is asked."),
    "diff": ("inferctl.cli.render", "Show how two environments differ. No cluster is asked."),
    "plan": ("inferctl.cli.plan", "Show what apply would do. Changes nothing."),
    "apply": ("inferctl.cli.apply", "Make the cluster hold what the files say."),
    "show": ("inferctl.cli.plan", "Show a saved plan. No cluster is asked."),
    "verify": ("inferctl.cli.verify", "Look whether endpoints work: models, probes. Changes nothing."),
    "rotate": ("inferctl.cli.apply", "Send the secrets of endpoints again."),
    "adopt": ("inferctl.cli.ownership", "Make existing endpoints ours. Writes the ledger only."),
    "forget": ("inferctl.cli.ownership", "Give up ownership. Writes the ledger only."),
    "destroy": ("inferctl.cli.apply", "Remove every endpoint that is ours."),
    "history": ("inferctl.cli.ledger", "Show who ran when, and what came of it."),
    "unlock": ("inferctl.cli.ledger", "Remove the lock of a dead run."),
    "ledger": ("inferctl.cli.ledger_repair", "Check the ledger, and repair what is damaged in it."),
    "export": ("inferctl.cli.export", "Write what a cluster holds as endpoint files."),
    "refs": ("inferctl.cli.refs", "Show who uses an endpoint."),
    "roles": ("inferctl.cli.look_up", "Print the smallest role for plan or apply jobs."),
    "emulate": ("inferctl.cli.emulate", "Run the bundled Elasticsearch emulator."),
    "schema": ("inferctl.cli.look_up", "Print JSON Schema for editors."),
    "explain": ("inferctl.cli.look_up", "Explain a service, a field or a diagnostic code."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and line; imports one when it is used."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[TYPED] = tuple(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        known = _COMMANDS.get(cmd_name)
        if known is None:
            return None
        command = getattr(import_module(known[0]), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            answer = command_answer(args[0])
            if answer:
                raise click.UsageError(answer, ctx) from error
            near = nearest(args[0], _COMMANDS)
            if near and "Did you mean" not in error.message:
                raise click.UsageError(f"{error.message} Did you mean {near!r}?", ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"inferctl {version('inferctl')}")
        ctx.exit()


# click would take colours out of what goes to a pipe, `--color always` or not: our own Style decides alone.
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "color": True}


@click.group(cls=LazyGroup, context_settings=_CONTEXT)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version.",
)
def cli() -> None:
    """Elasticsearch inference endpoints as code.

    Endpoint files say what should be there; `plan` shows the difference, `apply` makes it so and reads
    it back. Try it without a cluster: inferctl plan --emulator examples/endpoints
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. Prints; never raises for what a user can cause."""
    from inferctl.applier.interrupt import listening

    with listening() as stop:
        return _run(arguments, stop)


def _run(arguments: Sequence[str] | None, stop: StopSignal) -> int:
    """`stop` hears the signals. Commands find it, and their reports, in click's context."""
    from inferctl.cli.output import hide_secrets, lend_missing_streams
    from inferctl.cli.reports import Reports
    from inferctl.exit_codes import Exit

    lend_missing_streams()
    hide_secrets(None)
    reports = Reports(stop)
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False, obj=reports)
        stop.over = True
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001  the last net: a sentence, not a stack
        if isinstance(error, click.Abort | KeyboardInterrupt):
            stop.over = True
        if isinstance(error, click.ClickException):
            error = _in_our_words(error, sys.argv[1:] if arguments is None else arguments)
        return reports.end(error)
    return code if isinstance(code, int) else Exit.OK


def _in_our_words(error: click.ClickException, arguments: Sequence[str]) -> click.ClickException:
    """The same; an option that other tools have is answered with what we call it."""
    if isinstance(error, click.NoSuchOption):
        is_early = error.ctx is not None and error.ctx.parent is None
        answer = early_answer(error.option_name, arguments, _COMMANDS) if is_early else ""
        answer = answer or option_answer(error.option_name, arguments)
        return click.UsageError(answer, error.ctx) if answer else error
    return error


def main() -> None:
    """The console script. From here to the end of the process a signal has one meaning."""
    from inferctl.applier.interrupt import StopSignal, hear, ignore_signals
    from inferctl.exit_codes import Exit

    stop = StopSignal()
    hear(stop, within=_run.__code__)
    try:
        code = _run(None, stop)
    except KeyboardInterrupt:  # the second one, while the first was being told
        code = Exit.INTERRUPTED
    ignore_signals()
    if threading.active_count() > 1 or stop.by_signal:
        # A second Ctrl-C left writes behind that still wait for an answer, up to minutes: Python would join them. And
        # after an interruption Python may end by SIGINT, although nobody else heard of it any more.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)
