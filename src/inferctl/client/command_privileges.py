"""Which requests each command makes, so which privileges it needs, and the smallest roles made from that. Data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.client.privileges import CALLS, COVERS, LEDGER_INDEX

if TYPE_CHECKING:
    from inferctl.client.privileges import Privilege


@dataclass(frozen=True, slots=True)
class Need:
    """One privilege of a command. Without an `optional` one the run goes on and says what it could not see."""

    privilege: Privilege
    purposes: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """One command in one case: the requests it makes, and those whose refusal it only notes."""

    command: str
    case: str
    calls: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()

    def needs(self, *, serverless: bool = False) -> tuple[Need, ...]:
        """The fewest privileges that are enough, the necessary ones first."""
        needed = _needs(self.calls, serverless=serverless)
        noted = _needs(self.noted, serverless=serverless, optional=True)
        have = {need.privilege for need in needed}
        return (*needed, *(need for need in noted if not _held(need.privilege, have)))


def _needs(calls: tuple[str, ...], *, serverless: bool, optional: bool = False) -> tuple[Need, ...]:
    purposes: dict[Privilege, list[str]] = {}
    for name in calls:
        call = CALLS[name]
        if call.privilege is not None and (serverless or not call.serverless):
            purposes.setdefault(call.privilege, []).append(call.purpose)
    for privilege in [p for p in purposes if _held(p, set(purposes) - {p})]:
        wider = next(p for p in purposes if privilege.name in COVERS.get(p.name, ()))
        purposes[wider] += purposes.pop(privilege)
    return tuple(Need(p, tuple(dict.fromkeys(said)), optional) for p, said in sorted(purposes.items()))


def _held(privilege: Privilege, have: set[Privilege]) -> bool:
    return privilege in have or any(privilege.name in COVERS.get(p.name, ()) and not p.on for p in have)


_SEE = ("info", "read", "services")
_SCAN = (
    "dry run", "pipelines", "mappings", "index settings", "index templates", "component templates", "privileges",
)  # fmt: skip
_LEDGER = (
    "privileges", "look for the ledger", "take the lock", "read the ledger", "read a record", "write records",
    "refresh", "remove records",
)  # fmt: skip
_WRITE = ("privileges", "create", "update", "infer", "model stats")
_OFFLINE = "asks no cluster"

USES: tuple[Use, ...] = (
    *(
        Use(command, _OFFLINE)
        for command in ("validate", "render", "diff", "show", "schema", "explain", "roles", "emulate")
    ),
    Use("plan", "nothing would be removed, no scope", _SEE),
    Use("plan", "nothing would be removed, with a scope", (*_SEE, "read the ledger")),
    Use("plan", "with models in the cluster, with a scope", (*_SEE, "read the ledger"), ("model stats",)),
    Use("plan", "with a region policy, with a scope", (*_SEE, "read the region policy", "read the ledger")),
    Use("plan", "with removals, with a scope", (*_SEE, "read the ledger"), _SCAN),
    Use("apply", "creates and updates, no scope", (*_SEE, *_WRITE)),
    Use("apply", "the first with a scope: it creates the ledger", (*_SEE, *_WRITE, *_LEDGER, "create the ledger")),
    Use("apply", "creates and updates, with a scope", (*_SEE, *_WRITE, *_LEDGER)),
    Use("apply", "with removals, no scope", (*_SEE, *_WRITE, "delete"), _SCAN),
    Use("apply", "with removals, with a scope", (*_SEE, *_WRITE, "delete", *_LEDGER), _SCAN),
    Use("apply", "with a replace, with a scope", (*_SEE, *_WRITE, "delete", *_LEDGER), _SCAN),
    Use("apply", "with a repair, with a scope", (*_SEE, *_WRITE, "start a model", *_LEDGER)),
    Use("apply", "only adopts, with a scope", (*_SEE, *_LEDGER)),
    Use("apply", "a saved plan, with a scope", (*_SEE, *_WRITE, *_LEDGER)),
    Use(
        "apply",
        "with a region policy, with a scope",
        (*_SEE, "privileges", "update", "read the region policy", "set the region policy", *_LEDGER),
    ),
    Use(
        "apply",
        "that removes the region policy, with a scope",
        (*_SEE, "privileges", "update", "read the region policy", "remove the region policy", *_LEDGER),
    ),
    Use("verify", "with a scope", (*_SEE, "infer", "read the ledger"), ("model stats",)),
    Use("rotate", "with a scope", (*_SEE, *_WRITE, *_LEDGER)),
    Use("destroy", "with a scope", (*_SEE, "delete", "model stats", *_LEDGER), _SCAN),
    Use("adopt", "the first: it creates the ledger", ("info", "read", *_LEDGER, "create the ledger")),
    Use("adopt", "with a ledger", ("info", "read", *_LEDGER)),
    Use("forget", "", ("info", *_LEDGER)),
    Use("history", "", ("read the ledger",)),
    Use("ledger check", "", ("info", "read", "look for the ledger", "read the ledger")),
    Use("ledger repair", "a record", ("info", *_LEDGER)),
    Use("ledger repair", "mappings of the index are missing", ("privileges", "look for the ledger", "mend the ledger")),
    Use("unlock", "", ("read a record", "remove records")),
    Use("export", "", _SEE, ("read the region policy",)),
    Use("refs", "", _SEE, _SCAN),
)

ROLES = {
    "plan": ("plan", "export", "refs", "history", "ledger check", "verify"),
    "apply": (
        "plan", "apply", "rotate", "destroy", "adopt", "forget", "unlock", "export", "refs", "history", "ledger check",
        "ledger repair", "verify",
    ),
}  # fmt: skip
"""The commands that a role is for."""

BEYOND_ROLES = frozenset({"mend the ledger"})
"""What no role is made for: `manage` would let every run delete the ledger. A run that lacks it says so and goes on."""


def role(name: str, *, ledger: bool = True, dry_run: bool = False, serverless: bool = False) -> dict[str, object]:
    """The smallest role for the commands of `ROLES[name]`, as `PUT /_security/role/NAME` takes it.

    `dry_run` adds what asking the server about references needs, where the role has it not anyway. It is the privilege
    to write endpoints.
    """
    calls = {call for use in USES if use.command in ROLES[name] for call in (*use.calls, *use.noted)} - BEYOND_ROLES
    if name == "plan" and not dry_run:
        calls.discard("dry run")
    needed = [n.privilege for n in _needs(tuple(call for call in CALLS if call in calls), serverless=serverless)]
    patterns = sorted({p.on for p in needed if p.on and (ledger or p.on != LEDGER_INDEX)}, reverse=True)
    return {
        "cluster": [p.name for p in needed if not p.on],
        "indices": [
            {"names": [pattern], "privileges": [p.name for p in needed if p.on == pattern]} for pattern in patterns
        ],
    }
