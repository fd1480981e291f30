"""Flags that several commands share; commands hand them on as click gives them, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def _stack(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _set_up_logging(_ctx: click.Context, _param: click.Parameter, verbose: int) -> None:
    if verbose:
        from inferctl.cli.session import set_up_logging

        set_up_logging(verbose)


paths_argument = click.argument("paths", nargs=-1, metavar="[PATH]...")

config_option = click.option(
    "--config",
    metavar="FILE",
    envvar="INFERCTL_CONFIG",
    help="Settings file. Default: inferctl.yaml, searched upward.",
)

color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in text output. NO_COLOR and FORCE_COLOR are honoured.",
)
output_options = _stack(
    color_option,
    click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_up_logging,
        help="Say more on stderr; twice: each request (never its body).",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Only results and errors."),
)

connection_options = _stack(
    click.option("--url", metavar="URL", help="Cluster address. Default: ELASTICSEARCH_URL."),
    click.option("--ca-certs", metavar="FILE", help="Trust this CA file."),
    click.option("--ca-fingerprint", metavar="SHA256", help="Trust the certificate with this fingerprint."),
    click.option("--insecure", is_flag=True, help="Do not check the certificate."),
    click.option(
        "--request-timeout",
        "request_timeout_s",
        type=click.FloatRange(min=0.1),
        metavar="SECONDS",
        help="Limit of one request.",
    ),
    click.option("--emulator", is_flag=True, help="Use the bundled emulator; its state lives in .inferctl/."),
    click.option(
        "--emulator-version",
        default="9.5",
        show_default=True,
        metavar="X.Y",
        help="Server version that the emulator plays.",
    ),
)

_selection = (
    click.option("--manage", multiple=True, metavar="GLOB", help="Ids that are ours. Repeatable."),
    click.option("--target", multiple=True, metavar="GLOB", help="Only these ids. Repeatable."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="All but these ids. Repeatable."),
)
_limits = (
    click.option(
        "--max-deletes",
        metavar="N|N%",
        help="Stop if more deletes are planned. Default: 20% of ours, at least 1.",
    ),
    click.option("--max-changes", type=click.IntRange(min=0), metavar="N", help="Stop if more steps are planned."),
)
_force_delete = click.option(
    "--force-delete", multiple=True, metavar="ID", help="Remove this id although something refers to it. Repeatable."
)
removal_options = _stack(*_selection, *_limits, _force_delete)
plan_options = _stack(
    *_selection,
    click.option("--allow-delete", is_flag=True, help="Delete what is ours and no longer in the files."),
    click.option("--allow-replace", is_flag=True, help="Delete and create again where an update cannot do it."),
    *_limits,
    click.option(
        "--send-secrets", multiple=True, metavar="GLOB", help="Send the secrets of these ids again. Repeatable."
    ),
    _force_delete,
    click.option("--adopt", multiple=True, metavar="GLOB", help="Make what is nobody's ours. Repeatable."),
    click.option("--take-over", multiple=True, metavar="GLOB", help="Make what another scope owns ours. Repeatable."),
)

write_options = _stack(
    click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal."),
    click.option("--parallelism", type=click.IntRange(1, 32), default=4, show_default=True, help="Writes at a time."),
)

lock_options = _stack(
    click.option(
        "--lock-timeout",
        type=click.FloatRange(min=0),
        default=90.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for the lock of the scope. A dead run's lock is free after its time to live (60 s).",
    ),
    click.option("--no-lock", is_flag=True, help="Do without the lock. Two runs at once can then undo each other."),
)


def _format_option(*formats: str) -> Callable[[Command], Command]:
    return click.option(
        "--format", "output_format", type=click.Choice(formats), default="text", help="What to print on stdout."
    )


text_or_json_option = _format_option("text", "json")
report_options = _stack(
    _format_option("text", "json", "markdown"),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        help="Write text, json or markdown to FILE as well. Repeatable.",
    ),
)
