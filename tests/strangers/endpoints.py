"""Endpoints made, read and removed."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import elser, openai, semantic

from .row import ABSENT, Ask, Row

SPARSE: dict[str, Any] = {
    "service": "hugging_face",
    "service_settings": {"url": "https://example.test", "api_key": "abc64"},
}
CHAT = openai(model_id="gpt-4o-mini")

MAKE = Ask("PUT", "/_inference/sparse_embedding/sparse_embedding_model", SPARSE)
PIPELINE = Ask(
    "PUT",
    "/_ingest/pipeline/p-1",
    {"description": "x", "processors": [{"inference": {"model_id": "sparse_embedding_model"}}]},
)
INDEX = Ask("PUT", "/i-1", {"mappings": semantic("sparse_embedding_model")})
MISMATCH = "Requested task type [text_embedding] does not match the inference endpoint's task type [sparse_embedding]"
BY_PIPELINE = (
    "Inference endpoint sparse_embedding_model is referenced by pipelines: [p-1]. Ensure that no pipelines are using "
    "this inference endpoint, or use force to ignore this warning and delete the inference endpoint."
)
BY_INDEX = (
    " Inference endpoint sparse_embedding_model is being used in the mapping for indexes: [i-1]. Ensure that no index "
    "mappings are using this inference endpoint, or use force to ignore this warning and delete the inference endpoint."
)


def delete(query: str = "") -> Ask:
    return Ask("DELETE", f"/_inference/sparse_embedding_model{query}")


ROWS = [
    Row(
        "an endpoint is read as a list of one",
        "crud",
        Ask("GET", "/_inference/sparse_embedding/sparse_embedding_model"),
        shows={"endpoints.#": 1, "endpoints.0.inference_id": "sparse_embedding_model"},
        first=(MAKE,),
    ),
    Row(
        "the list of a task type holds that type alone, and the preconfigured one",
        "crud",
        Ask("GET", "/_inference/sparse_embedding/_all"),
        shows={"endpoints.#": 2, "endpoints.*.task_type": {"sparse_embedding"}},
        first=(MAKE, Ask("PUT", "/_inference/text_embedding/other", openai())),
    ),
    Row(
        "all lists three preconfigured endpoints besides ours",
        "crud",
        Ask("GET", "/_inference/_all"),
        shows={"endpoints.#": 5},
        since="8.18",
        first=(MAKE, Ask("PUT", "/_inference/text_embedding/other", openai())),
    ),
    Row(
        "before the reranker there are two preconfigured ones",
        "defaults",
        Ask("GET", "/_inference/_all"),
        shows={"endpoints.#": 2},
        until="8.17",
        inferred="the number: the suite of that line asks for these two by name",
    ),
    Row(
        "a task type without endpoints gives an empty list",
        "crud",
        Ask("GET", "/_inference/completion/_all"),
        shows={"endpoints": []},
    ),
    Row(
        "read with another task type",
        "crud",
        Ask("GET", "/_inference/text_embedding/sparse_embedding_model"),
        400,
        "status_exception",
        MISMATCH,
        first=(MAKE,),
        inferred="the status and the type",
    ),
    Row(
        "deleted with another task type",
        "crud",
        Ask("DELETE", "/_inference/text_embedding/sparse_embedding_model"),
        400,
        "status_exception",
        MISMATCH,
        first=(MAKE,),
        inferred="the status and the type",
    ),
    Row(
        "any is a task type to read with",
        "crud",
        Ask("GET", "/_inference/any/sparse_embedding_model"),
        shows={"endpoints.0.task_type": "sparse_embedding", "endpoints.0.inference_id": "sparse_embedding_model"},
        first=(MAKE,),
    ),
    Row(
        "the task type may stand in the body alone",
        "crud",
        Ask("GET", "/_inference/no_task_type_in_url"),
        shows={"endpoints.0.task_type": "sparse_embedding"},
        first=(Ask("PUT", "/_inference/no_task_type_in_url", {**SPARSE, "task_type": "sparse_embedding"}),),
    ),
    Row(
        "inference without a task type",
        "crud",
        Ask("POST", "/_inference/no_task_type_in_url", {"input": ["x"]}),
        shows={"sparse_embedding.#": 1},
        first=(Ask("PUT", "/_inference/no_task_type_in_url", {**SPARSE, "task_type": "sparse_embedding"}),),
    ),
    Row(
        "delete without a task type",
        "crud",
        Ask("DELETE", "/_inference/no_task_type_in_url"),
        shows={"acknowledged": True},
        first=(Ask("PUT", "/_inference/no_task_type_in_url", {**SPARSE, "task_type": "sparse_embedding"}),),
    ),
    Row(
        "a pipeline keeps an endpoint",
        "crud",
        delete(),
        409,
        "status_exception",
        BY_PIPELINE,
        first=(MAKE, PIPELINE),
        inferred="the status and the type",
    ),
    Row(
        "a dry run names the pipeline",
        "crud",
        delete("?dry_run=true"),
        shows={"acknowledged": False, "pipelines": ["p-1"]},
        first=(MAKE, PIPELINE),
    ),
    Row(
        "force passes over a pipeline",
        "crud",
        delete("?force=true"),
        shows={"acknowledged": True},
        first=(MAKE, PIPELINE),
    ),
    Row(
        "a mapping keeps an endpoint",
        "crud",
        delete(),
        409,
        "status_exception",
        BY_INDEX,
        first=(MAKE, INDEX),
        inferred="the status and the type",
    ),
    Row(
        "a dry run names the index",
        "crud",
        delete("?dry_run=true"),
        shows={"acknowledged": False, "indexes": ["i-1"]},
        first=(MAKE, INDEX),
    ),
    Row(
        "force passes over a mapping",
        "crud",
        delete("?force=true"),
        shows={"acknowledged": True},
        first=(MAKE, INDEX),
    ),
    Row(
        "an endpoint that a mapping searches with is kept too",
        "crud",
        delete(),
        409,
        "status_exception",
        BY_INDEX,
        first=(
            MAKE,
            Ask("PUT", "/_inference/sparse_embedding/other", SPARSE),
            Ask("PUT", "/i-1", {"mappings": semantic("other", search_inference_id="sparse_embedding_model")}),
        ),
        inferred="the status and the type",
    ),
    Row(
        "pipelines and mappings are named in one text",
        "crud",
        delete(),
        409,
        "status_exception",
        BY_PIPELINE + BY_INDEX,
        first=(MAKE, PIPELINE, INDEX),
        inferred="the status and the type",
    ),
    Row(
        "a bad key passes where validation is skipped",
        "crud",
        Ask(
            "PUT", "/_inference/text_embedding/unvalidated", openai(api_key="XXXX", dimensions=128, similarity="cosine")
        ),
        shows={"service_settings.dimensions": 128},
        first=(
            Ask("PUT", "/_cluster/settings", {"persistent": {"xpack.inference.skip_validate_and_start": True}}),
            Ask("POST", "/_emulator/provider", {"outcome": "401"}),
        ),
    ),
    Row(
        "secrets are in no answer of a PUT",
        "dense",
        Ask("PUT", "/_inference/text_embedding/ep", openai()),
        shows={"service_settings.api_key": ABSENT, "service_settings.model_id": "text-embedding-3-small"},
    ),
    Row(
        "secrets are in no answer of a GET",
        "dense",
        Ask("GET", "/_inference/text_embedding/ep"),
        shows={"endpoints.0.service_settings.api_key": ABSENT},
        first=(Ask("PUT", "/_inference/text_embedding/ep", openai()),),
    ),
    Row(
        "dimensions come from the validation call",
        "dense",
        Ask("GET", "/_inference/text_embedding/ep"),
        shows={"endpoints.0.service_settings.dimensions": 1536},
        first=(Ask("PUT", "/_inference/text_embedding/ep", openai()),),
        inferred="the number, which is the model's",
    ),
    Row(
        "the preconfigured ELSER",
        "defaults",
        Ask("GET", "/_inference/.elser-2-elasticsearch"),
        shows={
            "endpoints.0.service": "elasticsearch",
            "endpoints.0.task_type": "sparse_embedding",
            "endpoints.0.service_settings.num_threads": 1,
            "endpoints.0.service_settings.model_id": ".elser_model_2_linux-x86_64",
            "endpoints.0.service_settings.adaptive_allocations": {
                "enabled": True,
                "min_number_of_allocations": 0,
                "max_number_of_allocations": 32,
            },
        },
        inferred="which of two models: that of the platform",
    ),
    Row(
        "the preconfigured ELSER infers at its first use",
        "defaults",
        Ask("POST", "/_inference/sparse_embedding/.elser-2-elasticsearch?timeout=120s", {"input": ["a", "b"]}),
        shows={"sparse_embedding.#": 2},
    ),
    Row(
        "the preconfigured E5 infers at its first use",
        "defaults",
        Ask(
            "POST",
            "/_inference/text_embedding/.multilingual-e5-small-elasticsearch?timeout=120s",
            {"input": ["a", "b"]},
        ),
        shows={"text_embedding.#": 2},
    ),
    Row(
        "no PUT on a basic licence",
        "licence",
        Ask("PUT", "/_inference/sparse_embedding/endpoint-id", SPARSE),
        403,
        "security_exception",
        "current license is non-compliant for [inference]",
        cluster={"licensed": False},
    ),
    Row(
        "services are listed on a basic licence",
        "licence",
        Ask("GET", "/_inference/_services"),
        cluster={"licensed": False},
    ),
    Row(
        "endpoints are listed on a basic licence",
        "licence",
        Ask("GET", "/_inference/_all"),
        cluster={"licensed": False},
    ),
    Row(
        "delete is not restricted by the licence",
        "licence",
        Ask("DELETE", "/_inference/sparse_embedding/endpoint-id"),
        404,
        cluster={"licensed": False},
    ),
    Row(
        "a model in the cluster needs its name",
        "e5",
        Ask("PUT", "/_inference/text_embedding/e5", elser(model_id=None)),
        400,
        inferred="the status: the suite asks for any error",
    ),
    Row(
        "a model for all platforms",
        "e5",
        Ask("PUT", "/_inference/text_embedding/e5", elser(model_id=".multilingual-e5-small")),
        shows={"service_settings.model_id": ".multilingual-e5-small"},
    ),
    Row(
        "a model that nobody has",
        "e5",
        Ask("PUT", "/_inference/text_embedding/e5", elser(model_id=".not-a-real-model-variant")),
        400,
        inferred="the status: the suite asks for any error",
    ),
]
