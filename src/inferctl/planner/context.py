"""What a decision needs beside the endpoint itself. A value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.planner.ownership import Whose, matches, whose
from inferctl.planner.plan import skipped_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from inferctl.diagnostics import Span
    from inferctl.planner.change import Terms
    from inferctl.planner.health import DeploymentStats
    from inferctl.planner.ownership import LedgerView, Owned, UnreadableRecord
    from inferctl.planner.passthrough import LiveCatalogue
    from inferctl.planner.plan import Permissions
    from inferctl.planner.references import References
    from inferctl.planner.secret_state import SecretCheck


LEFT_OUT = "an overlay leaves it out"  # without the place: for what outlives the files of today


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision needs beside the endpoint itself.

    `references` holds the users found so far; `sharers` maps a deployment to the endpoints attached to it.
    `live` is the server's own list of services, where it was asked.
    `exact_version` is the server's, with its patch where that is known.
    `deployments` are those in the cluster by id; None where nobody looked.
    `listed` is False where the list of endpoints could not be had: then nobody knows who shares what.
    `today` dates the permits that are proposed; None: without a last day.
    `ledger` is None where nothing is kept: then `manage` says what is ours.
    `skipped`: where an overlay leaves an endpoint out of the environment, by id.
    """

    terms: Terms
    permissions: Permissions
    references: Mapping[str, References]
    sharers: Mapping[str, tuple[str, ...]]
    unreadable: Mapping[str, str]
    listed: bool = True
    live: LiveCatalogue | None = None
    ledger: LedgerView | None = None
    exact_version: str = ""
    deployments: Mapping[str, DeploymentStats] | None = None
    today: date | None = None
    skipped: Mapping[str, Span] = field(default_factory=dict)

    def whose(self, inference_id: str) -> Whose:
        """Whose it is, with what this run may adopt or take over counted as ours."""
        owner = whose(inference_id, self.permissions.manage, self.ledger)
        if self.ledger is None:
            return owner
        allowed = self.permissions
        if owner is Whose.NOBODYS:
            mine = matches(inference_id, allowed.adopt) or inference_id in allowed.adopt_ids
        else:
            taken = matches(inference_id, allowed.take_over) or inference_id in allowed.take_over_ids
            mine = owner is Whose.ANOTHERS and taken
        return Whose.OURS if mine else owner

    def why_not_declared(self, inference_id: str) -> str:
        """Why an endpoint of ours is not among the desired ones."""
        place = self.skipped.get(inference_id)
        return "no file declares it any more" if place is None else skipped_at(place)

    def asks_for_secrets(self, inference_id: str) -> str:
        """What of the command line asks to send its secrets again; empty: nothing does."""
        if not matches(inference_id, self.permissions.send_secrets):
            return ""
        return "rotate" if self.permissions.only_rotates else "--send-secrets"

    def last(self, inference_id: str) -> Owned | None:
        """What our last apply noted of it."""
        return self.ledger.ours(inference_id) if self.ledger else None

    def unreadable_record(self, inference_id: str) -> UnreadableRecord | None:
        """What the ledger holds of it, where that cannot be read."""
        return self.ledger.unreadable.get(inference_id) if self.ledger else None

    def secret_checks(self, inference_id: str) -> tuple[SecretCheck, ...]:
        """What can be said of its secrets, where somebody looked."""
        return self.ledger.secrets.get(inference_id, ()) if self.ledger else ()

    def other_scope(self, inference_id: str) -> str | None:
        """The scope that owns it, if that is not ours."""
        return self.ledger.other_scope(inference_id) if self.ledger else None
