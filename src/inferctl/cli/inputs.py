"""Files and settings of one run, read once."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from inferctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.cli.options import ConnectionFlags, OutputFlags
    from inferctl.diagnostics import Diagnostic
    from inferctl.model.versions import Version
    from inferctl.planner.plan import Permissions, Plan
    from inferctl.workspace.desired import Loaded
    from inferctl.workspace.settings import Settings

# Findings that another version of the server may not have.
_BY_VERSION = ("field.", "rule.", "chunking.", "service.")


def parse_version(text: str | None) -> Version | None:
    """`9.1` or `9.1.0`. Raises UsageError."""
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
    """Settings file and endpoint files; findings are in the answer, nothing is raised for them."""
    return _load(paths, config, parse_version(target_version), sys.stdin.buffer)


def files_or_exit(
    paths: tuple[str, ...], config: str | None, connection: ConnectionFlags, output: OutputFlags
) -> Loaded:
    """The same for a command that talks to a cluster, findings printed; one that is an error ends the command."""
    loaded = _load_for_cluster(paths, config, connection)
    _print_or_exit(loaded.diagnostics, output.color, warnings_of_a_kind=3)
    return loaded


def _load_for_cluster(paths: tuple[str, ...], config: str | None, connection: ConnectionFlags) -> Loaded:
    """Settings file and endpoint files.

    Where the newest server would refuse a file, the version of the cluster decides: what was removed later, or
    became required later, is right for an older one.
    """
    from io import BytesIO

    from inferctl.cli.session import open_client
    from inferctl.errors import InferctlError
    from inferctl.model.versions import NEWEST
    from inferctl.observe.cluster import read_capabilities
    from inferctl.syntax.source import MAX_BYTES

    stdin = BytesIO(sys.stdin.buffer.read(MAX_BYTES + 1) if "-" in paths else b"")
    loaded = _load(paths, config, None, stdin)
    errors = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.is_error]
    if not errors or not all(error.code.startswith(_BY_VERSION) for error in errors):
        return loaded
    try:
        with open_client(connection, loaded.settings) as client:
            version = read_capabilities(client.read_only()).version
    except InferctlError:
        return loaded  # the cluster has no say: the newest server has
    if version.effective() == NEWEST:
        return loaded
    stdin.seek(0)
    return _load(paths, config, version, stdin)


def _load(paths: tuple[str, ...], config: str | None, version: Version | None, stdin: BinaryIO) -> Loaded:
    from inferctl.workspace.desired import load_workspace

    return load_workspace(
        paths,
        config=config,
        environ=os.environ,
        working_directory=Path.cwd(),
        stdin=stdin,
        version=version,
        today=datetime.now(UTC).date(),
    )


def settings_or_exit(config: str | None, output: OutputFlags, *, permits: bool = False) -> Settings:
    """The settings file alone, its findings printed; one of them that is an error ends the command.

    `permits`: for a command that uses them, so that one whose day is over is an error.
    """
    from inferctl.workspace.settings import expired_permits, find_settings, load_settings

    settings, diagnostics = load_settings(find_settings(config, os.environ, Path.cwd()), Path.cwd())
    if permits:
        diagnostics = (*diagnostics, *expired_permits(settings, datetime.now(UTC).date()))
    _print_or_exit(diagnostics, output.color)
    return settings


def _print_or_exit(diagnostics: Sequence[Diagnostic], color: str, *, warnings_of_a_kind: int | None = None) -> None:
    from inferctl.cli.output import print_diagnostics
    from inferctl.exit_codes import Exit

    print_diagnostics(diagnostics, color, warnings_of_a_kind=warnings_of_a_kind)
    if any(diagnostic.is_error for diagnostic in diagnostics):
        raise click.exceptions.Exit(Exit.FAILED)


def permissions(asked: Permissions, settings: Settings) -> Permissions:
    """Flags add to what the settings file allows; limits on the command line replace those of the file."""
    from dataclasses import replace

    values = settings.values
    permits = {verb: [p.inference_id for p in values.permits if p.verb == verb] for verb in _STEPS_OF}
    in_file = values.limits.max_deletes
    return replace(
        asked,
        manage=asked.manage or values.manage,
        allow_delete=asked.allow_delete or "delete" in values.allow,
        allow_replace=asked.allow_replace or "replace" in values.allow,
        max_deletes=asked.max_deletes if asked.max_deletes is not None else None if in_file is None else str(in_file),
        max_changes=asked.max_changes if asked.max_changes is not None else values.limits.max_changes,
        force_delete=frozenset(
            {
                *asked.force_delete,
                *(p.inference_id for p in values.permits if p.force and p.verb in ("delete", "replace")),
            }
        ),
        # An id is no glob in a permit: a review grants one endpoint at a time.
        adopt=(*asked.adopt, *map(escape, permits["adopt"])),
        take_over=(*asked.take_over, *map(escape, permits["take_over"])),
        delete_ids=frozenset(permits["delete"]),
        replace_ids=frozenset(permits["replace"]),
        forget=frozenset(permits["forget"]),
        ignore=values.ignore,
    )


def with_permit_warnings(plan: Plan, settings: Settings) -> Plan:
    """Says which permits this plan has no use for: spent, or never needed."""
    from dataclasses import replace

    steps = {change.inference_id: change for change in plan.steps}
    said = []
    for permit, at in zip(settings.values.permits, settings.permit_places, strict=True):
        change = steps.get(permit.inference_id)
        if change is None or change.action.word not in _STEPS_OF[permit.verb]:
            what = f"{permit.verb.replace('_', '-')} of {permit.inference_id}"
            said.append(f"the permit for the {what} ({at.file}:{at.line}) is spent, or nothing needs it: remove it")
    return replace(plan, warnings=(*plan.warnings, *said)) if said else plan


# The actions that a permit's verb can be meant for.
_STEPS_OF = {
    "delete": ("delete", "replace"),
    "replace": ("replace",),
    "adopt": ("adopt", "update", "replace"),
    "take_over": ("adopt", "create", "update", "replace"),
    "forget": ("forget",),
}
