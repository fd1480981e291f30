"""Whether the credentials may do what a run is going to do: asked before it writes, in one request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from inferctl.client.api_errors import MissingPrivilege
from inferctl.client.privileges import CALLS
from inferctl.errors import ApiError, Forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.client.privileges import Call, Privilege
    from inferctl.client.sync import InferenceClient

_log = logging.getLogger("inferctl.client")

LEDGER_WRITES = tuple(CALLS[name] for name in ("read the ledger", "write records", "remove records"))
LEDGER_WRITES_SERVERLESS = (*LEDGER_WRITES, CALLS["refresh"])
LEDGER_MAPPINGS = tuple(CALLS[name] for name in ("look for the ledger", "mend the ledger"))
ENDPOINT_WRITES = (CALLS["create"], CALLS["update"], CALLS["delete"])


def require_privileges(client: InferenceClient, calls: Iterable[Call]) -> None:
    """Raises Forbidden that names every missing privilege.

    A server that cannot say (no security, a proxy in between) stops nothing: the calls themselves will tell.
    """
    purposes: dict[Privilege, list[str]] = {}
    for call in calls:
        if call.privilege is not None:
            purposes.setdefault(call.privilege, []).append(call.purpose)
    names: dict[str, list[str]] = {}
    for privilege in sorted(purposes):
        names.setdefault(privilege.on, []).append(privilege.name)
    cluster = names.pop("", [])
    try:
        held = client.has_privileges(cluster=cluster, index=names)
    except ApiError as error:
        _log.info("what these credentials may do could not be asked: %s", error)
        return
    missing = [
        MissingPrivilege(privilege, ", ".join(dict.fromkeys(for_what)))
        for privilege, for_what in purposes.items()
        if (f"{privilege.on}: {privilege.name}" if privilege.on else privilege.name) in held.missing
    ]
    if missing:
        refusal = Forbidden("\n".join([*map(str, missing), "nothing was written"]))
        refusal.privilege = str(missing[0].privilege)
        raise refusal
