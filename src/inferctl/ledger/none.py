"""No ledger: what `manage` matches is ours, and nothing is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inferctl.ledger.records import RunRecord
    from inferctl.planner.ownership import Owned
    from inferctl.secrets.secret import Secret


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

    def history(self, inference_id: str | None = None, *, most: int = 50) -> Sequence[RunRecord]:  # noqa: ARG002
        return ()
