"""`inferctl rotate`: send the secrets of some endpoints again, the way service and version need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    lock_options,
    output_options,
    report_options,
    rotate_options,
    write_options,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.cli.options import ConnectionFlags, LockFlags, OutputFlags, ReportFlags, WriteFlags
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.plan import Permissions


@click.command("rotate")
@click.argument("inference_ids", nargs=-1, required=True, metavar="ID...")
@config_option
@connection_options
@rotate_options
@report_options
@write_options
@lock_options
@output_options
def command(
    inference_ids: tuple[str, ...],
    config: str | None,
    connection: ConnectionFlags,
    asked: Permissions,
    report: ReportFlags,
    write: WriteFlags,
    lock: LockFlags,
    output: OutputFlags,
) -> int:
    """Send the secrets of endpoints again. ID is an id or a glob over the ids that the files declare.

    All secrets of an endpoint go together. What else differs from the file is changed with it, as by apply; nothing
    is created, and nothing else is removed.
    """
    from dataclasses import replace

    from inferctl.api.permissions import permitted
    from inferctl.cli.plan_and_apply import RunFlags, plan_and_apply
    from inferctl.cli.read_files import files_or_exit

    loaded = files_or_exit((), config, connection, output)
    wanted = _wanted(inference_ids, loaded.desired.endpoints)
    allowed = permitted(replace(asked, send_secrets=inference_ids, only_rotates=True), loaded.settings)
    flags = RunFlags(connection, report, write, lock, output)
    return plan_and_apply("rotate", replace(loaded.desired, selected=wanted), allowed, loaded.settings, flags)


def _wanted(patterns: tuple[str, ...], endpoints: Sequence[DesiredEndpoint]) -> frozenset[str]:
    """The declared ids that match and have a secret. Raises InputError for a name or a glob that means none."""
    from inferctl.errors import InputError
    from inferctl.planner.ownership import matches

    problems = []
    for pattern in patterns:
        matching = [endpoint for endpoint in endpoints if matches(endpoint.inference_id, (pattern,))]
        if not matching:
            problems.append(f"{pattern}: no file declares it")
        elif not any(endpoint.secrets for endpoint in matching):
            problems.append(f"{pattern}: its file names no secret")
    if problems:
        raise InputError("nothing was sent:\n" + "\n".join(problems))
    return frozenset(e.inference_id for e in endpoints if e.secrets and matches(e.inference_id, patterns))
