"""click hands over loose keyword arguments; here they become the two flag values that commands pass on."""

from __future__ import annotations

from typing import Any

from inferctl.cli.options import ConnectionFlags, PlanFlags


def connection_flags(given: dict[str, Any]) -> ConnectionFlags:
    """The connection part of `given`."""
    return ConnectionFlags(**{name: given[name] for name in ConnectionFlags.__slots__})


def plan_flags(given: dict[str, Any]) -> PlanFlags:
    """The planning part of `given`."""
    return PlanFlags(**{name: given[name] for name in PlanFlags.__slots__})
