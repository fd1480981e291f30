"""GET: shapes, order, live values, one bad endpoint, default endpoints (read.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inferctl.emulator.provider import ProviderRule

from .api import KEY, Api, elser, in_each, known, openai, rerank

DEFAULTS = [".elser-2-elasticsearch", ".multilingual-e5-small-elasticsearch", ".rerank-v1-elasticsearch"]


def ids(body: dict[str, Any]) -> list[str]:
    assert list(body) == ["endpoints"]
    return [endpoint["inference_id"] for endpoint in body["endpoints"]]


# --- shapes (read.md#shapes)


@in_each()
def test_one_id_is_a_list_of_one(every: Api) -> None:
    """read.md#shapes, emulating.md#conformance item 3."""
    made = every.put("completion", "ep", openai())
    for path in ("/_inference/ep", "/_inference/completion/ep", "/_inference/COMPLETION/ep"):
        assert every.good("GET", path) == {"endpoints": [made]}


@in_each()
def test_unknown_id(every: Api) -> None:
    """read.md#shapes, emulating.md#conformance item 3: the whole body, with any task type."""
    cause = {"type": "resource_not_found_exception", "reason": "Inference endpoint not found [x]"}
    for path in ("/_inference/x", "/_inference/rerank/x", "/_inference/any/x"):
        answer = every("GET", path)
        assert (answer.status, answer.body) == (404, {"error": {"root_cause": [cause], **cause}, "status": 404})


@in_each()
def test_wrong_task_type(every: Api) -> None:
    """read.md#shapes, emulating.md#conformance item 3: existence first, then the task type."""
    every.put("completion", "ep", openai())
    reason = "Requested task type [rerank] does not match the inference endpoint's task type [completion]"
    assert every("GET", "/_inference/rerank/ep").brief() == (400, "status_exception", reason)


@pytest.mark.parametrize("path", ["/_inference", "/_inference/_all", "/_inference/*", "/_inference/any/_all"])
@in_each()
def test_list_is_sorted_with_the_defaults(every: Api, path: str) -> None:
    """read.md#shapes, emulating.md#conformance item 4."""
    for name in ("zebra", "alpha", "m1"):
        every.put("completion", name, openai())
    defaults = DEFAULTS if every.version != "8.17" else DEFAULTS[:2]
    answer = every("GET", path)
    assert ids(answer.body) == sorted([*defaults, "alpha", "m1", "zebra"])
    assert KEY.encode() not in answer.raw


@pytest.mark.parametrize("star", ["_all", "*"])
@in_each()
def test_list_of_a_task_type(every: Api, star: str) -> None:
    """read.md#shapes: filtered and sorted."""
    every.put("text_embedding", "b", openai())
    every.put("completion", "c", openai())
    every.put("text_embedding", "a", openai())
    body = every.good("GET", f"/_inference/text_embedding/{star}")
    assert ids(body) == [".multilingual-e5-small-elasticsearch", "a", "b"]
    assert ids(every.good("GET", f"/_inference/completion/{star}")) == ["c"]


@in_each()
def test_an_empty_list(every: Api) -> None:
    """read.md#shapes, emulating.md#conformance item 20: 200, not 404."""
    assert every.good("GET", "/_inference/completion/_all") == {"endpoints": []}


@in_each()
def test_a_list_row_equals_a_single_read(every: Api) -> None:
    """read.md#what-is-shown: the filtered form everywhere."""
    every.put("text_embedding", "ep", openai({"user": "a"}))
    rows = every.good("GET", "/_inference")["endpoints"]
    assert [row for row in rows if row["inference_id"] == "ep"] == [every.read("ep")]


@in_each()
def test_a_get_document_is_no_valid_put_body(every: Api) -> None:
    """read.md#what-is-shown: `inference_id` is an unknown key."""
    every.put("completion", "ep", openai())
    document = every.read("ep")
    document["service_settings"]["api_key"] = KEY
    answer = every("PUT", "/_inference/completion/ep2", document)
    assert answer.status == 400
    assert "{inference_id=ep}" in answer.reason


# --- live values (read.md#live-values)


@in_each()
def test_num_allocations_is_live(every: Api) -> None:
    """read.md#live-values, emulating.md#conformance item 16: the number of the deployment, also when nobody set it."""
    adaptive = {"enabled": True, "min_number_of_allocations": 2, "max_number_of_allocations": 4}
    shown = every.put("sparse_embedding", "ep", elser(num_allocations=None, adaptive_allocations=adaptive))
    assert shown["service_settings"]["num_allocations"] == 2
    assert shown["service_settings"]["adaptive_allocations"] == adaptive
    assert every.read("ep")["service_settings"]["num_allocations"] == 2


