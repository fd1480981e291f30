"""Endpoints whose model runs in the cluster, and the deployment API beside them."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import elser

from .row import Ask, Row

MODEL = Ask("POST", "/_emulator/models", {"my-model": "sparse_embedding"})
START = Ask(
    "POST",
    "/_ml/trained_models/my-model/deployment/_start?timeout=10s&wait_for=started&threads_per_allocation=1"
    "&number_of_allocations=1&deployment_id=existing",
)
ATTACHED: dict[str, Any] = {"service": "elasticsearch", "service_settings": {"deployment_id": "existing"}}
ATTACH = Ask("PUT", "/_inference/sparse_embedding/attached", ATTACHED)
OWN = Ask("PUT", "/_inference/sparse_embedding/own", elser(model_id="my-model"))
SECOND = Ask("PUT", "/_inference/sparse_embedding/second", {**ATTACHED, "service_settings": {"deployment_id": "own"}})
SETTINGS = {"num_allocations": 1, "num_threads": 1, "model_id": "my-model", "deployment_id": "existing"}


def grow(inference_id: str, **settings: Any) -> Ask:
    body = {"service_settings": settings or {"num_allocations": 2}}
    return Ask("PUT", f"/_inference/sparse_embedding/{inference_id}/_update", body)


def stop(deployment_id: str, query: str = "") -> Ask:
    return Ask("POST", f"/_ml/trained_models/{deployment_id}/deployment/_stop{query}")


def resize(deployment_id: str) -> Ask:
    return Ask("POST", f"/_ml/trained_models/{deployment_id}/deployment/_update", {"number_of_allocations": 2})


ROWS = [
    Row(
        "an attached endpoint shows the deployment's settings",
        "deployment",
        ATTACH,
        shows={"service_settings": SETTINGS},
        first=(MODEL, START),
    ),
    Row(
        "an attached endpoint may name the model too",
        "deployment",
        Ask(
            "PUT",
            "/_inference/sparse_embedding/attached",
            {"service": "elasticsearch", "service_settings": {"model_id": "my-model", "deployment_id": "existing"}},
        ),
        shows={"service_settings": SETTINGS},
        first=(MODEL, START),
    ),
    Row(
        "an attached endpoint reads as it was answered",
        "deployment later",
        Ask("GET", "/_inference/attached"),
        shows={"endpoints.0.service_settings": SETTINGS},
        first=(MODEL, START, ATTACH),
    ),
    Row(
        "an attached endpoint infers",
        "deployment",
        Ask("POST", "/_inference/attached", {"input": ["washing machine"]}),
        shows={"sparse_embedding.#": 1},
        first=(MODEL, START, ATTACH),
    ),
    Row(
        "a deployment of another model",
        "deployment",
        Ask(
            "PUT",
            "/_inference/sparse_embedding/attached",
            {"service": "elasticsearch", "service_settings": {"model_id": "other", "deployment_id": "existing"}},
        ),
        400,
        reason="Deployment [existing] uses model [my-model] which does not match the model [other] in the request.",
        first=(MODEL, START),
        inferred="the status",
    ),
    Row(
        "a deployment that is not there",
        "deployment later",
        ATTACH,
        404,
        reason="Cannot find deployment [existing]",
        first=(MODEL,),
        inferred="the status",
    ),
    Row(
        "a deployment outlives an endpoint that is attached to it",
        "deployment",
        Ask("GET", "/_ml/trained_models/my-model/_stats"),
        shows={"trained_model_stats.0.deployment_stats.deployment_id": "existing"},
        first=(MODEL, START, ATTACH, Ask("DELETE", "/_inference/attached")),
    ),
    Row(
        "an update through an attached endpoint changes the deployment",
        "deployment later",
        grow("attached"),
        shows={"service_settings": {**SETTINGS, "num_allocations": 2}},
        since="8.18",
        until="9.1",
        first=(MODEL, START, ATTACH),
    ),
    Row(
        "an update through an attached endpoint is refused",
        "deployment updates",
        grow("attached"),
        409,
        "status_exception",
        "Cannot update inference endpoint [attached] using model deployment [existing]. The model deployment must be "
        "updated through the trained models API.",
        since="9.2",
        first=(MODEL, START, ATTACH),
    ),
    Row(
        "the ML API changes what an attached endpoint shows",
        "deployment later",
        Ask("GET", "/_inference/attached"),
        shows={"endpoints.0.service_settings": {**SETTINGS, "num_allocations": 2}},
        first=(MODEL, START, ATTACH, resize("existing")),
    ),
    Row(
        "an update through the endpoint that made the deployment",
        "deployment updates",
        Ask("GET", "/_inference/own"),
        shows={"endpoints.0.service_settings": {"num_allocations": 2, "num_threads": 1, "model_id": "my-model"}},
        first=(MODEL, OWN, grow("own")),
    ),
    Row(
        "the ML API may not change a deployment of an endpoint",
        "deployment updates",
        resize("own"),
        409,
        "status_exception",
        "Cannot update deployment [own] as it was created by inference endpoint [own]. This model deployment must be "
        "updated through the inference API.",
        since="9.2",
        first=(MODEL, OWN),
    ),
    Row(
        "a second endpoint may not change the deployment of the first",
        "deployment updates",
        grow("second"),
        409,
        "status_exception",
        "Cannot update inference endpoint [second] for model deployment [own] as it was created by another inference "
        "endpoint. The model can only be updated using inference endpoint id [own].",
        since="9.2",
        first=(MODEL, OWN, SECOND),
    ),
    Row(
        "an id that names a model is taken",
        "deployment updates",
        Ask("PUT", "/_inference/sparse_embedding/my-model", elser(model_id="my-model")),
        400,
        reason="Inference endpoint IDs must be unique. Requested inference endpoint ID [my-model] matches existing "
        "trained model ID(s) but must not.",
        since="9.1",
        first=(MODEL,),
        inferred="the status",
    ),
    Row(
        "a deployment that an endpoint is attached to does not stop",
        "stop",
        stop("existing"),
        409,
        "status_exception",
        "Cannot stop deployment [existing] as it is used by inference endpoint [attached]",
        since="8.19/9.1",
        first=(MODEL, START, ATTACH),
        inferred="the status",
    ),
    Row(
        "a deployment that an endpoint made does not stop",
        "eland",
        stop("own"),
        409,
        "status_exception",
        "Cannot stop deployment [own] as it was created by inference endpoint [own]",
        since="8.19/9.1",
        first=(MODEL, OWN),
        inferred="the status",
    ),
    Row("a deployment stops by force", "eland", stop("own", "?force"), first=(MODEL, OWN)),
    Row(
        "a model of one's own infers",
        "eland",
        Ask("POST", "/_inference/own", {"input": ["a", "b"]}),
        first=(MODEL, OWN),
    ),
    Row(
        "a re-created endpoint has to fit the vectors that are there",
        "eland",
        Ask("PUT", "/_inference/text_embedding/own", elser(model_id="my-model", similarity="dot_product")),
        400,
        reason="incompatible settings",
        since="9.2",
        first=(
            Ask("POST", "/_emulator/models", {"my-model": "text_embedding"}),
            Ask("PUT", "/_inference/text_embedding/own", elser(model_id="my-model")),
            Ask("PUT", "/i-1", {"mappings": {"properties": {"f": {"type": "semantic_text", "inference_id": "own"}}}}),
            Ask("PUT", "/i-1/_create/1", {"f": "hello world"}, status=201),
            Ask("DELETE", "/_inference/own?force=true"),
        ),
    ),
]
