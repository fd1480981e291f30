"""The 9.1 profile against answers that the classes of Elasticsearch 9.1.0 wrote: same keys, types and order.

`tests/reference/wire-shapes-9.1.0.txt` holds pairs of lines: what was written, and the bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster

SOURCE = Path(__file__).parents[1] / "reference" / "wire-shapes-9.1.0.txt"
Step: TypeAlias = "tuple[str, str] | tuple[str, str, dict[str, Any]]"

# Shapes that no REST answer has.
INTERNAL = {
    "stored form of an endpoint (ModelConfigurations.toXContent, not filtered)": (
        "holds the secret: what stands in the index, while PUT, GET and UPDATE answer with the filtered form "
        "(docs/reference/server/read.md#what-is-shown)"
    ),
    "the same for the index (USE_ID_FOR_INDEX)": "the document in .inference, with model_id for inference_id",
    "MinimalServiceSettings, text embedding": "what the cluster state and semantic_text keep; no inference route shows it",
}

# Objects whose inside is not compared. The samples borrow the settings of an embedding for every service, and
# what a service shows there is another matter. An update on 9.1 loses chunking_settings, which then read as the
# old word strategy (docs/reference/server/reconciling.md#known-faults).
OPEN = {
    "PutInferenceModelAction.Response, EmptyTaskSettings, no chunking": ".service_settings",
    "PutInferenceModelAction.Response, a task settings object without fields": ".service_settings",
    "GetInferenceModelAction.Response, two": ".service_settings",
    "UpdateInferenceModelAction.Response": ".chunking_settings",
}

OPENAI = {
    "service": "openai",
    "service_settings": {
        "model_id": "text-embedding-3-small",
        "similarity": "cosine",
        "dimensions": 128,
        "api_key": "k",
    },
    "task_settings": {"user": "u"},
}
COHERE = {"service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "k"}}
CHAT = {"service": "openai", "service_settings": {"model_id": "gpt", "api_key": "k"}, "task_settings": {}}
HF = {"service": "hugging_face", "service_settings": {"url": "https://hf.example.com", "api_key": "k"}}
EP1: Step = ("PUT", "/_inference/text_embedding/ep-1", OPENAI)
EP2: Step = ("PUT", "/_inference/rerank/ep-2", COHERE)
EP3: Step = ("PUT", "/_inference/completion/ep-3", CHAT)
PIPELINE = {"processors": [{"inference": {"model_id": "ep-1"}}]}
MAPPING = {"mappings": {"properties": {"t": {"type": "semantic_text", "inference_id": "ep-1"}}}}
RANK = {"input": ["a", "b"], "query": "b"}


def _embedding(kind: str) -> list[Step]:
    settings = {"model_id": "m", "api_key": "k", "embedding_type": kind}
    return [
        ("PUT", "/_inference/text_embedding/ep-1", {"service": "cohere", "service_settings": settings}),
        ("POST", "/_inference/text_embedding/ep-1", {"input": "a"}),
    ]


# What leads to an answer of each shape: the last request of each list is the one compared.
WAYS: dict[str, list[list[Step]]] = {
    "PutInferenceModelAction.Response, all parts": [[EP1]],
    "PutInferenceModelAction.Response, EmptyTaskSettings, no chunking": [[EP2]],
    "PutInferenceModelAction.Response, a task settings object without fields": [[EP3]],
    "UpdateInferenceModelAction.Response": [
        [EP1, ("PUT", "/_inference/text_embedding/ep-1/_update", {"task_settings": {"user": "v"}})]
    ],
    "GetInferenceModelAction.Response, two": [
        [EP1, EP2, ("GET", "/_inference")],
        [EP1, EP2, ("GET", "/_inference/_all")],
    ],
    "GetInferenceModelAction.Response, none": [[("GET", "/_inference/completion/_all")]],
    # The server sets the text in dry runs only; an acknowledged one is this sample's own choice
    # (docs/reference/server/delete.md#answers).
    "DeleteInferenceEndpointAction.Response, deleted": [[EP1, ("DELETE", "/_inference/ep-1?dry_run=true")]],
    "DeleteInferenceEndpointAction.Response, deleted, null message": [
        [EP1, ("DELETE", "/_inference/ep-1")],
        [EP1, ("PUT", "/_ingest/pipeline/p1", PIPELINE), ("DELETE", "/_inference/text_embedding/ep-1?force=true")],
    ],
    "DeleteInferenceEndpointAction.Response, dry run, in use": [
        [
            EP1,
            ("PUT", "/_ingest/pipeline/p1", PIPELINE),
            ("PUT", "/_ingest/pipeline/p2", PIPELINE),
            ("PUT", "/idx-1", MAPPING),
            ("DELETE", "/_inference/text_embedding/ep-1?dry_run=true"),
        ]
    ],
    "_inference text_embedding (float)": [[EP1, ("POST", "/_inference/ep-1", {"input": ["a", "b"]})]],
    "_inference text_embedding (byte)": [_embedding("byte"), _embedding("int8")],
    "_inference text_embedding (bit)": [_embedding("bit"), _embedding("binary")],
    "_inference sparse_embedding": [
        [
            ("PUT", "/_inference/sparse_embedding/ep-1", HF),
            ("POST", "/_inference/sparse_embedding/ep-1", {"input": "hi"}),
        ]
    ],
    "_inference rerank": [
        [EP2, ("POST", "/_inference/rerank/ep-2", RANK)],
        [EP2, ("POST", "/_inference/rerank/ep-2", {**RANK, "return_documents": True})],
    ],
    "_inference completion": [[EP3, ("POST", "/_inference/completion/ep-3", {"input": "a"})]],
}


def _samples() -> dict[str, Any]:
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    return {title: json.loads(text) for title, text in zip(lines[::2], lines[1::2], strict=True)}


SAMPLES = _samples()


def _answer(way: list[Step]) -> Any:
    cluster = Cluster.of("9.1")
    for method, target, *rest in way:
        body = json.dumps(rest[0]).encode() if rest else None
        reply = handle(cluster, method, target, {"Content-Type": "application/json"} if rest else {}, body)
        assert reply.status == 200, reply.body
    answer = json.loads(reply.body)
    if "endpoints" in answer:  # the preconfigured ones are in every list
        answer["endpoints"] = [each for each in answer["endpoints"] if not each["inference_id"].startswith(".")]
    return answer


def _difference(sample: Any, answer: Any, open_at: str = "", at: str = "") -> str:
    """Where an answer has other keys, another order or another type than the sample; "" where it has not."""
    if type(sample) is not type(answer):
        return f"{at}: {type(sample).__name__} is {type(answer).__name__}"
    if open_at and at.endswith(open_at):
        return ""
    if isinstance(sample, dict):
        if list(sample) != list(answer):
            return f"{at}: {list(sample)} is {list(answer)}"
        return next(filter(None, (_difference(sample[k], answer[k], open_at, f"{at}.{k}") for k in sample)), "")
    if isinstance(sample, list):
        if bool(sample) != bool(answer):
            return f"{at}: {sample} is {answer}"
        for item in answer:
            found = [_difference(each, item, open_at, f"{at}[]") for each in sample]
            if "" not in found:
                return found[0]
        for each in sample:
            found = [_difference(each, item, open_at, f"{at}[]") for item in answer]
            if "" not in found and at != ".rerank":  # one answer has texts in all places or in none
                return f"{at}: nothing like {each}"
    return ""


def test_each_shape_has_a_way_or_a_reason() -> None:
    assert sorted([*WAYS, *INTERNAL]) == sorted(SAMPLES)
    assert not WAYS.keys() & INTERNAL.keys()


@pytest.mark.parametrize("title", WAYS)
def test_same_keys_types_and_order(title: str) -> None:
    for way in WAYS[title]:
        assert not _difference(SAMPLES[title], _answer(way), OPEN.get(title, ""))


@pytest.mark.parametrize("title", OPEN)
def test_what_is_left_open_needs_it(title: str) -> None:
    assert any(_difference(SAMPLES[title], _answer(way)) for way in WAYS[title])


def test_a_rerank_answer_holds_texts_only_when_asked() -> None:
    """The sample has a row with and a row without; each way gives one kind."""
    kinds = [{tuple(row) for row in _answer(way)["rerank"]} for way in WAYS["_inference rerank"]]
    assert kinds == [{("index", "relevance_score")}, {("index", "relevance_score", "text")}]
    assert {tuple(row) for row in SAMPLES["_inference rerank"]["rerank"]} == set.union(*kinds)


def test_the_comparison_sees_keys_order_types_and_missing_items() -> None:
    sample = {"a": 1, "b": [{"c": 0.5}]}
    assert not _difference(sample, {"a": 2, "b": [{"c": 1.5}, {"c": 2.5}]})
    for other in (
        {"b": [{"c": 0.5}], "a": 1},
        {"a": 1},
        {"a": True, "b": [{"c": 0.5}]},
        {"a": 1, "b": []},
        {"a": 1, "b": [{"c": 1}]},
        {"a": 1, "b": [{"c": 0.5}, {"d": 0.5}]},
    ):
        assert _difference(sample, other), other
