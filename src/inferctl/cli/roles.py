"""`inferctl roles`: the smallest role for a plan job or an apply job, as JSON. No cluster is asked."""

from __future__ import annotations

import click


@click.command("roles")
@click.argument("job", type=click.Choice(["plan", "apply"]), metavar="plan|apply")
@click.option(
    "--with-dry-run/--without-dry-run",
    default=False,
    help="In the plan role: also what asking the server about references needs. It is the privilege to write. "
    "Default: without.",
)
@click.option("--without-ledger", is_flag=True, help="Leave out what only a scope needs.")
@click.option("--serverless", is_flag=True, help="For a Serverless project: one privilege more on the ledger.")
def command(job: str, with_dry_run: bool, without_ledger: bool, serverless: bool) -> int:
    """Print the smallest role for plan jobs or for apply jobs, as `PUT /_security/role/NAME` takes it.

    The same object goes into `role_descriptors` of `POST /_security/api_key`, for a key that may do just this. A role
    for apply is enough for every command. It is the same on every version from 8.17 on.
    """
    import json

    from inferctl.client.privileges import role
    from inferctl.exit_codes import Exit

    made = role(job, ledger=not without_ledger, dry_run=with_dry_run, serverless=serverless)
    click.echo(json.dumps(made, indent=2))
    return Exit.OK
