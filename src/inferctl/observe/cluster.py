"""What planning needs to see of a cluster, in few requests. Reads and dry runs only."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from inferctl.errors import (
    Forbidden,
    InferctlError,
    NotFound,
    ServerError,
    Unauthorised,
    UnexpectedAnswer,
    UnsupportedServer,
)
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.model.ids import REGION_POLICY, can_be_named
from inferctl.model.task_types import TASK_TYPES
from inferctl.model.versions import OLDEST, SERVERLESS, Version
from inferctl.observe.pool import reads_at_once
from inferctl.observe.references import find_references
from inferctl.observe.region_policy import with_region_policy
from inferctl.planner.make_plan import candidates_for_removal, is_ours, make_plan
from inferctl.planner.passthrough import LiveCatalogue, needs_catalogue
from inferctl.planner.plan import Capabilities, Observation
from inferctl.planner.selectors import Seen, is_glob
from inferctl.planner.trial_endpoints import is_trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from inferctl.client.sync import InferenceClient
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.ownership import LedgerView
    from inferctl.planner.plan import DesiredSet, Permissions, Plan


_log = logging.getLogger("inferctl.observe")
PAGE = 10_000  # one search page: a full list is an incomplete one (docs/reference/server/read.md#shapes)


def plan_cluster(
    client: InferenceClient,
    desired: DesiredSet,
    permissions: Permissions,
    *,
    capabilities: Capabilities | None = None,
    ledger: LedgerView | None = None,
    today: date | None = None,
) -> Plan:
    """Observe, decide, ask for the references of what would be removed, decide again.

    Sends GET, HEAD and `DELETE ?dry_run=true` only; two requests where nothing is to be removed, one where the
    capabilities are known already. One more where a declared endpoint runs in the cluster: how its model does; and one
    where a region policy is declared.
    """
    known = capabilities if capabilities is not None else read_capabilities(client)
    capabilities = with_live_catalogue(client, known, desired.endpoints)
    names = (*(e.inference_id for e in desired.endpoints), *(ledger.ids if ledger is not None else ()))
    observation = observe(client, names, version=capabilities.version)
    observation, capabilities = with_deployments(client, observation, capabilities, desired.endpoints)
    observation = with_region_policy(client, observation, desired, permissions, capabilities.version)
    plan = make_plan(desired, observation, capabilities, permissions, ledger, today=today)
    candidates = candidates_for_removal(plan)
    if not candidates:
        return plan
    asked = replace(observation, references=find_references(client, candidates, observation))
    return make_plan(desired, asked, capabilities, permissions, ledger, today=today)


def read_capabilities(client: InferenceClient) -> Capabilities:
    """Version and identity of the cluster. Raises UnsupportedServer below 8.17."""
    info = client.info()
    if info.is_serverless:
        version = SERVERLESS
    else:
        try:
            version = Version.parse(info.version)
        except ValueError as error:
            raise UnexpectedAnswer(f"GET / names no version: {info.version[:40]!r}") from error
    if version < OLDEST:
        raise UnsupportedServer(f"Elasticsearch {version.line} is too old: inferctl works with {OLDEST} and newer")
    return Capabilities(version=version, cluster_uuid=info.uuid, cluster_name=info.name, number=info.version)


def with_live_catalogue(
    client: InferenceClient, capabilities: Capabilities, endpoints: Iterable[DesiredEndpoint]
) -> Capabilities:
    """Adds the server's own list of services where the files name something unknown to us, or a note why not.

    One request, and none for files of known services. Its failure never fails a plan.
    """
    if not needs_catalogue(endpoints, capabilities.version):
        return capabilities
    live, note = ask_live_catalogue(client, capabilities.version)
    return replace(capabilities, live=live, notes=(*capabilities.notes, note) if note else capabilities.notes)


def ask_live_catalogue(client: InferenceClient, version: Version) -> tuple[LiveCatalogue | None, str]:
    """What the server lists, or None and why not (not offered on Serverless).

    Source: docs/reference/server/services.md#list-of-services.
    """
    ours = "only inferctl's own table was used"
    if version.serverless:
        return None, f"Serverless does not list its services: {ours}"
    try:
        return LiveCatalogue.read(client.services()), ""
    except (Forbidden, Unauthorised):
        return None, f"no privilege to list the server's services (monitor_inference): {ours}"
    except InferctlError as error:
        _log.info("the list of services failed: %s", error)
        return None, f"the server's list of services could not be read: {ours}"


def observe(client: InferenceClient, names: Iterable[str], *, version: Version) -> Observation:
    """One list. Single reads of `names` only where the list fails with 5xx, and on 8.17 where it is incomplete.

    Source: docs/reference/server/read.md#one-bad-endpoint and read.md#live-values (what the list of 8.17 loses).
    """
    wanted = sorted(set(names))
    try:
        shown = endpoints_of(client.get(inference_id="_all"))
    except ServerError as error:
        _log.info("the list of endpoints failed (%s): reading one by one", error.status)
        return replace(one_by_one(client, wanted, {}), listed=False)
    complete = len(shown) < PAGE
    found, odd = _by_name(shown)
    if version.effective() == OLDEST:
        missing = [i for i in wanted if i not in found]
        single = one_by_one(client, missing, found)
        return replace(single, complete=complete, unreadable={**odd, **single.unreadable})
    return Observation(endpoints=found, complete=complete, unreadable=odd)


def observe_selectable(
    client: InferenceClient,
    names: Iterable[str],
    permissions: Permissions,
    capabilities: Capabilities,
    ledger: LedgerView | None,
) -> Seen:
    """The ids that a selector may mean beside those of the files: what is there, and what the ledger names."""
    wanted = {*(name for name in names if not is_glob(name)), *(ledger.ids if ledger is not None else ())}
    observation = observe(client, wanted, version=capabilities.version)
    noted = ledger.ids if ledger is not None else ()
    there = frozenset((*observation.endpoints, *observation.unreadable, *noted))
    ours = frozenset(i for i in there if i in noted or is_ours(i, permissions, ledger))
    return Seen(there, ours, whole=observation.listed and observation.complete)


def with_deployments(
    client: InferenceClient,
    observation: Observation,
    capabilities: Capabilities,
    endpoints: Iterable[DesiredEndpoint],
) -> tuple[Observation, Capabilities]:
    """Adds how the models do that endpoints of the files run on, or a note why that could not be seen.

    One request, and none where no file declares such an endpoint that is there. Its failure never fails a plan.
    """
    there = observation.endpoints
    if not any(e.inference_id in there and there[e.inference_id].runs_in_cluster for e in endpoints):
        return observation, capabilities
    try:
        deployments = client.trained_model_stats()
    except (Forbidden, Unauthorised):
        note = "no privilege to see whether models run in the cluster (monitor_ml): their state was not seen"
    except InferctlError as error:
        _log.info("the stats of trained models failed: %s", error)
        note = "the stats of models in the cluster could not be read: their state was not seen"
    else:
        by_id = {found.deployment_id: found for found in deployments if found.deployment_id}
        return replace(observation, deployments=by_id), capabilities
    return observation, replace(capabilities, notes=(*capabilities.notes, note))


def one_by_one(client: InferenceClient, ids: list[str], found: dict[str, ObservedEndpoint]) -> Observation:
    """Reads each id. What exists but cannot be read is unreadable, never absent."""
    endpoints, unreadable = dict(found), {}
    with reads_at_once() as pool:
        for inference_id, result in zip(ids, pool.map(lambda i: _single(client, i), ids), strict=True):
            if isinstance(result, str):
                unreadable[inference_id] = result
            elif result is not None:
                endpoints[inference_id] = result
    return Observation(endpoints=endpoints, unreadable=unreadable)


def _single(client: InferenceClient, inference_id: str) -> ObservedEndpoint | str | None:
    try:
        return only_endpoint(client.get(inference_id=inference_id), inference_id)
    except NotFound:
        return None
    except ServerError as error:
        return str(error)


def only_endpoint(answer: Mapping[str, Any], inference_id: str) -> ObservedEndpoint:
    """The endpoint that a GET of one id shows. Raises UnexpectedAnswer for any other: only a 404 says absent."""
    found = endpoints_of(answer)
    if list(found) != [inference_id]:
        raise UnexpectedAnswer(f"GET _inference/{inference_id}: the answer is not about this endpoint alone")
    return found[inference_id]


def endpoints_of(answer: Mapping[str, Any]) -> dict[str, ObservedEndpoint]:
    """The endpoints of a GET answer by id. Raises UnexpectedAnswer."""
    listed = answer.get("endpoints")
    if not isinstance(listed, list):
        raise UnexpectedAnswer("GET _inference: the answer has no list of endpoints")
    if len(listed) > 2 * PAGE:  # the server's own come on top of a page
        raise UnexpectedAnswer("GET _inference: the answer has more endpoints than any server lists")
    try:
        endpoints = [ObservedEndpoint.from_json(raw) for raw in listed]
    except (ValueError, AttributeError) as error:
        raise UnexpectedAnswer("GET _inference: an endpoint of unknown shape") from error
    by_id = {endpoint.inference_id: endpoint for endpoint in endpoints}
    if any(by_id[endpoint.inference_id].raw != endpoint.raw for endpoint in endpoints):
        raise UnexpectedAnswer("GET _inference: one id is listed twice, with different settings")
    return by_id


_LONGEST_SHOWN = 60


def _by_name(shown: Mapping[str, ObservedEndpoint]) -> tuple[dict[str, ObservedEndpoint], dict[str, str]]:
    """Those that a request can name; and the others, by what can be shown of their ids, with the reason.

    Quoted, such an id is never that of an endpoint. One whose task type alone is odd is there, under its own id.
    """
    named = {i: endpoint for i, endpoint in shown.items() if can_be_named(i) and can_be_named(endpoint.task_type)}
    odd = (_shown_id(i) for i in shown if i not in named)
    return named, dict.fromkeys(odd, "no request can name it")


def _shown_id(inference_id: str) -> str:
    if can_be_named(inference_id):
        return inference_id
    return ascii(inference_id) if len(inference_id) <= _LONGEST_SHOWN else f"{inference_id[:_LONGEST_SHOWN]!a}…"


def plan_saved(
    client: InferenceClient,
    saved: Plan,
    allowed: Permissions,
    capabilities: Capabilities,
    ledger: LedgerView | None,
    *,
    skip_stale: bool,
    today: date | None = None,
) -> Plan:
    """The plan to carry out: each saved step as it is decided now, or blocked as stale.

    One list; and the references of what the plan removes are asked for again.
    """
    from inferctl.planner.file.recheck import desired_of, permissions_for, reconcile  # noqa: PLC0415  a plan of files does without

    desired, permissions = desired_of(saved), permissions_for(saved, allowed)
    capabilities = with_live_catalogue(client, capabilities, desired.endpoints)
    observation = observe(client, [change.inference_id for change in saved.changes], version=capabilities.version)
    observation, capabilities = with_deployments(client, observation, capabilities, desired.endpoints)
    observation = with_region_policy(client, observation, desired, permissions, capabilities.version)
    fresh = make_plan(desired, observation, capabilities, permissions, ledger, today=today)
    runs = {change.inference_id for change in saved.runnable}
    denied = REGION_POLICY in runs
    candidates = {
        i: task_type for i, task_type in candidates_for_removal(fresh).items() if denied or i in runs or is_trial(i)
    }
    if candidates:
        observation = replace(observation, references=find_references(client, candidates, observation))
        fresh = make_plan(desired, observation, capabilities, permissions, ledger, today=today)
    return reconcile(saved, fresh, observation, permissions, ledger, skip_stale=skip_stale)


@dataclass(frozen=True, slots=True)
class Listing:
    """What could be read. `unreadable` says what could not, in words; `warnings` what may be missing."""

    endpoints: dict[str, ObservedEndpoint]
    unreadable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def list_everything(client: InferenceClient, version: Version, named: Iterable[str]) -> Listing:
    """One list; where one bad endpoint breaks it, a list for each task type.

    Source: docs/reference/server/read.md#one-bad-endpoint.

    `named` are ids that somebody asked for: they are read one by one where no list has them.
    """
    endpoints: dict[str, ObservedEndpoint] = {}
    unreadable: list[str] = []
    warnings: list[str] = []
    try:
        endpoints, odd = _by_name(endpoints_of(client.get(inference_id="_all")))
        unreadable += [f"{i}: {why}" for i, why in odd.items()]
    except ServerError as error:
        for task_type, since in TASK_TYPES.items():
            if since.includes(version):
                _add_task_type(client, task_type, endpoints, unreadable)
        if not unreadable:
            # The one that breaks the list is of none of these task types, and neither may others be.
            unreadable.append(f"endpoints of task types that this inferctl does not know: {error}")
    if len(endpoints) >= PAGE:
        unreadable.append(f"more than {PAGE:,} endpoints: the server lists no more in one answer")
    in_cluster = any(e.runs_in_cluster for i, e in endpoints.items() if not i.startswith("."))
    if in_cluster and version.effective() == OLDEST:
        warnings.append(
            f"{OLDEST} does not list every endpoint that shares a deployment: name the others with --target"
        )
    wanted = [i for i in named if i not in endpoints]
    if wanted:
        single = one_by_one(client, wanted, {})
        endpoints |= single.endpoints
        unreadable += [f"{i}: {why}" for i, why in single.unreadable.items()]
    return Listing(endpoints, tuple(unreadable), tuple(warnings))


def _add_task_type(
    client: InferenceClient, task_type: str, endpoints: dict[str, ObservedEndpoint], unreadable: list[str]
) -> None:
    try:
        named, odd = _by_name(endpoints_of(client.get(task_type=task_type, inference_id="_all")))
        endpoints |= named
        unreadable += [f"{i}: {why}" for i, why in odd.items()]
    except ServerError as error:
        unreadable.append(f"all {task_type} endpoints, because one cannot be read: {error}")
