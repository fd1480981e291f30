"""click hands over loose keyword arguments; here they become the two flag values that commands pass on."""

from __future__ import annotations

from typing import Any

from inferctl.cli.options import ConnectionFlags, PlanFlags


def connection_flags(given: dict[str, Any]) -> ConnectionFlags:
    """The connection part of `given`."""
    return ConnectionFlags(
        url=given["url"],
        ca_certs=given["ca_certs"],
        ca_fingerprint=given["ca_fingerprint"],
        insecure=given["insecure"],
        request_timeout_s=given["request_timeout"],
        emulator=given["emulator"],
        emulator_version=given["emulator_version"],
    )


def plan_flags(given: dict[str, Any]) -> PlanFlags:
    """The planning part of `given`."""
    return PlanFlags(**{name: given[name] for name in PlanFlags.__slots__})
