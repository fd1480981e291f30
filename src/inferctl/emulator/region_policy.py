"""GET, PUT and DELETE `_inference/_region_policy`, and what a policy denies (region-policy.md). From 9.5 on.

Where models of the Elastic Inference Service (EIS) can run, EIS itself tells a real cluster, of its preconfigured
endpoints; here the control API does (`POST /_emulator/eis`). No policy denies a model of which nothing is told.
"""

import time
from collections.abc import Iterator
from typing import Any

from . import references
from .cluster import Cluster, Endpoint
from .errors import ApiError, Cause, request_validation
from .json_text import dumps, parse_value
from .profiles import Profile
from .provider import ProviderRule, answer
from .route import Answer, Call, Route

JsonObject = dict[str, Any]

PATH = "/_inference/_region_policy"
REFUSAL = "Requested model is not available in the allowed inference regions"
_PARSER = "put_region_policy_request"
_TOKENS = {
    dict: "START_OBJECT",
    list: "START_ARRAY",
    str: "VALUE_STRING",
    bool: "VALUE_BOOLEAN",
    int: "VALUE_NUMBER",
    float: "VALUE_NUMBER",
    type(None): "VALUE_NULL",
}


def _exists(profile: Profile) -> bool:
    return profile.knows("9.5")


def regions_of(cluster: Cluster, service: str, settings: JsonObject) -> list[JsonObject]:
    """Where a model of the service can run, whichever endpoint uses it."""
    if service != "elastic":
        return []
    offered = (spec for spec in cluster.eis_endpoints.values() if spec["model_id"] == settings.get("model_id"))
    return [region for spec in offered for region in spec["regions"]]


def denies(policy: JsonObject, regions: list[JsonObject]) -> bool:
    """Whether a model that runs in these regions is denied. `{}` restricts nothing."""
    geos, pairs = policy.get("allowed_geos"), policy.get("allowed_regions")
    if not regions or (geos is None and pairs is None):
        return False
    if geos is not None:
        return not any(region.get("geo") in geos for region in regions)
    allowed = {(pair["csp"], pair["region"]) for pair in pairs or ()}
    return not any((region.get("csp"), region.get("region")) in allowed for region in regions)


def is_denied(cluster: Cluster, service: str, settings: JsonObject) -> bool:
    """Whether the policy in force denies a model."""
    stored = cluster.region_policy
    return stored is not None and denies(stored["region_policy"], regions_of(cluster, service, settings))


def check(cluster: Cluster, inference_id: str, service: str, settings: JsonObject) -> None:
    """How the service answers a call to a denied model: as a provider that refuses (region-policy.md#enforced)."""
    if is_denied(cluster, service, settings):
        answer(ProviderRule("403", message=REFUSAL), inference_id)


def metadata(cluster: Cluster, endpoint: Endpoint) -> JsonObject:
    """What GET tells of a preconfigured endpoint of EIS; `denied_by_region_policy` only where it is true."""
    spec = cluster.eis_endpoints.get(endpoint.inference_id)
    if spec is None or not _exists(cluster.profile):
        return {}
    denied = is_denied(cluster, endpoint.service, endpoint.service_settings)
    return {"regions": spec["regions"], **({"denied_by_region_policy": True} if denied else {})}


def _in_use(cluster: Cluster, policy: JsonObject) -> Iterator[tuple[str, list[str], list[str]]]:
    """The endpoints that a policy would deny and something uses: id, pipelines, indexes.

    EIS is asked, so the endpoints that it knows are all that count: its preconfigured ones.
    """
    for inference_id, spec in sorted(cluster.eis_endpoints.items()):
        if not denies(policy, spec["regions"]):
            continue
        pipelines = references.pipelines_using(cluster.pipelines, inference_id)
        indices = references.indices_using(cluster.indices, inference_id, ".elser-2-elasticsearch")
        if pipelines or indices:
            yield inference_id, pipelines, indices


def _conflict(in_use: list[tuple[str, list[str], list[str]]]) -> ApiError:
    """409, with ids and users. A list of one is written as a text, an empty one is left out."""
    ids = sorted(inference_id for inference_id, _, _ in in_use)
    lists = {
        "denied_endpoint_ids": ids,
        "referencing_pipelines": sorted(f"{i}:{name}" for i, pipelines, _ in in_use for name in pipelines),
        "referencing_indexes": sorted(f"{i}:{name}" for i, _, indices in in_use for name in indices),
    }
    extra = {key: names[0] if len(names) == 1 else names for key, names in lists.items() if names}
    reason = (
        "Cannot put the region policy because it would deny access to the following in-use inference endpoints: "
        f"[{', '.join(ids)}]. Ensure that these inference endpoints are not in use, or use force to ignore this "
        "warning and proceed anyway."
    )
    return ApiError(409, "status_exception", reason, extra=extra)


def _missing() -> ApiError:
    return ApiError(404, "resource_not_found_exception", "No region policy is configured for this deployment")


def _parse_error(parser: str, text: str, cause: Cause | None = None) -> ApiError:
    return ApiError(400, "x_content_parse_exception", f"[1:1] [{parser}] {text}", cause=cause)


