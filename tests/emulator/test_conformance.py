"""The list of emulating.md#conformance on every version line. The other files go into each matter."""

from __future__ import annotations

from typing import Any

import pytest

from inferctl.emulator.provider import ProviderRule
from inferctl.emulator.security import User

from .api import KEY, Api, elser, in_each, known, openai

DEFAULTS = {".elser-2-elasticsearch", ".multilingual-e5-small-elasticsearch", ".rerank-v1-elasticsearch"}
USER_B = {"task_settings": {"user": "b"}}


@in_each()
def test_01_put_and_put_again(every: Api) -> None:
    """emulating.md#conformance item 1."""
    made = every.put("completion", "ep", openai())
    assert made["inference_id"] == "ep"
    again = every("PUT", "/_inference/completion/ep", openai())
    assert (again.status, again.type, every.calls("put")) == (400, "resource_already_exists_exception", 2)


@in_each()
def test_02_failing_provider(every: Api) -> None:
    """emulating.md#conformance item 2."""
    every.cluster.script_provider(ProviderRule("401"))
    answer = every("PUT", "/_inference/completion/ep", openai())
    assert answer.status == 400
    assert "caused_by" in answer.error
    assert every("GET", "/_inference/ep").status == 404


@in_each()
def test_03_get_one(every: Api) -> None:
    """emulating.md#conformance item 3."""
    made = every.put("completion", "ep", openai())
    assert every.good("GET", "/_inference/ep") == {"endpoints": [made]}
    assert every("GET", "/_inference/x").brief()[:2] == (404, "resource_not_found_exception")
    assert every("GET", "/_inference/rerank/ep").status == 400


@in_each()
def test_04_get_list(every: Api) -> None:
    """emulating.md#conformance item 4: 8.17 has two of the three defaults."""
    every.put("completion", "ep", openai())
    answer = every("GET", "/_inference")
    names = [row["inference_id"] for row in answer.body["endpoints"]]
    assert names == sorted(names)
    assert set(names) == {"ep", *DEFAULTS} - ({".rerank-v1-elasticsearch"} if every.version == "8.17" else set())
    assert KEY.encode() not in answer.raw


@in_each()
def test_05_update_of_an_unknown_id(every: Api) -> None:
    """emulating.md#conformance item 5."""
    assert every.update("completion", "x", USER_B).brief()[:2] == (404, "status_exception")


@in_each()
def test_06_update_bodies(every: Api) -> None:
    """emulating.md#conformance item 6."""
    every.put("completion", "ep", openai())
    refused = every.update("completion", "ep", {"service": "openai"})
    assert refused.status == 400
    assert "cannot be updated" in refused.reason
    assert every.update("completion", "ep", {}).status == 400
    null = every.update("completion", "ep", {"task_settings": {"user": None}}).status
    assert null == (500 if every.version in {"9.0", "9.1", "9.2", "9.3"} else 200)


@in_each()
def test_07_update_of_settings(every: Api) -> None:
    """emulating.md#conformance item 7."""
    before = every.put("completion", "ep", openai())
    new = known(every.version, "9.5")
    model = every.update("completion", "ep", {"service_settings": {"api_key": KEY, "model_id": "n"}})
    assert model.status == (400 if new else 200)
    assert every.read("ep") == before
    limit = every.update("completion", "ep", {"service_settings": {"rate_limit": {"requests_per_minute": 7}}})
    assert limit.status == (200 if new else 400)
    every.put("sparse_embedding", "in", elser())
    if not known(every.version, "9.2"):
        assert every.update("sparse_embedding", "in", {"service_settings": {"num_threads": 2}}).status == 400


@in_each()
def test_08_task_settings_merge(every: Api) -> None:
    """emulating.md#conformance item 8."""
    body = {
        "service": "cohere",
        "service_settings": {"api_key": KEY, "model_id": "m"},
        "task_settings": {"top_n": 3, "return_documents": True},
    }
    every.put("rerank", "ep", body)
    answer = every.update("rerank", "ep", {"task_settings": {"top_n": 4}})
    assert answer.body["task_settings"] == {"top_n": 4, "return_documents": True}


