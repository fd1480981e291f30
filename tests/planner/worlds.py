"""Plans of a few endpoints, for the tables of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inferctl.model.versions import Version
from inferctl.planner.make_plan import make_plan
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions, Plan

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.references import References

RESET = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}


def plan_of(
    wanted: list[DesiredEndpoint],
    there: list[ObservedEndpoint],
    version: str = "9.5",
    *,
    references: dict[str, References] | None = None,
    complete: bool = True,
    list_complete: bool = True,
    selected: frozenset[str] | None = None,
    ledger: LedgerView | None = None,
    **permissions: Any,
) -> Plan:
    permissions.setdefault("manage", ("a*", "b*"))
    return make_plan(
        DesiredSet(tuple(wanted), complete=complete, selected=selected),
        Observation({e.inference_id: e for e in there}, complete=list_complete, references=references or {}),
        Capabilities(version=Version.parse(version)),
        Permissions(**permissions),
        ledger=ledger,
    )
