"""Endpoint files and the settings file of a command: read once, and what is wrong with them printed."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from inferctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.diagnostics import Diagnostic
    from inferctl.model.versions import Version
    from inferctl.planner.plan import Permissions, Plan
    from inferctl.workspace.desired import Loaded
    from inferctl.workspace.settings import Settings


def parse_version(text: str | None) -> Version | None:
    """`9.1`, `9.1.0` or `serverless`. Raises UsageError."""
    if text is None:
        return None
    from inferctl.model.versions import OLDEST, Version

    try:
        version = Version.parse(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a version: write 9.1") from error
    if version < OLDEST:
        raise UsageError(f"{version} is too old: inferctl knows {OLDEST} and newer")
    return version


def load(paths: tuple[str, ...], config: str | None, *, target_version: str | None = None) -> Loaded:
    """Settings file and endpoint files; findings are in the answer, nothing is raised for them.

    They are checked against the version that is given, else against that of the settings.
    """
    return _load(paths, config, parse_version(target_version), sys.stdin.buffer, at_target=True)


def plan_from(file: str) -> Plan:
    """A saved plan, whose lines to type have the options of this command line. Raises PlanFileError."""
    from inferctl.api.plan_file import read_plan_with
    from inferctl.cli.output import typed_for

    return read_plan_with(file, typed_for("plan"), typed_for("apply"))


def files_or_exit(
    paths: tuple[str, ...], config: str | None, connection: ConnectionFlags, output: OutputFlags, asked: Permissions
) -> Loaded:
    """The same for a command that talks to a cluster, findings printed; one that is an error ends the command.

    What the command line `asked` for is held against the operator's bounds too.
    """
    from io import BytesIO

    from inferctl.api.load import for_version
    from inferctl.syntax.source import MAX_BYTES

    stdin = sys.stdin.buffer.read(MAX_BYTES + 1) if "-" in paths else b""

    def ask(settings: Settings) -> Version:
        from inferctl.cli.connect import open_cluster

        with open_cluster(connection, settings) as cluster:
            return cluster.version()

    def read(version: Version | None) -> Loaded:
        return _load(paths, config, version, BytesIO(stdin))

    loaded = read(None)
    beyond = _beyond_bounds(asked, loaded.settings)
    if not beyond:
        first = loaded
        loaded = for_version(lambda version: first if version is None else read(version), ask)
    print_or_exit(loaded.settings, (*loaded.diagnostics, *beyond), output.color, warnings_of_a_kind=3)
    return loaded


def _load(
    paths: tuple[str, ...], config: str | None, version: Version | None, stdin: BinaryIO, *, at_target: bool = False
) -> Loaded:
    from inferctl.cli.reports import this_command
    from inferctl.workspace.desired import load_workspace

    command = this_command()
    return load_workspace(
        paths,
        config=config,
        environ=os.environ,
        bounds=command.bounds,
        working_directory=Path.cwd(),
        stdin=stdin,
        version=version,
        today=datetime.now(UTC).date(),
        environment=command.environment,
        at_target=at_target,
    )


def settings_or_exit(
    config: str | None,
    output: OutputFlags,
    asked: Permissions | None = None,
    *,
    permits: bool = False,
    beside: tuple[Diagnostic, ...] = (),
    ids: tuple[str, ...] = (),
    planned_for: str = "",
) -> Settings:
    """The settings file alone, its findings printed; one of them that is an error ends the command.

    So does what exceeds the operator's bounds: in the file, in what the command line `asked` for, and among the `ids`
    that it names. `permits`: for a command that uses them, so that one whose day is over is an error. `beside` is what
    was found elsewhere. `planned_for` is the environment of a saved plan: where none was chosen, no other can be meant.
    """
    from inferctl.cli.reports import this_command
    from inferctl.workspace.desired import look_for_settings
    from inferctl.workspace.settings import expired_permits, load_settings

    path, misnamed = look_for_settings(config, os.environ, Path.cwd())
    command = this_command()
    settings, diagnostics = load_settings(path, Path.cwd(), command.bounds, environment=command.environment)
    if settings.is_undecided and not command.environment and planned_for in settings.environments:
        diagnostics = _which_of_plan(diagnostics, planned_for)
    diagnostics = (*misnamed, *diagnostics, *beside, *_beyond_bounds(asked, settings, ids))
    if permits:
        diagnostics = (*diagnostics, *expired_permits(settings, datetime.now(UTC).date()))
    print_or_exit(settings, diagnostics, output.color)
    return settings


def _which_of_plan(diagnostics: Iterable[Diagnostic], environment: str) -> tuple[Diagnostic, ...]:
    """The same; the one that wants an environment to be chosen proposes this one alone."""
    from dataclasses import replace

    from inferctl.fix import flag

    fixes = (flag(f"--env {environment}"),)
    return tuple(replace(one, fixes=fixes) if one.code == "settings.environment" else one for one in diagnostics)


def _beyond_bounds(asked: Permissions | None, settings: Settings, ids: tuple[str, ...] = ()) -> tuple[Diagnostic, ...]:
    """What the command line asks for, and a scope or an environment that nothing names, if they are out of bounds."""
    from inferctl.cli.reports import this_command
    from inferctl.workspace.discovery import SETTINGS_FILE
    from inferctl.workspace.run_bounds import COMMAND_LINE, as_diagnostics, of_asked, of_environment, of_id, of_scope

    bounds, scope = this_command().bounds, settings.values.ledger_scope
    found = [finding for name in ids for finding in of_id(name, bounds)]
    found += of_asked(asked, bounds) if asked is not None else ()
    unscoped = tuple(of_scope(None, bounds)) if scope is None else ()
    if not settings.environments:
        unscoped = (*unscoped, *of_environment("", bounds))
    return (*as_diagnostics(unscoped, settings.file or SETTINGS_FILE), *as_diagnostics(found, COMMAND_LINE))


def print_or_exit(
    settings: Settings, diagnostics: Sequence[Diagnostic], color: str, *, warnings_of_a_kind: int | None = None
) -> None:
    """Prints the findings; one of them that is an error ends the command."""
    from inferctl.cli.output import print_diagnostics
    from inferctl.cli.reports import this_command
    from inferctl.exit_codes import Exit

    reports = this_command()
    reports.belongs_to(settings.values.ledger_scope or "")
    reports.diagnostics += tuple(diagnostics)
    print_diagnostics(diagnostics, color, warnings_of_a_kind=warnings_of_a_kind)
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.is_error]
    if errors:
        from inferctl.report.failure import Failure
        from inferctl.report.sentences import counted

        text = f"{counted(len(errors), 'error')} in the files: nothing was sent"
        reports.fail(Failure(Exit.FAILED, errors[0].code, text))
        raise click.exceptions.Exit(Exit.FAILED)
