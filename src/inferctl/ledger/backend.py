"""What a ledger is to the rest: one small protocol. `index` keeps it in the cluster, `NoLedger` keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.ledger.records import RunRecord
    from inferctl.planner.ownership import LedgerView, Owned
    from inferctl.secrets.secret import Secret


class Ledger(Protocol):
    """The ledger of one scope. Every method raises LedgerError where the truth cannot be had or kept.

    `salt` is the key of the fingerprints as `view` found it.
    """

    salt: Secret | None

    def prepare(self) -> None:
        """Make it ready to be written; before the first write of an apply, or there is none."""

    def view(self) -> LedgerView | None:
        """Everybody's ownership, as it is now; None where nothing is kept, so that `manage` decides."""

    def make_salt(self) -> Secret | None:
        """The key of the fingerprints where the operator gives none; None where nothing is kept."""

    def start(self, run: RunRecord, intents: Mapping[str, Owned]) -> Mapping[str, str]:
        """Note the run, and what it is about to create. Returns why an id cannot be ours (id -> sentence)."""

    def note(self, entries: Mapping[str, Owned | None]) -> Mapping[str, str]:
        """Write records, None removes one. Returns what could not be noted (id -> sentence)."""

    def finish(self, run: RunRecord, entries: Mapping[str, Owned | None]) -> Mapping[str, str]:
        """The last records, and with them how the run ended. Returns as `note` does."""


class NoLedger:
    """Does nothing, truthfully."""

    salt: Secret | None = None

    def prepare(self) -> None:
        return

    def view(self) -> None:
        return None

    def make_salt(self) -> None:
        return None

    def start(self, run: RunRecord, intents: Mapping[str, Owned]) -> Mapping[str, str]:  # noqa: ARG002  the protocol's
        return {}

    def note(self, entries: Mapping[str, Owned | None]) -> Mapping[str, str]:  # noqa: ARG002
        return {}

    def finish(self, run: RunRecord, entries: Mapping[str, Owned | None]) -> Mapping[str, str]:  # noqa: ARG002
        return {}
