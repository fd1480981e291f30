"""A saved plan, held against the cluster as it is now. Reads and dry runs only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.observe.cluster import observe, with_live_catalogue
from inferctl.observe.references import find_references
from inferctl.planner.file.recheck import desired_of, permissions_for, reconcile
from inferctl.planner.make_plan import candidates_for_removal, make_plan

if TYPE_CHECKING:
    from inferctl.client.sync import InferenceClient
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import Capabilities, Permissions, Plan


def plan_saved(
    client: InferenceClient,
    saved: Plan,
    allowed: Permissions,
    capabilities: Capabilities,
    ledger: LedgerView | None,
    *,
    skip_stale: bool,
) -> Plan:
    """The plan to carry out: each saved step as it is decided now, or blocked as stale.

    One list; and the references of what the plan removes are asked for again.
    """
    desired, permissions = desired_of(saved), permissions_for(saved, allowed)
    capabilities = with_live_catalogue(client, capabilities, desired.endpoints)
    observation = observe(client, [change.inference_id for change in saved.changes], version=capabilities.version)
    fresh = make_plan(desired, observation, capabilities, permissions, ledger)
    runs = {change.inference_id for change in saved.runnable}
    candidates = {i: task_type for i, task_type in candidates_for_removal(fresh).items() if i in runs}
    if candidates:
        observation = replace(observation, references=find_references(client, candidates, observation))
        fresh = make_plan(desired, observation, capabilities, permissions, ledger)
    return reconcile(saved, fresh, observation, permissions, ledger, skip_stale=skip_stale)
