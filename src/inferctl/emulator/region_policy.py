"""GET, PUT and DELETE `_inference/_region_policy`, and what a policy denies (region-policy.md). From 9.5 on.

Where models of the Elastic Inference Service (EIS) can run, EIS itself tells a real cluster, of its preconfigured
endpoints; here the control API does (`POST /_emulator/eis`). No policy denies a model of which nothing is told.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from . import references
from .cluster import Cluster, Endpoint
from .errors import ApiError, Cause, request_validation
from .json_text import parse_value, without_comments
from .object_parser import KIND, Entry, ObjectText, token
from .profiles import Profile
from .provider import ProviderRule, answer
from .route import Answer, Call, Route

JsonObject = dict[str, Any]

PATH = "/_inference/_region_policy"
REFUSAL = "Requested model is not available in the allowed inference regions"


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
        indices = references.indices_using(cluster.indices, inference_id, references.DEFAULT_ENDPOINT)
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


class _RefusedAt(Exception):  # noqa: N818  what a parser says, on its way out
    """An error of an inner parser; `at` is the offset of the token where it stood: the outer ones name that."""

    def __init__(self, error: ApiError, at: int) -> None:
        super().__init__(error.reason)
        self.error = error
        self.at = at

    def inside(self, parser: ObjectText, entry: Entry) -> "_RefusedAt":
        """The same as the outer parser says it."""
        cause = Cause(self.error.kind, self.error.reason, self.error.cause, elastic=self.error.kind == KIND)
        return _RefusedAt(parser.failed(entry, cause, self.at), self.at)


def _plain(kind: str, reason: str, at: int) -> _RefusedAt:
    return _RefusedAt(ApiError(400, kind, reason), at)


def _read(call: Call) -> None:
    """The body by the strict parsers; both lists together are refused before one of them is looked at."""
    if not call.body:
        raise ApiError(400, "parse_exception", "body is required")
    call.flag("force")
    value = parse_value(call.body, end_of_file_type=call.cluster.profile.end_of_file_type)
    text = without_comments(call.body)
    body = ObjectText("put_region_policy_request", text, len(text) - len(text.lstrip()))
    if not isinstance(value, dict):
        raise body.error(body.at, f"Expected START_OBJECT but was: {token(value)}")
    policy = None
    for entry in body.entries():
        if entry.name != "region_policy":
            raise body.unknown(entry, ("region_policy",))
        if not isinstance(entry.value, dict):
            raise body.wrong_type(entry)
        try:
            policy = _policy(body.inside(entry, "region_policy"))
        except _RefusedAt as refused:
            raise refused.inside(body, entry).error from None
    if policy is None:
        raise ApiError(400, "illegal_argument_exception", "Required [region_policy]")
    call.parsed = policy


def _policy(parser: ObjectText) -> JsonObject:
    """The policy as it is stored: one value counts as a list of it, and any plain value as a text."""
    readers: dict[str, tuple[type, Callable[[ObjectText, Entry], Iterator[Any]]]] = {
        "allowed_geos": (str, _geos),
        "allowed_regions": (dict, _regions),
    }
    result: JsonObject = {}
    for entry in parser.entries():
        if entry.name not in readers:
            raise _RefusedAt(parser.unknown(entry, readers), entry.start)
        alone, read = readers[entry.name]
        if not isinstance(entry.value, list | alone):
            raise _RefusedAt(parser.wrong_type(entry), entry.start)
        try:
            result[entry.name] = list(read(parser, entry))
        except _RefusedAt as refused:
            raise refused.inside(parser, entry) from None
    if len(result) > 1:
        text = f"The following fields are not allowed together: [{', '.join(result)}] "
        raise _plain("illegal_argument_exception", text, parser.end)
    return result


def _geos(parser: ObjectText, entry: Entry) -> Iterator[str]:
    for item, start, end in parser.items(entry):
        if isinstance(item, list):
            raise _plain("illegal_state_exception", "expected value but got [START_ARRAY]", start)
        if item is None or isinstance(item, dict):
            text = f"Expected text at {parser.place(start)} but found {token(item)}"
            raise _plain("illegal_argument_exception", text, start)
        yield item if isinstance(item, str) else parser.text[start:end]


def _regions(parser: ObjectText, entry: Entry) -> Iterator[JsonObject]:
    """An object for each. What is none is passed over: the parser takes what comes next for it."""
    items = parser.items(entry)
    for item, start, _ in items:
        if isinstance(item, list):
            raise _plain("illegal_state_exception", "expected value but got [START_ARRAY]", start)
        at, region_item = start, item
        if not isinstance(item, dict):
            region_item, at, _ = next(items, (None, parser.end_of(entry), 0))
        region = ObjectText("csp_region", parser.text, at)
        if not isinstance(region_item, dict):
            there = "END_ARRAY" if at == parser.end_of(entry) else token(region_item)
            raise _RefusedAt(region.error(at, f"Expected START_OBJECT but was: {there}"), at)
        yield _region(region)


def _region(parser: ObjectText) -> JsonObject:
    names = ("csp", "region")
    result: JsonObject = {}
    for entry in parser.entries():
        if entry.name not in names:
            raise _RefusedAt(parser.unknown(entry, names), entry.start)
        if not isinstance(entry.value, str):
            raise _RefusedAt(parser.wrong_type(entry), entry.start)
        result[entry.name] = entry.value
    missing = [name for name in names if name not in result]
    if missing:
        raise _plain("illegal_argument_exception", f"Required [{', '.join(missing)}]", parser.end)
    return {name: result[name] for name in names}


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
