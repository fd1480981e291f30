"""What a step does, and how it stands. Symbol and name live together so that they cannot drift apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inferctl.fix import Fix


# Why an endpoint is created, most of the time.
NOT_THERE: Final = "it does not exist"


class Action(Enum):
    """What a step does. Value: (name, symbol)."""

    CREATE = ("create", "+")
    UPDATE = ("update", "~")
    REPLACE = ("replace", "-/+")
    DELETE = ("delete", "-")
    ADOPT = ("adopt", ">")
    FORGET = ("forget", "x")
    REPAIR = ("repair", "^")
    VERIFY = ("verify", "o")
    NOOP = ("no-op", "=")

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def symbol(self) -> str:
        return self.value[1]

    @property
    def removes(self) -> bool:
        """A replace contains a delete."""
        return self in (Action.DELETE, Action.REPLACE)


WRITING = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE, Action.REPAIR})
"""What needs the privilege to write endpoints. A verify makes inference calls; the others touch the ledger only."""


class Standing(Enum):
    """Whether apply will do the step. Value: (name, symbol shown before the action's; empty for ready)."""

    READY = ("ready", "")
    HELD = ("held", "")  # it waits for a permission: --allow-delete, --allow-replace
    BLOCKED = ("blocked", "!")
    UNKNOWN = ("unknown", "?")

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def symbol(self) -> str:
        return self.value[1]


class BlockKind(Enum):
    """Why a step is blocked or held; decides the exit code and what would lift it."""

    NOT_OURS = "not-ours"
    OUTSIDE_MANAGE = "outside-manage"
    RESERVED = "reserved"
    REFERENCED = "referenced"
    SHARED_DEPLOYMENT = "shared-deployment"
    PROTECTED = "protected"
    IMPOSSIBLE = "impossible"
    NEEDS_ALLOW_DELETE = "needs-allow-delete"
    NEEDS_ALLOW_REPLACE = "needs-allow-replace"
    UNREADABLE = "unreadable"
    RECORD_UNREADABLE = "record-unreadable"  # the ledger's, so nobody can say whose the endpoint is
    DENIES_USED = "denies-used"  # a region policy would deny what somebody uses
    STALE = "stale"  # of a saved plan: what the step relies on has moved


NOT_FOR_US = frozenset({BlockKind.NOT_OURS, BlockKind.OUTSIDE_MANAGE, BlockKind.RESERVED, BlockKind.RECORD_UNREADABLE})
"""The endpoint is somebody else's, or could be: it is compared and shown, and no step of ours touches it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Why a step will not be done, and what would lift it: each of `fixes` alone."""

    kind: BlockKind
    text: str
    fixes: tuple[Fix, ...] = ()
