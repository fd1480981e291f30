"""Whether the credentials may do what a run is going to do: asked before it writes, in one request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from inferctl.client.privileges import CALLS
from inferctl.errors import ApiError, Forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.client.privileges import Call
    from inferctl.client.sync import InferenceClient

_log = logging.getLogger("inferctl.client")

LEDGER_WRITES = tuple(CALLS[name] for name in ("read the ledger", "write records", "remove records"))
LEDGER_WRITES_SERVERLESS = (*LEDGER_WRITES, CALLS["refresh"])
ENDPOINT_WRITES = (CALLS["create"], CALLS["update"], CALLS["delete"])


def require_privileges(client: InferenceClient, calls: Iterable[Call]) -> None:
    """Raises Forbidden that names every missing privilege.

    A server that cannot say (no security, a proxy in between) stops nothing: the calls themselves will tell.
    """
    wanted = [(call.privilege, call.purpose) for call in calls if call.privilege is not None]
    cluster = sorted({p.name for p, _ in wanted if not p.on})
    index = {on: sorted({p.name for p, _ in wanted if p.on == on}) for on in sorted({p.on for p, _ in wanted} - {""})}
    try:
        held = client.has_privileges(cluster=cluster, index=index)
    except ApiError as error:
        _log.info("what these credentials may do could not be asked: %s", error)
        return
    lines = []
    for privilege in dict.fromkeys(p for p, _ in wanted):
        named = f"{privilege.on}: {privilege.name}" if privilege.on else privilege.name
        if named in held.missing:
            purposes = dict.fromkeys(purpose for p, purpose in wanted if p == privilege)
            lines.append(f"missing privilege {privilege}: needed to {', '.join(purposes)}")
    if lines:
        refusal = Forbidden("\n".join([*lines, "nothing was written"]))
        refusal.privilege = lines[0].removeprefix("missing privilege ").partition(":")[0]
        raise refusal
