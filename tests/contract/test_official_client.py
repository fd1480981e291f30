"""Clients against the emulator on a socket: the `elasticsearch` package as it is, httpx, and our own two."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from elasticsearch import AsyncElasticsearch, BadRequestError, ConflictError, Elasticsearch, NotFoundError
from elasticsearch.exceptions import ApiError, AuthenticationException, ElasticsearchWarning

from inferctl import AsyncInferenceClient, InferenceClient, errors
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.security import User
from inferctl.emulator.server import Server, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NINES = ["9.0", "9.1", "9.2", "9.3", "9.4", "9.5"]
OURS = ["8.17", "9.1", "9.5"]
OPENAI: dict[str, Any] = {
    "service": "openai",
    "service_settings": {"model_id": "text-embedding-3-small", "api_key": "k1", "dimensions": 8},
    "task_settings": {"user": "a"},
}
COHERE: dict[str, Any] = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "k1"}}
ELSER = {"num_allocations": 1, "num_threads": 1}
# The whole set of secrets goes with an update: up to 9.4 the server demands it (docs/reference/server/update.md#merge).
CHANGE = {"service_settings": {"api_key": "k2"}, "task_settings": {"user": "b"}}
PIPELINE = [{"inference": {"model_id": "ep"}}]


@pytest.fixture
def served() -> Iterator[Callable[[Cluster], Server]]:
    with contextlib.ExitStack() as stack:
        yield lambda cluster: stack.enter_context(running(cluster))


def _of(version: str) -> Cluster:
    return Cluster.of(version, sleep=lambda _seconds: None)


@pytest.mark.parametrize("version", NINES)
def test_the_official_client_does_all_five_verbs(served: Callable[[Cluster], Server], version: str) -> None:
    cluster = _of(version)
    with Elasticsearch(served(cluster).url) as client:
        assert client.info()["version"]["number"].startswith(version)
        api = client.inference
        made = api.put(task_type="text_embedding", inference_id="ep", inference_config=OPENAI)
        assert made["inference_id"] == "ep"
        assert "api_key" not in made["service_settings"]
        read = api.get(task_type="text_embedding", inference_id="ep")
        assert read["endpoints"] == [made.body]

        changed = api.update(task_type="text_embedding", inference_id="ep", inference_config=CHANGE)
        assert changed["task_settings"] == {"user": "b"}
        assert cluster.endpoints["ep"].secrets == {"api_key": "k2"}

        answer = api.inference(task_type="text_embedding", inference_id="ep", input=["one", "two"])
        assert [len(row["embedding"]) for row in answer["text_embedding"]] == [8, 8]

        client.ingest.put_pipeline(id="uses-ep", processors=PIPELINE)
        asked = api.delete(inference_id="ep", dry_run=True)
        assert asked["acknowledged"] is False
        assert asked["pipelines"] == ["uses-ep"]
        with pytest.raises(ConflictError):
            api.delete(task_type="text_embedding", inference_id="ep")
        assert api.delete(task_type="text_embedding", inference_id="ep", force=True)["acknowledged"] is True
        with pytest.raises(NotFoundError):
            api.get(inference_id="ep")


@pytest.mark.parametrize("version", NINES)
def test_the_official_clients_own_case(served: Callable[[Cluster], Server], version: str) -> None:
    """Put elser with allocations and threads, get, inference, delete."""
    with Elasticsearch(served(_of(version)).url) as client:
        api = client.inference
        with pytest.warns(ElasticsearchWarning, match="elser"):
            made = api.put(
                task_type="sparse_embedding",
                inference_id="elser",
                inference_config={"service": "elser", "service_settings": ELSER},
            )
        assert made["service"] == "elasticsearch"
        assert made["service_settings"]["num_allocations"] == 1
        assert made["service_settings"]["num_threads"] == 1
        assert [entry["inference_id"] for entry in api.get(inference_id="elser")["endpoints"]] == ["elser"]
        answer = api.inference(inference_id="elser", input="a quick fox")
        assert answer["sparse_embedding"][0]["embedding"].keys() == {"a", "quick", "fox"}
        assert api.delete(inference_id="elser")["acknowledged"] is True


def test_the_typed_methods_of_the_official_client(served: Callable[[Cluster], Server]) -> None:
    with Elasticsearch(served(_of("9.5")).url) as client:
        api = client.inference
        api.put_elasticsearch(
            task_type="sparse_embedding",
            elasticsearch_inference_id="sparse",
            service="elasticsearch",
            service_settings={"model_id": ".elser_model_2", **ELSER},
        )
        api.put_openai(task_type="text_embedding", openai_inference_id="dense", **OPENAI)
        api.put_cohere(task_type="rerank", cohere_inference_id="rank", **COHERE)
        assert api.sparse_embedding(inference_id="sparse", input="fox")["sparse_embedding"]
        assert api.text_embedding(inference_id="dense", input="fox")["text_embedding"]
        ranked = api.rerank(inference_id="rank", query="fox", input=["dog", "fox"])["rerank"]
        assert ranked[0]["index"] == 1
        listed = [entry["inference_id"] for entry in api.get()["endpoints"]]
        assert {"dense", "rank", "sparse"} <= set(listed)
        assert listed == sorted(listed)


def test_the_official_client_reads_our_errors(served: Callable[[Cluster], Server]) -> None:
    cluster = _of("9.5")
    with Elasticsearch(served(cluster).url) as client:
        api = client.inference
        api.put(task_type="text_embedding", inference_id="ep", inference_config=OPENAI)
        with pytest.raises(BadRequestError) as twice:
            api.put(task_type="text_embedding", inference_id="ep", inference_config=OPENAI)
        assert twice.value.error == "resource_already_exists_exception"
        with pytest.raises(NotFoundError) as unknown:
            api.update(task_type="rerank", inference_id="none", inference_config=CHANGE)
        assert unknown.value.error == "status_exception"
        with pytest.raises(ApiError) as wrong:
            client.perform_request("PATCH", "/_inference/ep", headers={"accept": "application/json"})
        assert wrong.value.status_code == 405


def test_the_official_client_sets_a_region_policy(served: Callable[[Cluster], Server]) -> None:
    cluster, eu = _of("9.5"), {"allowed_geos": ["eu"]}
    cluster.eis_endpoints[".rerank"] = {"task_type": "rerank", "model_id": "r", "regions": [{"geo": "us"}]}
    with Elasticsearch(served(cluster).url) as client:
        api = client.inference
        client.ingest.put_pipeline(id="uses-it", processors=[{"inference": {"model_id": ".rerank"}}])
        with pytest.raises(NotFoundError):
            api.get_region_policy()
        with pytest.raises(ConflictError) as in_use:
            api.put_region_policy(region_policy=eu)
        assert in_use.value.body["error"]["denied_endpoint_ids"] == ".rerank"
        made = api.put_region_policy(region_policy=eu, force=True)
        assert api.get_region_policy().body == made.body == {"region_policy": eu, "created_at": made["created_at"]}
        assert api.get(inference_id=".rerank")["endpoints"][0]["metadata"]["denied_by_region_policy"] is True
        assert api.delete_region_policy()["acknowledged"] is True


def test_the_official_client_with_security(served: Callable[[Cluster], Server]) -> None:
    cluster = _of("9.5")
    cluster.users = (User("ci", api_key="right", privileges=frozenset({"manage_inference"})),)
    url = served(cluster).url
    with Elasticsearch(url, api_key="wrong") as client, pytest.raises(AuthenticationException):
        client.inference.get()
    with Elasticsearch(url, api_key="right") as client:
        assert (
            client.inference.put(task_type="rerank", inference_id="ep", inference_config=COHERE)["service"] == "cohere"
        )


def test_the_official_async_client(served: Callable[[Cluster], Server]) -> None:
    url = served(_of("9.5")).url

    async def flow() -> None:
        async with AsyncElasticsearch(url, node_class="httpxasync") as client:  # type: ignore[arg-type] # by its name
            api = client.inference
            await api.put(task_type="rerank", inference_id="ep", inference_config=COHERE)
            assert (await api.get(inference_id="ep"))["endpoints"][0]["service"] == "cohere"
            assert (await api.inference(inference_id="ep", query="q", input=["a"]))["rerank"][0]["index"] == 0
            assert (await api.delete(inference_id="ep"))["acknowledged"] is True

    asyncio.run(flow())


def test_client_nine_and_server_eight_do_not_work(served: Callable[[Cluster], Server]) -> None:
    """It asks for version 9 of the media type, which a server 8 refuses.

    Source: docs/reference/server/errors.md#media-types.
    """
    with Elasticsearch(served(_of("8.17")).url) as client, pytest.raises(BadRequestError) as refused:
        client.inference.get()
    assert refused.value.error == "media_type_header_exception"


@pytest.mark.parametrize("version", [*OURS, "8.18", "8.19"])
def test_plain_http(served: Callable[[Cluster], Server], version: str) -> None:
    with httpx.Client(base_url=served(_of(version)).url) as http:
        made = http.put("/_inference/rerank/ep", json=COHERE)
        assert (made.status_code, made.headers["x-elastic-product"]) == (200, "Elasticsearch")
        assert made.headers["content-type"] == "application/json"
        assert http.get("/_inference/rerank/ep").json()["endpoints"] == [made.json()]
        assert http.request("POST", "/_inference/rerank/ep", json={"query": "q", "input": ["a"]}).json()["rerank"]
        assert http.head("/_inference/rerank/ep").status_code == 405
        assert http.get("/_inference/rerank/none").status_code == 404
        assert (
            http.put("/_inference/rerank/ep2", content=b"{}", headers={"content-type": "text/plain"}).status_code == 406
        )
        assert http.delete("/_inference/rerank/ep").json()["acknowledged"] is True
        # One connection did all of that.
        assert http.get("/").json()["tagline"] == "You Know, for Search"


def test_a_chunked_body(served: Callable[[Cluster], Server]) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"service":"cohere","service_settings":'
        yield b'{"model_id":"m","api_key":"k"}}'

    with httpx.Client(base_url=served(_of("9.5")).url) as http:
        made = http.put("/_inference/rerank/ep", content=parts(), headers={"content-type": "application/json"})
        assert made.json()["inference_id"] == "ep"


def test_a_stream(served: Callable[[Cluster], Server]) -> None:
    with httpx.Client(base_url=served(_of("9.5")).url) as http:
        body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "k"}}
        assert http.put("/_inference/completion/ep", json=body).status_code == 200
        answer = http.post("/_inference/completion/ep/_stream", json={"input": "a"})
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.text.startswith("event: message\ndata: ")
        assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("version", OURS)
def test_our_client_does_all_five_verbs(served: Callable[[Cluster], Server], version: str) -> None:
    cluster = _of(version)
    with InferenceClient(served(cluster).url) as client:
        made = client.put(task_type="text_embedding", inference_id="ep", inference_config=OPENAI)
        assert client.get(task_type="text_embedding", inference_id="ep")["endpoints"] == [made]
        assert client.get(inference_id="ep")["endpoints"] == [made]
        assert [entry["inference_id"] for entry in client.get(task_type="text_embedding")["endpoints"]][-1] == "ep"
        changed = client.update(task_type="text_embedding", inference_id="ep", body=CHANGE)
        assert changed["task_settings"] == {"user": "b"}
        assert cluster.endpoints["ep"].secrets == {"api_key": "k2"}
        answer = client.inference(task_type="text_embedding", inference_id="ep", input="one", timeout="10s")
        assert len(answer["text_embedding"][0]["embedding"]) == 8
        cluster.pipelines["uses-ep"] = {"processors": PIPELINE}
        assert client.delete(inference_id="ep", dry_run=True)["pipelines"] == ["uses-ep"]
        with pytest.raises(errors.Referenced) as refused:
            client.delete(inference_id="ep", task_type="text_embedding")
        assert refused.value.pipelines == ("uses-ep",)
        assert client.delete(inference_id="ep", force=True)["acknowledged"] is True
        with pytest.raises(errors.NotFound):
            client.delete(inference_id="ep")


@pytest.mark.parametrize("version", OURS)
def test_our_async_client_does_all_five_verbs(served: Callable[[Cluster], Server], version: str) -> None:
    cluster = _of(version)
    url = served(cluster).url

    async def flow() -> None:
        async with AsyncInferenceClient(url) as client:
            made = await client.put(task_type="rerank", inference_id="ep", inference_config=COHERE)
            assert (await client.get(task_type="rerank", inference_id="ep"))["endpoints"] == [made]
            change = {"service_settings": {"api_key": "k2"}, "task_settings": {"top_n": 1}}
            changed = await client.update(task_type="rerank", inference_id="ep", inference_config=change)
            assert changed["task_settings"]["top_n"] == 1
            answer = await client.inference(
                task_type="rerank", inference_id="ep", query="b", input=["a", "b"], timeout="10s"
            )
            assert [row["index"] for row in answer["rerank"]] == [1]
            cluster.pipelines["uses-ep"] = {"processors": PIPELINE}
            assert (await client.delete(inference_id="ep", dry_run=True))["pipelines"] == ["uses-ep"]
            with pytest.raises(errors.Referenced):
                await client.delete(inference_id="ep")
            assert (await client.delete(inference_id="ep", task_type="rerank", force=True))["acknowledged"] is True
            with pytest.raises(errors.NotFound):
                await client.get(inference_id="ep")

    asyncio.run(flow())


@pytest.mark.parametrize("version", ["8.17", "8.18", "9.0"])
def test_a_put_timeout_before_its_time_is_refused(served: Callable[[Cluster], Server], version: str) -> None:
    """The description of 8.18 and 9.0 offers it, the servers do not know it.

    Source: docs/reference/server/requests.md#parameters.
    """
    with InferenceClient(served(_of(version)).url) as client:
        with pytest.raises(errors.InvalidRequest, match="unrecognized parameter"):
            client.put(task_type="rerank", inference_id="ep", inference_config=COHERE, timeout="60s")
        assert client.put(task_type="rerank", inference_id="ep", inference_config=COHERE)["inference_id"] == "ep"
