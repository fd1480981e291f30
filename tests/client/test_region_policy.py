"""The verbs of the region policy: both clients say the same of each answer, and tell the answers apart."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from inferctl import AsyncInferenceClient, InferenceClient, errors
from inferctl.client.answers import REGION_POLICY_PATH
from inferctl.emulator.adapter import as_function, handle
from inferctl.emulator.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable

EU = {"allowed_geos": ["eu"]}
RERANK = {"task_type": "rerank", "model_id": "r", "regions": [{"csp": "aws", "region": "us-east-1", "geo": "us"}]}


def connected(version: str = "9.5") -> Cluster:
    cluster = Cluster.of(version, clock=lambda: 1_700_000_000.0)
    cluster.eis_endpoints[".rerank"] = RERANK
    for name in ("one", "two"):
        cluster.pipelines[name] = {"processors": [{"inference": {"model_id": ".rerank"}}]}
    return cluster


def outcome(call: Callable[..., Any], **given: Any) -> Any:
    """The answer of a call, or the error that it raises."""
    try:
        return call(**given)
    except errors.InferctlError as error:
        return error


def both(cluster: Callable[[], Cluster], *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What comes of the calls, made one after the other; the two clients, each on a cluster of its own, must agree."""
    with InferenceClient("http://x", transport=as_function(cluster())) as client:
        waited = [outcome(getattr(client, verb), **given) for verb, given in calls]

    async def run() -> list[Any]:
        results = []
        async with AsyncInferenceClient("http://x", transport=as_function(cluster())) as client:
            for verb, given in calls:
                try:
                    results.append(await getattr(client, verb)(**given))
                except errors.InferctlError as error:
                    results.append(error)
        return results

    awaited = asyncio.run(run())
    assert [_shown(one) for one in awaited] == [_shown(one) for one in waited]
    return waited


def _shown(one: Any) -> Any:
    return (type(one), vars(one)) if isinstance(one, errors.InferctlError) else one


def test_put_get_and_delete() -> None:
    missing, made, read, gone, twice = both(
        connected,
        ("get_region_policy", {}),
        ("put_region_policy", {"region_policy": {"allowed_geos": ["us"]}}),
        ("get_region_policy", {}),
        ("delete_region_policy", {}),
        ("delete_region_policy", {}),
    )
    assert isinstance(missing, errors.NotFound)
    assert made == read == {"region_policy": {"allowed_geos": ["us"]}, "created_at": "2023-11-14T22:13:20.000Z"}
    assert gone == {"acknowledged": True}
    assert isinstance(twice, errors.NotFound)


def test_a_policy_that_denies_what_is_in_use_names_it_and_its_users() -> None:
    refused, forced, still_refused = both(
        connected,
        ("put_region_policy", {"region_policy": EU}),
        ("put_region_policy", {"region_policy": EU, "force": True}),
        ("put_region_policy", {"body": {"region_policy": EU}, "force": False}),
    )
    assert isinstance(refused, errors.Referenced)
    assert isinstance(still_refused, errors.Referenced)
    # The server writes one name as a text, and no empty list.
    assert (refused.endpoints, refused.pipelines, refused.indexes) == ((".rerank",), (".rerank:one", ".rerank:two"), ())
    assert not refused.may_have_happened
    assert forced["region_policy"] == EU


def test_another_conflict_names_nobody() -> None:
    body = {"error": {"type": "status_exception", "reason": "Failed to put region policy due to a concurrent update "
            "conflict. Please retry."}, "status": 409}  # fmt: skip
    product = {"X-elastic-product": "Elasticsearch"}
    client = InferenceClient("http://x", transport=lambda *_: (409, product, json.dumps(body).encode()))
    error = outcome(client.put_region_policy, region_policy=EU)
    assert type(error) is errors.Conflict


@pytest.mark.parametrize("version", ["8.17", "9.4"])
def test_before_9_5_nothing_is_taken_for_a_cluster_without_a_policy(version: str) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_region_policy", {}),
        ("put_region_policy", {"region_policy": EU}),
        ("delete_region_policy", {}),
    ]
    for error in both(lambda: connected(version), *calls):
        assert type(error) is errors.InvalidRequest
        assert not error.may_have_happened
    assert "from 9.5 on" in str(both(lambda: connected(version), calls[0])[0])


@pytest.mark.parametrize(("status", "repeated"), [(429, 3), (503, 3), (500, 1)])
def test_a_policy_is_put_again_only_where_the_server_asks_for_it(status: int, repeated: int) -> None:
    from inferctl.client.retry import RetryPolicy  # noqa: PLC0415

    cluster, product = connected(), {"X-elastic-product": "Elasticsearch"}
    seen: list[str] = []

    def busy(method: str, target: str, headers: Any, body: bytes | None) -> tuple[int, Any, bytes]:
        seen.append(f"{method} {target}")
        if len(seen) < 3:
            reason = {"error": {"type": "es_rejected_execution_exception", "reason": "full"}, "status": status}
            return status, product, json.dumps(reason).encode()
        reply = handle(cluster, method, target, headers, body)
        return reply.status, reply.headers, reply.body

    retry = RetryPolicy(initial_s=0, longest_s=0, jitter_s=0)
    with InferenceClient("http://x", transport=busy, retry=retry) as client:
        outcome(client.put_region_policy, region_policy=EU, force=True)
    assert seen == [f"PUT {REGION_POLICY_PATH}?force=true"] * repeated


def test_a_client_that_only_reads_refuses_both_writes() -> None:
    cluster = connected()
    with InferenceClient("http://x", transport=as_function(cluster)) as client:
        reading = client.read_only()
        assert isinstance(outcome(reading.get_region_policy), errors.NotFound)
        assert isinstance(outcome(reading.put_region_policy, region_policy=EU), errors.WriteRefused)
        assert isinstance(outcome(reading.delete_region_policy), errors.WriteRefused)
    assert [request.method for request in cluster.requests] == ["GET"]
