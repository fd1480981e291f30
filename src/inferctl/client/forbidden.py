"""Which privilege a refused request needs: the table knows what for, the server's words what would grant it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.client.privileges import LEDGER_INDEX, Privilege, call_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNAUTHORIZED = " is unauthorized for "
_GRANTED = re.compile(r"granted by the (?:cluster|index) privileges \[([\w,]+)\]")
_INDICES = re.compile(r" on indices \[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class MissingPrivilege:
    """A missing privilege and what it is needed for; `purpose` is "" where only the server knows."""

    privilege: Privilege
    purpose: str = ""

    def __str__(self) -> str:
        return f"missing privilege {self.privilege}" + (f": needed to {self.purpose}" if self.purpose else "")


def missing_privilege(method: str, path: str, query: Iterable[tuple[str, str]], reason: str) -> MissingPrivilege | None:
    """What a 403 with this reason is about; None where it is not about a privilege.

    Source: docs/reference/server/errors.md#security.

    The server's own list wins over the table, should a later version grant the action by another privilege.
    """
    if _UNAUTHORIZED not in reason:
        return None
    listed = _GRANTED.search(reason)
    granting = listed[1].split(",") if listed else []
    call = call_of(method, path, dry_run=("dry_run", "true") in tuple(query))
    if call is not None and call.privilege is not None and (not granting or call.privilege.name in granting):
        return MissingPrivilege(call.privilege, call.purpose)
    if not granting:
        return None
    where = _INDICES.search(reason)
    return MissingPrivilege(Privilege(granting[0], where[1] if where else ""), call.purpose if call else "")


def missing_privilege_of_bulk_line(operation: str, index: str, reason: str) -> MissingPrivilege | None:
    """The same for one line of a bulk request: `operation` is "create", "index" or "delete"."""
    if operation == "delete" and index == LEDGER_INDEX:
        return missing_privilege("DELETE", f"/{index}/_doc/ID", (), reason)
    return missing_privilege("POST", f"/{index}/_bulk", (), reason)
