"""`inferctl apply`: plan, ask, write, read back, say what happened."""

from __future__ import annotations

from typing import Any

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    lock_options,
    output_options,
    paths_argument,
    plan_options,
    report_options,
    write_options,
)


@click.command("apply")
@paths_argument
@config_option
@connection_options
@plan_options
@click.option("--skip-stale", is_flag=True, help="Of a saved plan: leave out the steps that have moved.")
@report_options
@write_options
@lock_options
@output_options
def command(paths: tuple[str, ...], config: str | None, **given: Any) -> int:
    """Make the cluster hold what the files say, and read it back.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    PATH can be one saved plan: then just its steps are done, and none if something has moved since.
    """
    from inferctl.cli.carry_out import carry_out
    from inferctl.cli.inputs import files_or_exit, permissions
    from inferctl.cli.output import parse_reports
    from inferctl.cli.plan_file import plan_file_among
    from inferctl.errors import UsageError

    parse_reports(given["reports"])
    plan_file = plan_file_among(paths)
    if plan_file is not None:
        return _apply_saved(plan_file, config, given)
    if given["skip_stale"]:
        raise UsageError("--skip-stale is for a saved plan: inferctl apply PLAN --skip-stale")
    loaded = files_or_exit(paths, config, given)
    allowed = permissions(given, loaded.settings)
    return carry_out("apply", loaded.desired, loaded.settings, allowed, given)


def _apply_saved(plan_file: str, config: str | None, given: dict[str, Any]) -> int:
    """The settings file and the flags of this run say what is permitted; the plan says what is to be done."""
    from inferctl.cli.carry_out import carry_out
    from inferctl.cli.inputs import permissions, settings_or_exit
    from inferctl.cli.plan_file import read_plan_file
    from inferctl.cli.secrets import within_bounds
    from inferctl.errors import UsageError
    from inferctl.planner.file.recheck import desired_of

    for flag in ("target", "exclude", "send_secrets"):
        if given[flag]:
            name = f"--{flag.replace('_', '-')}"
            raise UsageError(f"{name} would change what the saved plan does: give it to plan --out")
    saved = read_plan_file(plan_file)
    desired = within_bounds(desired_of(saved))
    settings = settings_or_exit(config, given["color"], permits=True)
    allowed = permissions(given, settings)
    return carry_out("apply", desired, settings, allowed, given, saved)
