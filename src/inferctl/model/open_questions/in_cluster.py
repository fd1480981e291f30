"""What is not proven about models on the cluster's own machine-learning nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion, Request

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject

NODE = "a machine-learning node with room for E5 small; a trial licence is enough"
READ = Request("GET", "/_inference/text_embedding/ID")
_ADAPTIVE: JsonObject = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 2}


def e5(**settings: Json) -> Request:
    """An endpoint with E5 small, the smallest model that comes with Elasticsearch; other settings in the same body."""
    inside: JsonObject = {"model_id": ".multilingual-e5-small", "num_threads": 1, **settings}
    return Request("PUT", "/_inference/text_embedding/ID", {"service": "elasticsearch", "service_settings": inside})


def update(**settings: Json) -> Request:
    """An update of the service settings of that endpoint."""
    return Request("PUT", "/_inference/text_embedding/ID/_update", {"service_settings": settings})


_CHUNKED = e5(num_allocations=1)._replace(
    body={
        "service": "elasticsearch",
        "service_settings": {"model_id": ".multilingual-e5-small", "num_threads": 1, "num_allocations": 1},
        "chunking_settings": {"strategy": "word", "max_chunk_size": 100, "overlap": 10},
    }
)
_UPDATE = "docs/reference/server/in-cluster.md#update"
_MOST = "service_settings.adaptive_allocations.max_number_of_allocations"

QUESTIONS = (
    OpenQuestion(
        id="fixed-to-adaptive",
        statement="An update turns adaptive allocations on for an endpoint that was made with a fixed number.",
        first="9.3",
        # The suite asks the answer of the update alone, on a build of the development branch.
        evidence="S,T,V",
        source=f"{_UPDATE}, InferenceUpdateElasticsearchInternalServiceModelIT",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(update(adaptive_allocations=_ADAPTIVE), READ),
        answers=(
            Answer("proven: the update in place stands", shows={"service_settings.adaptive_allocations.enabled": True}),
            Answer("the update is ignored: replace on this version"),
            Answer("refused: replace on this version", 400),
        ),
    ),
    OpenQuestion(
        id="adaptive-to-fixed",
        statement="An update gives an endpoint with adaptive allocations a fixed number.",
        first="9.3",
        evidence="S,V",
        source=_UPDATE,
        needs=NODE,
        endpoint=e5(adaptive_allocations=_ADAPTIVE),
        requests=(update(num_allocations=1, adaptive_allocations={"enabled": False}), READ),
        answers=(
            Answer("ignored: replace on this version", shows={"service_settings.adaptive_allocations.enabled": True}),
            Answer("proven: the update in place stands", shows={"service_settings.num_allocations": 1}),
            Answer("refused: replace on this version", 400),
        ),
    ),
    OpenQuestion(
        id="num-allocations-must-be-there",
        statement="An in-cluster update without `num_allocations` is refused up to 9.1; 9.2 is not known.",
        first="8.18",
        last="9.2",
        evidence="I",
        source=f"{_UPDATE}, docs/reference/server/update-outcomes.md#adaptive-allocations",
        needs=NODE,
        endpoint=e5(adaptive_allocations=_ADAPTIVE),
        requests=(update(adaptive_allocations={**_ADAPTIVE, "max_number_of_allocations": 3}), READ),
        answers=(
            Answer("`num_allocations` has to be in the body", 400, reason="num_allocations"),
            Answer("`adaptive_allocations` can be updated on this version", shows={_MOST: 3}),
            Answer("the update is taken and changes nothing", shows={_MOST: ANY}),
        ),
    ),
    OpenQuestion(
        id="update-keeps-chunking",
        statement="Which patch of 8.19, 9.2 and 9.3 mends the loss of chunking settings in an update is not known.",
        first="8.19",
        last="9.3",
        evidence="P",
        source="docs/reference/server/reconciling.md#known-faults, #139574, #141557, #141687, #141682",
        needs=NODE,
        endpoint=_CHUNKED,
        requests=(update(num_allocations=1), READ),
        answers=(
            Answer("this patch keeps them", shows={"chunking_settings.max_chunk_size": 100}),
            Answer("this patch loses them", shows={"chunking_settings.max_chunk_size": ANY}),
        ),
    ),
    OpenQuestion(
        id="chunking-where-there-is-none",
        statement="What an update with `chunking_settings` does on a task type without chunking is not known.",
        first="9.5",
        evidence="I",
        source="docs/reference/server/update-outcomes.md#chunking-settings",
        needs="a machine-learning node with room for the reranker; a trial licence is enough",
        endpoint=Request(
            "PUT",
            "/_inference/rerank/ID",
            {
                "service": "elasticsearch",
                "service_settings": {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 1},
            },
        ),
        requests=(
            Request(
                "PUT",
                "/_inference/rerank/ID/_update",
                {"chunking_settings": {"strategy": "word", "max_chunk_size": 100, "overlap": 10}},
            ),
            Request("GET", "/_inference/rerank/ID"),
        ),
        answers=(
            Answer("they are stored and shown", shows={"chunking_settings.max_chunk_size": 100}),
            Answer("they are ignored"),
            Answer("they are refused", 400),
        ),
    ),
    OpenQuestion(
        id="stop-of-a-used-deployment",
        statement="Which patch of 8.18 and 9.0 first refuses to stop a deployment that an endpoint uses is not known.",
        first="8.18",
        last="9.0",
        evidence="P",
        source="docs/reference/server/in-cluster.md, #129325",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(Request("POST", "/_ml/trained_models/ID/deployment/_stop"),),
        answers=(Answer("this patch refuses it", 409), Answer("this patch stops it")),
    ),
    OpenQuestion(
        id="update-without-task-type",
        statement="Whether a patch of 8.17 takes an update without the task type in its path is not known.",
        first="8.17",
        last="8.17",
        evidence="S",
        source="docs/reference/server/reconciling.md#known-faults",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(Request("PUT", "/_inference/ID/_update", {"service_settings": {"num_allocations": 1}}),),
        answers=(Answer("this patch takes it"), Answer("this patch does not take it", None)),
    ),
    OpenQuestion(
        id="left-over-keys",
        statement="An update refuses keys that nobody consumed.",
        first="9.5",
        evidence="S,P",
        source="docs/reference/server/update.md, #149430, #149628, #149723, #150368, #148448, #152179",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(update(num_allocations=1, not_a_setting=1),),
        answers=(
            Answer("proven", 400, reason="not_a_setting"),
            Answer("this version behaves like 9.4: the strict rules came later"),
        ),
    ),
    OpenQuestion(
        id="timeout-of-9.4.0",
        statement="9.4.0 answers an inference that ran out of time with 504; #146531 makes it 429 and merged later.",
        first="9.4.0",
        last="9.4.0",
        evidence="P",
        source="docs/reference/server/versions.md#what-changed-when, #145838, #146531",
        needs=NODE,
        endpoint=e5(num_allocations=1),
        requests=(Request("POST", "/_inference/text_embedding/ID?timeout=1ms", {"input": "a short text"}),),
        answers=(
            Answer("504 on this version", 504),
            Answer("429 already on this version", 429),
            Answer("408 still on this version", 408),
            Answer("the model was faster than the limit: nothing is said"),
        ),
    ),
)