@in_each()
def test_a_change_of_the_deployment_shows(every: Api) -> None:
    """read.md#live-values: where the ML API may still change it (before 9.2)."""
    every.put("sparse_embedding", "ep", elser())
    answer = every("POST", "/_ml/trained_models/ep/deployment/_update", {"number_of_allocations": 3})
    if known(every.version, "9.2"):
        reason = (
            "Cannot update deployment [ep] as it was created by inference endpoint [ep]. "
            "This model deployment must be updated through the inference API."
        )
        assert answer.brief() == (409, "status_exception", reason)
    else:
        assert answer.status == 200
        assert every.read("ep")["service_settings"]["num_allocations"] == 3


@in_each()
def test_an_idle_deployment_goes_to_sleep(every: Api) -> None:
    """With adaptive allocations from zero, after minutes before 9.1 and after a day from 9.1 on.

    Source: read.md#live-values, in-cluster.md#stats.
    """
    adaptive = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
    every.put("sparse_embedding", "ep", elser(num_allocations=None, adaptive_allocations=adaptive))
    every.cluster.advance(3600)
    awake = every.read("ep")["service_settings"]["num_allocations"]
    assert awake == (1 if known(every.version, "9.1") else 0)
    every.cluster.advance(24 * 3600)
    assert every.read("ep")["service_settings"]["num_allocations"] == 0


# --- one bad endpoint (read.md#one-bad-endpoint)


@in_each()
def test_one_broken_endpoint_breaks_every_list(every: Api) -> None:
    """read.md#one-bad-endpoint: single reads of other ids still work."""
    every.put("completion", "good", openai())
    every.put("completion", "bad", openai())
    every.good("POST", "/_emulator/endpoints/bad", {"broken": True})
    for path in ("/_inference", "/_inference/completion/_all", "/_inference/bad"):
        answer = every("GET", path)
        assert (answer.status, answer.type) == (500, "status_exception")
        assert answer.reason.startswith("Failed to load inference endpoint [bad], error: [")
    assert every.read("good")["inference_id"] == "good"
    assert every("GET", "/_inference/text_embedding/_all").status == 200


@in_each()
def test_unregistered_service(every: Api) -> None:
    """read.md#one-bad-endpoint."""
    every.put("completion", "old", openai())
    every.cluster.store(replace(every.cluster.endpoints["old"], service="gone"))
    for path in ("/_inference", "/_inference/old"):
        reason = "Unknown service [gone] for inference endpoint [old]."
        assert every("GET", path).brief() == (500, "status_exception", reason)


# --- default endpoints (read.md#preconfigured-endpoints)


@in_each()
def test_default_endpoints(version: str) -> None:
    """read.md#preconfigured-endpoints: ids, task types and settings; rerank from 8.18 and 9.0."""
    api = Api(version)
    rows = {row["inference_id"]: row for row in api.good("GET", "/_inference")["endpoints"]}
    assert sorted(rows) == (DEFAULTS if version != "8.17" else DEFAULTS[:2])
    models = {
        ".elser-2-elasticsearch": ("sparse_embedding", ".elser_model_2"),
        ".multilingual-e5-small-elasticsearch": ("text_embedding", ".multilingual-e5-small"),
        ".rerank-v1-elasticsearch": ("rerank", ".rerank-v1"),
    }
    for name, row in rows.items():
        task, model = models[name]
        settings = dict(row["service_settings"])
        assert (row["task_type"], row["service"]) == (task, "elasticsearch")
        assert settings.pop("model_id") in {model, model + "_linux-x86_64"}
        assert settings == {
            "num_threads": 1,
            "adaptive_allocations": {
                "enabled": True,
                "min_number_of_allocations": 0,
                "max_number_of_allocations": 32,
            },
        }
        if task == "rerank":
            assert row["task_settings"] == {"return_documents": True}
            assert "chunking_settings" not in row
        else:
            assert row["chunking_settings"]["max_chunk_size"] == 250


def test_default_endpoints_by_id(api: Api) -> None:
    """read.md#preconfigured-endpoints: read and listed alike."""
    rows = api.good("GET", "/_inference")["endpoints"]
    assert [api.read(row["inference_id"]) for row in rows] == rows


def test_reading_changes_nothing_that_a_reader_could_see(api: Api) -> None:
    """read.md#live-values: two reads in a row agree."""
    api.put("rerank", "ep", rerank())
    assert api("GET", "/_inference").raw == api("GET", "/_inference").raw


def test_reads_do_not_ask_the_provider(api: Api) -> None:
    """read.md: GET never calls out."""
    api.put("completion", "ep", openai())
    api.cluster.script_provider(ProviderRule("401"))
    calls = len(api.cluster.provider_calls)
    api.good("GET", "/_inference")
    api.read("ep")
    assert len(api.cluster.provider_calls) == calls


@in_each()
def test_body_on_get(every: Api) -> None:
    """errors.md#plain-strings: no body on GET and DELETE."""
    for method in ("GET", "DELETE"):
        answer = every(method, "/_inference/x", {"a": 1})
        reason = f"request [{method} /_inference/x] does not support having a body"
        assert answer.brief() == (400, "illegal_argument_exception", reason)
