"""All endpoints -> a plan: decide each, apply the selection, then the guards that stop a whole run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from inferctl.model.ids import REGION_POLICY
from inferctl.model.services.names import runs_in_cluster
from inferctl.model.versions import NEWEST, OLDEST
from inferctl.planner.action import Standing
from inferctl.planner.change import Terms
from inferctl.planner.context import LEFT_OUT, Context
from inferctl.planner.decide import (
    decide_desired,
    decide_forgotten,
    decide_removed,
    decide_unclear,
    decide_unreadable_removal,
)
from inferctl.planner.decide_region_policy import (
    decide_policy,
    is_passed_over,
    policy_notes,
    with_denied_in_force,
)
from inferctl.planner.limits import check_guards
from inferctl.planner.ownership import Whose, matches, whose
from inferctl.planner.plan import Plan
from inferctl.planner.region_policy import PolicyChange
from inferctl.planner.renames import renames
from inferctl.planner.secret_state import OTHER_KEY
from inferctl.planner.trial_endpoints import is_trial, noted_trials, trial_warnings
from inferctl.planner.unfinished_replaces import unfinished_replaces
from inferctl.planner.unreadable_records import record_warnings, unclear_endpoints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from inferctl.model.desired_observed import DesiredEndpoint, ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions

_NAMED = 10
_UNREADABLE = "they cannot be read here"
_WHY_UNCHECKED = {OTHER_KEY: "their fingerprints were made with another key, or for another cluster"}


def make_plan(
    desired: DesiredSet,
    observation: Observation,
    capabilities: Capabilities,
    permissions: Permissions,
    ledger: LedgerView | None = None,
    *,
    today: date | None = None,
) -> Plan:
    """Decide every endpoint. Pure: the same values give the same plan, whatever the order of files.

    `today` dates the permits that are proposed.
    """
    context = Context(
        terms=Terms(capabilities.version, permissions.ignore, permissions.check_secrets),
        permissions=permissions,
        references=observation.references,
        sharers=_sharers(observation),
        unreadable=observation.unreadable,
        listed=observation.listed,
        live=capabilities.live,
        ledger=ledger,
        exact_version=capabilities.exact,
        deployments=observation.deployments,
        today=today,
        skipped=desired.skipped,
    )
    ours = [i for i in observation.endpoints if is_ours(i, permissions, ledger)]
    wanted = {endpoint.inference_id: endpoint for endpoint in desired.endpoints}
    changes: list[Change] = []
    skipped: list[str] = []
    for inference_id, endpoint in wanted.items():
        if _selected(inference_id, desired, permissions):
            changes.append(decide_desired(endpoint, observation.endpoints.get(inference_id), context))
        else:
            skipped.append(inference_id)
    gone = [i for i in ours if i not in wanted and _may_go(i, desired)]
    if _may_remove(desired, permissions):
        changes += _going(gone, wanted, desired, observation, context)
    changes += [
        change
        for change in _left_behind(observation, context)
        if change.inference_id not in wanted and _selected(change.inference_id, desired, permissions)
    ]
    policy = decide_policy(desired, observation, context, changes)
    changes = list(with_denied_in_force(changes, policy, observation.endpoints))
    if policy is not None:
        changes.append(policy)
    if is_passed_over(desired, permissions):
        skipped.append(REGION_POLICY)
    changes.sort(key=lambda change: change.inference_id)
    return Plan(
        changes=tuple(changes),
        stops=check_guards(desired, observation, permissions, changes, ours=len(ours), gone=len(gone)),
        notes=(
            *_notes(capabilities, permissions, sorted(skipped), ledger),
            *_unchecked_notes(changes),
            *_unknown_note(changes, desired),
            *policy_notes(desired, observation, permissions, context),
        ),
        warnings=(
            *_warnings(observation, capabilities, changes, ledger),
            *trial_warnings(observation, ledger, wanted),
            *record_warnings(ledger, {change.inference_id for change in changes}),
            *renames(changes).values(),
        ),
        unfinished=unfinished_replaces(ledger, changes),
        capabilities=capabilities,
        scope=ledger.scope if ledger else "",
        unseen=_is_unseen(desired, observation, permissions, ledger),
    )


def _going(
    gone: Iterable[str],
    wanted: Mapping[str, DesiredEndpoint],
    desired: DesiredSet,
    observation: Observation,
    context: Context,
) -> Iterator[Change]:
    """What is ours and declared no more: readable or not, unclear, or there in the ledger only."""
    permissions, ledger = context.permissions, context.ledger
    selected = [i for i in gone if _selected(i, desired, permissions)]
    reason = "everything that is ours goes" if desired.emptied else ""
    will_share = replace(context, sharers=_will_share(context.sharers, wanted))
    yield from _removals(selected, observation, will_share, reason)
    for i in observation.unreadable:
        if i not in wanted and _may_go(i, desired) and is_ours(i, permissions, ledger):
            yield decide_unreadable_removal(i, context, reason or context.why_not_declared(i))
    for i, record in unclear_endpoints(observation, context).items():
        if i not in wanted and _may_go(i, desired) and _selected(i, desired, permissions):
            yield decide_unclear(observation.endpoints[i], record, reason or context.why_not_declared(i))
    if ledger is not None and observation.complete and observation.listed:
        forgotten = _forgotten(ledger, wanted, observation, context)
        yield from (change for change in forgotten if _may_go(change.inference_id, desired))


def _may_remove(desired: DesiredSet, permissions: Permissions) -> bool:
    """Whether what no file declares may go: the set is whole, and nobody only selects from it."""
    only_selects = desired.named and bool(permissions.target or permissions.exclude)
    whole = desired.complete and desired.selected is None and not only_selects
    asked = desired.emptied or desired.removing is not None
    return whole and (bool(desired.endpoints) or asked)


def _is_unseen(
    desired: DesiredSet, observation: Observation, permissions: Permissions, ledger: LedgerView | None
) -> bool:
    """Whether something of ours may be there that nobody saw: a ledger names all of it, `manage` does not."""
    return (
        not observation.listed
        and ledger is None
        and bool(permissions.manage)
        and desired.removing is None
        and _may_remove(desired, permissions)
    )


def _may_go(inference_id: str, desired: DesiredSet) -> bool:
    return desired.removing is None or inference_id in desired.removing


def is_ours(inference_id: str, permissions: Permissions, ledger: LedgerView | None) -> bool:
    """Ours to remove: what a dead run of ours meant to create counts only while it is just that.

    Without a ledger a throw-away endpoint may be of a run at work, whatever `manage` matches.
    """
    if ledger is None and is_trial(inference_id):
        return False
    return whose(inference_id, permissions.manage, ledger) is Whose.OURS


def _left_behind(observation: Observation, context: Context) -> list[Change]:
    """Throw-away endpoints that our ledger knows; the record alone where the endpoint is gone."""
    if context.ledger is None:
        return []
    whole = observation.complete and observation.listed
    changes = []
    for inference_id in noted_trials(context.ledger):
        observed = observation.endpoints.get(inference_id)
        if observed is not None:
            changes.append(
                decide_removed(observed, context, "left behind by a run that died while it tried new settings")
            )
        elif whole and inference_id not in observation.unreadable:
            reason = "a run tried new settings under this id, and it is gone"
            changes.append(decide_forgotten(inference_id, context.ledger.owned[inference_id], reason))
    return changes


def _forgotten(
    ledger: LedgerView, wanted: Mapping[str, DesiredEndpoint], observation: Observation, context: Context
) -> list[Change]:
    """Records of ours without an endpoint and without a file."""
    return [
        decide_forgotten(
            inference_id,
            owned,
            "it is not in the cluster any more, and "
            + (LEFT_OUT if inference_id in context.skipped else "no file declares it"),
        )
        for inference_id, owned in ledger.owned.items()
        if owned.scope == ledger.scope
        and not owned.is_trial
        and inference_id != REGION_POLICY
        and inference_id not in wanted
        and inference_id not in observation.endpoints
        and inference_id not in observation.unreadable
        and matches(inference_id, context.permissions.manage or ("*",))
    ]


def _removals(ids: list[str], observation: Observation, context: Context, reason: str) -> list[Change]:
    """Those that no file declares. Sharers that leave in the same run do not keep the owner of their deployment."""
    removals = [decide_removed(observation.endpoints[i], context, reason) for i in ids]
    leaving = {c.inference_id for c in removals if c.standing in (Standing.READY, Standing.HELD)}
    staying = {
        deployment: tuple(i for i in sharers if i not in leaving) for deployment, sharers in context.sharers.items()
    }
    if staying == dict(context.sharers):
        return removals
    return [decide_removed(observation.endpoints[i], replace(context, sharers=staying), reason) for i in ids]


def _will_share(
    sharers: Mapping[str, tuple[str, ...]], wanted: Mapping[str, DesiredEndpoint]
) -> dict[str, tuple[str, ...]]:
    """Who shares a deployment now or would after this run: the owner must not go under either."""
    ids_by_deployment = {deployment: set(ids) for deployment, ids in sharers.items()}
    for inference_id, endpoint in wanted.items():
        deployment = _deployment(endpoint)
        if deployment is not None:
            ids_by_deployment.setdefault(deployment, set()).add(inference_id)
    return {deployment: tuple(sorted(ids)) for deployment, ids in ids_by_deployment.items()}


def _notes(
    capabilities: Capabilities, permissions: Permissions, skipped: list[str], ledger: LedgerView | None
) -> tuple[str, ...]:
    notes = list(capabilities.notes)
    if skipped and not permissions.only_rotates:  # its command names the ids
        named = ", ".join(skipped[:_NAMED]) + (", …" if len(skipped) > _NAMED else "")
        notes.append(f"{len(skipped)} endpoint(s) not selected by --target, --exclude or the paths given: {named}")
    if ledger is None and not permissions.manage:
        notes.append("nothing is ours without a scope or --manage: existing endpoints are compared, never changed")
    if capabilities.version.line > NEWEST and not capabilities.version.serverless:
        notes.append(f"Elasticsearch {capabilities.version} is newer than this inferctl knows: treated as {NEWEST}")
    return tuple(notes)


def _unchecked_notes(changes: Iterable[Change]) -> tuple[str, ...]:
    """Which endpoints have secrets that could not be compared, one sentence for each kind of reason."""
    ids_by_reason: dict[str, list[str]] = {}
    for change in changes:
        unchecked = change.unchecked_secrets
        for reason in sorted(
            {_WHY_UNCHECKED.get(c.why, _UNREADABLE) for c in change.secret_checks if c.path in unchecked}
        ):
            ids_by_reason.setdefault(reason, []).append(change.inference_id)
    return tuple(
        f"secrets of {len(ids)} endpoint{'' if len(ids) == 1 else 's'} not checked, {reason}: {', '.join(ids[:_NAMED])}"
        + (", …" if len(ids) > _NAMED else "")
        for reason, ids in sorted(ids_by_reason.items())
    )


def _unknown_note(changes: Sequence[Change], desired: DesiredSet) -> tuple[str, ...]:
    """One line for all adopted secrets, and what ends it: a plan of many must stay readable."""
    count = sum(1 for change in changes if change.unknown_secrets)
    if not count:
        return ("no secret is unknown: there is nothing to send",) if desired.only_unknown and not changes else ()
    endpoints = f"{count} endpoint{'' if count == 1 else 's'}"
    ends = "inferctl rotate --unknown sends them, inferctl adopt --accept-secrets notes them as they are"
    return (f"secrets of {endpoints} are unknown (adopted): {ends}",)


def _warnings(
    observation: Observation, capabilities: Capabilities, changes: list[Change], ledger: LedgerView | None
) -> tuple[str, ...]:
    """What could not be seen, so that a short plan is not taken for a complete one."""
    warnings = []
    if not observation.listed and ledger is None:
        warnings.append("the list of endpoints failed: only declared ids were read, so nothing is deleted")
    elif not observation.listed:
        warnings.append("the list of endpoints failed: what is declared and what the ledger holds was read one by one")
    unseen = {text for references in observation.references.values() for text in references.unseen}
    warnings += [f"users of endpoints that could not be looked for: {text}" for text in sorted(unseen)]
    removed = {str((change.observed or {}).get("service", "")) for change in changes if change.action.removes}
    if any(map(runs_in_cluster, removed)) and capabilities.version.effective() == OLDEST:
        warnings.append(
            f"{OLDEST} does not list every endpoint that shares a deployment: look before you remove its owner"
        )
    return tuple(warnings)


def candidates_for_removal(plan: Plan) -> dict[str, str]:
    """The ids whose references must be known, with their observed task type.

    Deletes and replaces of ours, and what a region policy of ours would deny.
    """
    policies = [change for change in plan.changes if isinstance(change, PolicyChange)]
    endpoints = (change for change in plan.changes if not isinstance(change, PolicyChange))
    denials = (denial for policy in policies for denial in policy.denials)
    denied = {denial.inference_id: denial.task_type for denial in denials if denial.is_there and not denial.maybe}
    return denied | {
        change.inference_id: str((change.observed or {}).get("task_type", change.task_type))
        for change in endpoints
        if change.action.removes and change.observed is not None and change.is_for_us
    }


def _selected(inference_id: str, desired: DesiredSet, permissions: Permissions) -> bool:
    if desired.selected is not None and inference_id not in desired.selected:
        return False
    if permissions.target and not matches(inference_id, permissions.target):
        return False
    return not matches(inference_id, permissions.exclude)


def sharers_of(observation: Observation, inference_id: str) -> tuple[str, ...]:
    """The other endpoints attached to the deployment of this one."""
    return tuple(i for i in _sharers(observation).get(inference_id, ()) if i != inference_id)


def _sharers(observation: Observation) -> dict[str, tuple[str, ...]]:
    ids_by_deployment: defaultdict[str, list[str]] = defaultdict(list)
    for endpoint in observation.endpoints.values():
        deployment = _deployment(endpoint)
        if deployment is not None:
            ids_by_deployment[deployment].append(endpoint.inference_id)
    return {deployment: tuple(sorted(ids)) for deployment, ids in ids_by_deployment.items()}


def _deployment(endpoint: DesiredEndpoint | ObservedEndpoint) -> str | None:
    """The deployment in the cluster that it is attached to; for azureopenai the key means another thing."""
    if not endpoint.runs_in_cluster:
        return None
    deployment = endpoint.service_settings.get("deployment_id")
    return deployment if isinstance(deployment, str) else None
