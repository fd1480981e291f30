"""All endpoints -> a plan: decide each, apply the selection, then the guards that stop a whole run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from inferctl.model.versions import NEWEST
from inferctl.plan.action import Action, Standing
from inferctl.plan.decide import Context, decide_desired, decide_removed
from inferctl.plan.guards import check_guards
from inferctl.plan.ownership import is_ours, matches
from inferctl.plan.plan import Plan

if TYPE_CHECKING:
    from inferctl.plan.change import Change
    from inferctl.plan.plan import Capabilities, DesiredSet, Observation, Permissions


def make_plan(
    desired: DesiredSet, observation: Observation, capabilities: Capabilities, permissions: Permissions
) -> Plan:
    """Decide every endpoint. Pure: the same values give the same plan, whatever the order of files."""
    context = Context(
        version=capabilities.version,
        permissions=permissions,
        references=observation.references,
        sharers=_sharers(observation),
        unreadable=observation.unreadable,
    )
    ours = [i for i in observation.endpoints if is_ours(i, permissions.manage)]
    wanted = {endpoint.inference_id: endpoint for endpoint in desired.endpoints}
    changes: list[Change] = []
    skipped = 0
    for inference_id, endpoint in wanted.items():
        if _selected(inference_id, desired, permissions):
            changes.append(decide_desired(endpoint, observation.endpoints.get(inference_id), context))
        else:
            skipped += 1
    may_remove = desired.complete and bool(desired.endpoints) and desired.selected is None
    gone = [i for i in ours if i not in wanted]
    if may_remove:
        changes += [
            decide_removed(observation.endpoints[i], context) for i in gone if _selected(i, desired, permissions)
        ]
    changes.sort(key=lambda change: change.inference_id)
    notes = list(capabilities.notes)
    if skipped:
        notes.append(f"{skipped} endpoint(s) not selected by --target, --exclude or the paths given")
    if not permissions.manage:
        notes.append("nothing is ours without --manage: existing endpoints are compared, never changed")
    if capabilities.version > NEWEST and not capabilities.version.serverless:
        notes.append(f"Elasticsearch {capabilities.version} is newer than this inferctl knows: treated as {NEWEST}")
    return Plan(
        changes=tuple(changes),
        stops=check_guards(desired, observation, permissions, changes, ours=len(ours), gone=len(gone)),
        notes=tuple(notes),
        capabilities=capabilities,
    )


def candidates_for_removal(plan: Plan) -> dict[str, str]:
    """The ids whose references must be known, with their observed task type: deletes and replaces."""
    return {
        change.inference_id: str((change.observed or {}).get("task_type", change.task_type))
        for change in plan.changes
        if change.action in (Action.DELETE, Action.REPLACE) and change.standing is not Standing.UNKNOWN
    }


def _selected(inference_id: str, desired: DesiredSet, permissions: Permissions) -> bool:
    if desired.selected is not None and inference_id not in desired.selected:
        return False
    if permissions.target and not matches(inference_id, permissions.target):
        return False
    return not matches(inference_id, permissions.exclude)


def _sharers(observation: Observation) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for endpoint in observation.endpoints.values():
        deployment = endpoint.service_settings.get("deployment_id")
        if isinstance(deployment, str):
            found[deployment].append(endpoint.inference_id)
    return {deployment: tuple(sorted(ids)) for deployment, ids in found.items()}
