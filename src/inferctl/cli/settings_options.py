"""Which settings file, and which of its environments: of each command that reads one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def stacked(*decorators: Decorator) -> Decorator:
    """Options that go together, in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _choose_environment(ctx: click.Context, param: click.Parameter, text: str | None) -> None:
    from inferctl.cli.reports import Reports
    from inferctl.cli.several import InEnvironments

    reports, names = ctx.ensure_object(Reports), dict.fromkeys(name.strip() for name in (text or "").split(","))
    if len(names) == 1:
        reports.environment = next(iter(names))
        return
    if not isinstance(ctx.command, InEnvironments):
        raise click.BadParameter(f"{text!r}: this command is for one environment at a time", param=param)
    if not all(names):
        raise click.BadParameter(f"{text!r}: a name is missing beside a comma", param=param)
    reports.names = tuple(names)


def _every_environment(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    from inferctl.cli.reports import Reports

    if not value:
        return
    reports = ctx.ensure_object(Reports)
    # INFERCTL_ENV is for command lines that say nothing.
    if ctx.get_parameter_source("env") is ParameterSource.COMMANDLINE:
        raise click.BadParameter("--env names those that are meant: give one of the two", param=param)
    reports.every_environment, reports.environment, reports.names = True, "", ()


_CONFIG_HELP = "Settings file. Default: inferctl.yaml, searched upward."
settings_file_option = click.option("--config", metavar="FILE", envvar="INFERCTL_CONFIG", help=_CONFIG_HELP)
# Whatever reads a settings file has to know which of its environments is meant.
config_option = stacked(
    settings_file_option,
    click.option(
        "--env",
        metavar="NAME",
        envvar="INFERCTL_ENV",
        expose_value=False,
        is_eager=True,  # before `--all-envs`, which looks whether it was typed, whatever comes first on the line
        callback=_choose_environment,
        help="Environment of the settings file. Default: INFERCTL_ENV.",
    ),
)
# Of a command that can go through several, one after the other.
environments_option = stacked(
    config_option,
    click.option(
        "--all-envs",
        is_flag=True,
        expose_value=False,
        callback=_every_environment,
        help="Each environment of the settings file in turn; --env A,B: these.",
    ),
)
