"""All secrets of a run, resolved before its first write: all of them, or none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from inferctl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.plan.plan import Plan
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret


def resolve_for(plan: Plan, *, dummies: bool) -> Mapping[SecretRef, Secret]:
    """What the runnable steps need. Raises InputError naming every reference that cannot be resolved."""
    from inferctl.apply.bodies import references_of
    from inferctl.secrets.resolve import resolve_all

    needed: frozenset[SecretRef] = frozenset().union(*(references_of(change) for change in plan.runnable))
    resolved = resolve_all(needed, os.environ, dummy=dummies)
    if resolved.problems:
        said = "\n".join(str(problem) for problem in resolved.problems)
        raise InputError(f"{len(resolved.problems)} secret(s) cannot be resolved: nothing was sent\n{said}")
    if resolved.dummies:
        names = ", ".join(str(reference) for reference in resolved.dummies)
        click.echo(f"warning: not set, so the emulator gets a dummy: {names}", err=True)
    return resolved.secrets
