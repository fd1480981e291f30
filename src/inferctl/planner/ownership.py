"""What is ours: what the ledger holds under our scope; without one, what `--manage` or `manage:` matches."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from inferctl.json_types import JsonObject  # noqa: TC001  the ledger has `Owned` read by pydantic
from inferctl.model.ids import REGION_POLICY
from inferctl.planner.health import Unwell  # noqa: TC001  likewise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.planner.secret_state import SecretCheck

# What a run was about to do when it wrote a record.
CREATE, REPLACE, TRIAL = "create", "replace", "trial"


@dataclass(frozen=True, slots=True)
class Owned:
    """What the ledger holds of one endpoint. `declared` is the comparable form that the last apply declared.

    `protect` outlives the file it came from. `secrets` maps a secret's path to its fingerprint
    (`{"key": id, "digest": hex, "since": date}`); an empty one is unknown (adopted), one with `unsure` was sent by a
    run that got no confirmation, one with `accepted` by somebody else, as the operator says. `intent` is what a run was
    about to do and nobody confirmed: "create"; "replace", from before the old endpoint is deleted until the new one is
    there; "trial" for a throw-away endpoint on which a replace tries its settings. `unwell` is what the last run that
    looked at it saw, where that was not good.
    """

    scope: str
    declared: JsonObject
    protect: frozenset[str] = frozenset()
    secrets: JsonObject = field(default_factory=dict)
    intent: str = ""
    unwell: Unwell | None = None

    @property
    def is_meant(self) -> bool:
        """Whether a run only said that it would make it: what is there under the id may be somebody else's."""
        return self.intent in (CREATE, TRIAL)

    @property
    def is_replaced(self) -> bool:
        """Whether a run did not finish its replace of it: it is ours, and may be gone."""
        return self.intent == REPLACE

    @property
    def is_trial(self) -> bool:
        """Whether it is of a throw-away endpoint that a run has not noted as gone."""
        return self.intent == TRIAL


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that is damaged, or `newer` than this inferctl, and why. `scope` is what it says, "" where nothing."""

    why: str
    scope: str = ""
    newer: bool = False

    def __str__(self) -> str:
        return f"scope {self.scope}: {self.why}" if self.scope else self.why


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger as a plan sees it: our scope, and every endpoint that anybody owns; the region policy by its name.

    `secrets` is what can be said of the secrets of each endpoint of ours, where somebody looked. `unreadable` are the
    endpoints of which nobody can say whose they are: none of them is touched. `warnings` name what else is damaged.
    """

    scope: str
    owned: Mapping[str, Owned] = field(default_factory=dict)
    secrets: Mapping[str, tuple[SecretCheck, ...]] = field(default_factory=dict)
    unreadable: Mapping[str, UnreadableRecord] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id of an endpoint that is noted under our scope, sorted."""
        ours = (i for i, record in self.owned.items() if record.scope == self.scope)
        return tuple(sorted(i for i in ours if i != REGION_POLICY))

    def ours(self, inference_id: str) -> Owned | None:
        """The record under our scope."""
        record = self.owned.get(inference_id)
        return record if record is not None and record.scope == self.scope else None

    def other_scope(self, inference_id: str) -> str | None:
        """Whose it is, if it is another scope's."""
        record = self.owned.get(inference_id)
        return record.scope if record is not None and record.scope != self.scope else None


def matches(inference_id: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs matches. Case matters, as it does for ids."""
    return any(fnmatchcase(inference_id, glob) for glob in globs)


def is_reserved(inference_id: str) -> bool:
    """Ids with a leading dot are the server's own (docs/reference/server/read.md#preconfigured-endpoints)."""
    return inference_id.startswith(".")


class Whose(Enum):
    """Whose an endpoint is, seen from this run."""

    OURS = "ours"
    NOBODYS = "nobody's"  # it may be adopted
    ANOTHERS = "another scope's"  # it may be taken over
    OUTSIDE = "outside of manage"
    SERVERS = "the server's"
    UNREADABLE = "not to be told: its record cannot be read"


def whose(inference_id: str, manage: tuple[str, ...], ledger: LedgerView | None) -> Whose:
    """Under our scope in the ledger; without a ledger what `manage` matches. `manage` bounds both.

    What a run only meant to create is nobody's until it is adopted: it could be somebody else's by now.
    """
    if is_reserved(inference_id):
        return Whose.SERVERS
    if ledger is None:
        return Whose.OURS if matches(inference_id, manage) else Whose.NOBODYS
    if inference_id in ledger.unreadable:
        return Whose.UNREADABLE
    if ledger.other_scope(inference_id) is not None:
        return Whose.ANOTHERS
    if manage and not matches(inference_id, manage):
        return Whose.OUTSIDE
    record = ledger.ours(inference_id)
    return Whose.OURS if record is not None and not record.is_meant else Whose.NOBODYS