def pipeline(api: Api) -> None:
    api.put("completion", "ep", openai())
    api.good("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "ep"}}]})


@in_each()
def test_09_dry_run(every: Api) -> None:
    """emulating.md#conformance item 9."""
    every.put("completion", "free", openai())
    pipeline(every)
    for name, text in (("free", ""), ("ep", "Inference endpoint ep is referenced by pipelines: [p]")):
        body = every.good("DELETE", f"/_inference/{name}?dry_run=true")
        assert body["acknowledged"] is False
        assert body["error_message"].startswith(text)
        assert bool(body["error_message"]) == bool(text)


@in_each()
def test_10_referenced(every: Api) -> None:
    """emulating.md#conformance item 10."""
    pipeline(every)
    assert every("DELETE", "/_inference/ep").reason == (
        "Inference endpoint ep is referenced by pipelines: [p]. Ensure that no pipelines are using this inference "
        "endpoint, or use force to ignore this warning and delete the inference endpoint."
    )
    forced = every.good("DELETE", "/_inference/ep?force=true")
    assert forced == {"acknowledged": True, "pipelines": [], "indexes": []}


@in_each()
def test_11_default_endpoint(every: Api) -> None:
    """emulating.md#conformance item 11: reserved from 8.18 on."""
    path = "/_inference/.elser-2-elasticsearch"
    assert every("DELETE", path).status == (400 if known(every.version, "8.18") else 200)
    assert every("DELETE", path + "?force=true").status == 200
    assert every("GET", path).status == 200


@in_each()
def test_12_delete_twice(every: Api) -> None:
    """emulating.md#conformance item 12."""
    every.put("completion", "ep", openai())
    assert [every("DELETE", "/_inference/ep").status for _ in range(2)] == [200, 404]


@pytest.mark.parametrize("inference_id", ["Foo", "_x", ".x", "x-", "_all"])
@in_each()
def test_13_ids(every: Api, inference_id: str) -> None:
    """emulating.md#conformance item 13."""
    answer = every("PUT", f"/_inference/completion/{inference_id}", openai())
    assert answer.brief()[:2] == (400, "action_request_validation_exception")


@in_each()
def test_14_unknown_parameter(every: Api) -> None:
    """emulating.md#conformance item 14."""
    assert every("GET", "/_inference?foo=1").brief()[:2] == (400, "illegal_argument_exception")


@in_each()
def test_15_post_on_update(every: Api) -> None:
    """emulating.md#conformance item 15."""
    assert every("POST", "/_inference/completion/ep/_update", USER_B).status == 405


@in_each()
def test_16_in_cluster(every: Api) -> None:
    """emulating.md#conformance item 16."""
    every.cluster.allocation_seconds, every.cluster.put_waits = 10.0, False
    every.put("sparse_embedding", "ep", elser(num_allocations=2))
    states = []
    for _ in range(3):
        (row,) = every.good("GET", "/_ml/trained_models/.elser_model_2/_stats")["trained_model_stats"]
        states.append(row["deployment_stats"]["allocation_status"]["state"])
        every.cluster.advance(10)
    assert states == ["starting", "started", "fully_allocated"]
    assert every.read("ep")["service_settings"]["num_allocations"] == 2


@in_each()
def test_17_product_header(every: Api) -> None:
    """emulating.md#conformance item 17."""
    assert every("GET", "/_inference").header("X-elastic-product") == "Elasticsearch"
    every.cluster.users = (User("ci", frozenset(), api_key="k"),)
    assert every("GET", "/_inference").header("X-elastic-product") is None
    refused = every("GET", "/_inference", None, {"authorization": "ApiKey k"})
    assert (refused.status, refused.header("X-elastic-product")) == (403, None)


@in_each()
def test_18_what_is_left_out_and_filled_in(every: Api) -> None:
    """emulating.md#conformance item 18."""
    embedding, completion = every.put("text_embedding", "a", openai({})), every.put("completion", "b", openai())
    assert "task_settings" not in embedding
    assert embedding["chunking_settings"] == {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
    assert "chunking_settings" not in completion


@in_each()
def test_19_task_type_in_any_case(every: Api) -> None:
    """emulating.md#conformance item 19."""
    assert every.put("Text_Embedding", "ep", openai())["task_type"] == "text_embedding"


@in_each()
def test_20_empty_list(every: Api) -> None:
    """emulating.md#conformance item 20."""
    assert every.good("GET", "/_inference/completion/_all") == {"endpoints": []}


@in_each()
def test_21_nulls_in_updates(every: Api) -> None:
    """emulating.md#conformance item 21."""
    every.put("completion", "ep", openai())
    null = every.update("completion", "ep", {"task_settings": {"user": None}}).status
    assert (null == 500) == (every.version in {"9.0", "9.1", "9.2", "9.3"})
    assert every.update("completion", "ep", {"task_settings": None}).status == 400
    assert every.update("completion", "ep", {"task_type": 3}).status == (400 if known(every.version, "9.5") else 500)


@in_each()
def test_22_chunking_in_updates(every: Api) -> None:
    """emulating.md#conformance item 22."""
    every.put("text_embedding", "ep", openai())
    chunks = {"strategy": "word", "max_chunk_size": 20, "overlap": 5}
    answer = every.update("text_embedding", "ep", {"chunking_settings": chunks})
    if known(every.version, "9.5"):
        assert answer.body["chunking_settings"] == chunks
    else:
        assert answer.status == 400


@pytest.mark.parametrize("text", [b"[]", b"null", b'"x"'])
@in_each()
def test_23_bodies_that_are_no_object(every: Api, text: bytes) -> None:
    """emulating.md#conformance item 23."""
    every.put("completion", "ep", openai())
    for path in ("/_inference/completion/new", "/_inference/completion/ep/_update"):
        assert every("PUT", path, text).status == (400 if known(every.version, "9.2") else 500)


@in_each()
def test_24_json(every: Api) -> None:
    """emulating.md#conformance item 24."""
    for text in (b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":01}'):
        answer = every("PUT", "/_inference/completion/ep", text)
        assert answer.brief()[:2] == (400, "x_content_parse_exception")
    assert every("PUT", "/_inference/completion/ep", b'{"service":"nope"} x').reason == "Unknown service [nope]"


@in_each()
def test_25_update_of_odd_ids(every: Api) -> None:
    """emulating.md#conformance item 25."""
    for name, newer in ((".elser-2-elasticsearch", 400), (".x", 404), ("Foo", 404)):
        answer = every.update("sparse_embedding", name, USER_B)
        assert answer.status == (newer if known(every.version, "9.5") else 400)
        assert (answer.type == "action_request_validation_exception") == (not known(every.version, "9.5"))


@in_each()
def test_26_inference_requests(every: Api) -> None:
    """emulating.md#conformance item 26."""
    every.put("text_embedding", "ep", openai())
    bodies: list[tuple[Any, int]] = [({"input": 3}, 400), ({"input": "a", "foo": 1}, 400), ({"input": ["a", 1]}, 200)]
    assert [every("POST", "/_inference/ep", body).status for body, _ in bodies] == [status for _, status in bodies]


@in_each()
def test_27_media_types(every: Api) -> None:
    """emulating.md#conformance item 27."""
    versioned = f"application/vnd.elasticsearch+json;compatible-with={every.version[0]}"
    one = every("PUT", "/_inference/completion/ep", openai(), {"content-type": versioned})
    assert one.brief()[:2] == (400, "media_type_header_exception")
    assert every("PUT", "/_inference/completion/ep", openai(), {"content-type": "text/plain"}).status == 406


def test_serverless_is_the_newest() -> None:
    """errors.md#serverless: what 9.5 does, without a version number to go by."""
    api = Api("serverless")
    api.put("text_embedding", "ep", openai())
    assert api.update("text_embedding", "ep", {"service_settings": {"foo": 1}}).status == 400
    assert api.update("text_embedding", "ep", {"chunking_settings": {"strategy": "none"}}).status == 200
    assert api("PUT", "/_inference/completion/ep2?timeout=5s", openai()).status == 200