def _as_cause(error: ApiError) -> Cause:
    return Cause(error.kind, error.reason, error.cause, elastic=False)


def _required(name: str) -> ApiError:
    return ApiError(400, "illegal_argument_exception", f"Required [{name}]")


def _read(call: Call) -> None:
    """The body by the strict parsers; both lists together are refused before one of them is looked at."""
    if not call.body:
        raise ApiError(400, "parse_exception", "body is required")
    call.flag("force")
    value = parse_value(call.body, end_of_file_type=call.cluster.profile.end_of_file_type)
    if not isinstance(value, dict):
        raise _parse_error(_PARSER, f"Expected START_OBJECT but was: {_TOKENS[type(value)]}")
    for name, inner in value.items():
        if name != "region_policy":
            raise _parse_error(_PARSER, f"unknown field [{name}]")
        if not isinstance(inner, dict):
            raise _parse_error(_PARSER, f"{name} doesn't support values of type: {_TOKENS[type(inner)]}")
        try:
            call.parsed = _parse_policy(inner)
        except ApiError as error:
            raise _parse_error(_PARSER, "failed to parse field [region_policy]", _as_cause(error)) from None
    if "region_policy" not in value:
        raise _required("region_policy")


def _parse_policy(policy: JsonObject) -> JsonObject:
    """The policy as it is stored: one value counts as a list of it, and any plain value as a text."""
    parser, result = "region_policy", dict[str, Any]()
    for name, inner in policy.items():
        if name not in {"allowed_geos", "allowed_regions"}:
            raise _parse_error(parser, f"unknown field [{name}]")
        alone, read = (str, _geo) if name == "allowed_geos" else (dict, _region)
        if not isinstance(inner, list | alone):
            raise _parse_error(parser, f"{name} doesn't support values of type: {_TOKENS[type(inner)]}")
        try:
            result[name] = [read(item) for item in (inner if isinstance(inner, list) else [inner])]
        except ApiError as error:
            raise _parse_error(parser, f"failed to parse field [{name}]", _as_cause(error)) from None
    if len(policy) > 1:
        text = f"The following fields are not allowed together: [{', '.join(policy)}] "
        raise ApiError(400, "illegal_argument_exception", text)
    return result


def _geo(item: Any) -> str:
    if isinstance(item, list):
        raise ApiError(400, "illegal_state_exception", "expected value but got [START_ARRAY]")
    if item is None or isinstance(item, dict):
        raise ApiError(400, "illegal_argument_exception", f"Expected text at 1:1 but found {_TOKENS[type(item)]}")
    return item if isinstance(item, str) else dumps(item)


def _region(item: Any) -> JsonObject:
    parser = "csp_region"
    if not isinstance(item, dict):
        raise _parse_error(parser, "Expected START_OBJECT but was: END_ARRAY")
    for name, inner in item.items():
        if name not in {"csp", "region"}:
            raise _parse_error(parser, f"unknown field [{name}]")
        if not isinstance(inner, str):
            raise _parse_error(parser, f"{name} doesn't support values of type: {_TOKENS[type(inner)]}")
    missing = [name for name in ("csp", "region") if name not in item]
    if missing:
        raise _required(", ".join(missing))
    return {"csp": item["csp"], "region": item["region"]}


def _check(call: Call) -> None:
    empty = [name for name, listed in call.parsed.items() if not listed]
    if empty:
        raise request_validation([f"[region_policy.{name}] must not be empty" for name in empty])


def _put(call: Call) -> Answer:
    cluster = call.cluster
    if not call.flag("force"):
        in_use = list(_in_use(cluster, call.parsed))
        if in_use:
            raise _conflict(in_use)
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(cluster.now())) + f".{int(cluster.now() * 1000) % 1000:03}Z"
    user = {} if cluster.users is None else {"by": call.user.name}
    before = cluster.region_policy
    kind = "created" if before is None else "updated"
    stamps = {f"{kind}_at": now, **{f"{kind}_{key}": name for key, name in user.items()}}
    created = {} if before is None else {k: v for k, v in before.items() if k.startswith("created_")}
    cluster.region_policy = {"region_policy": call.parsed, **created, **stamps}
    cluster.changes += 1
    return Answer(cluster.region_policy)


def _get(call: Call) -> Answer:
    if call.cluster.region_policy is None:
        raise _missing()
    return Answer(call.cluster.region_policy)


def _delete(call: Call) -> Answer:
    if call.cluster.region_policy is None:
        raise _missing()
    call.cluster.region_policy = None
    call.cluster.changes += 1
    return Answer({"acknowledged": True})


ROUTES = [
    Route("GET", PATH, _get, exists=_exists, action="cluster:monitor/xpack/inference/region_policy/get"),
    Route(
        "PUT",
        PATH,
        _put,
        exists=_exists,
        prepare=_read,
        validate=_check,
        body=True,
        params=("force",),
        action="cluster:admin/xpack/inference/region_policy/put",
    ),
    Route("DELETE", PATH, _delete, exists=_exists, action="cluster:admin/xpack/inference/region_policy/delete"),
]
