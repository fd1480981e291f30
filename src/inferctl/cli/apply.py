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
@report_options
@write_options
@lock_options
@output_options
def command(paths: tuple[str, ...], config: str | None, **given: Any) -> int:
    """Make the cluster hold what the files say, and read it back.

    PATH is a file, a folder, a glob, or - for stdin. Without PATH: what `endpoints:` in inferctl.yaml names.
    """
    from inferctl.cli.carry_out import carry_out
    from inferctl.cli.exits import Exit
    from inferctl.cli.flags import connection_flags, plan_flags
    from inferctl.cli.inputs import load_for_cluster, permissions
    from inferctl.cli.output import parse_reports, print_diagnostics
    from inferctl.cli.session import set_up_logging

    parse_reports(given["reports"])
    set_up_logging(given["verbose"])
    loaded = load_for_cluster(paths, config, connection_flags(given))
    print_diagnostics(loaded.diagnostics, given["color"], warnings_of_a_kind=3)
    if any(d.is_error for d in loaded.diagnostics):
        return Exit.FAILED
    allowed = permissions(plan_flags(given), loaded.settings)
    return carry_out("apply", loaded.desired, loaded.settings, allowed, given)
