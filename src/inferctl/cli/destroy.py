"""`inferctl destroy`: remove every endpoint that is ours, with all guards."""

from __future__ import annotations

from typing import Any

import click

from inferctl.cli.options import (
    config_option,
    connection_options,
    lock_options,
    output_options,
    removal_options,
    report_options,
    write_options,
)


@click.command("destroy")
@config_option
@connection_options
@removal_options
@report_options
@write_options
@lock_options
@output_options
def command(config: str | None, **given: Any) -> int:
    """Remove all endpoints of our scope; without a ledger, all that `--manage` matches. No file is read.

    References, protections and shared deployments block a removal here too. So does --max-deletes: to remove
    everything, say --max-deletes 100%.
    """
    from inferctl.cli.carry_out import carry_out
    from inferctl.cli.inputs import permissions, settings_or_exit
    from inferctl.planner.plan import DesiredSet

    settings = settings_or_exit(config, given["color"], permits=True)
    allowed = permissions({**given, "allow_delete": True}, settings)
    return carry_out("destroy", DesiredSet((), emptied=True), settings, allowed, given)
