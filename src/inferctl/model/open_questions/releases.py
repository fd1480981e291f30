"""What is not proven about which release brought or mended something, and about what is in no release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.open_questions.in_cluster import NODE, e5
from inferctl.model.open_questions.record import ANY, Answer, OpenQuestion, Request

if TYPE_CHECKING:
    from inferctl.json_types import Json

_CATALOGUE = Request("GET", "/_inference/_services")
_ELASTIC = "the Elastic Inference Service"
_SEPARATORS: list[Json] = [f"separator {number}" for number in range(51)]

QUESTIONS = (
    OpenQuestion(
        id="what-9.3-does",
        statement="All that is said of 9.3 and is in no pull request: its classes could not be run.",
        first="9.3",
        last="9.3",
        evidence="I",
        source="docs/reference/server/README.md#evidence",
        by_hand="Any answer of a 9.3 node that differs from docs/reference/server.",
    ),
    OpenQuestion(
        id="separators-at-most-50",
        statement="A list of separators has at most 50 entries, from 9.4.8 and 9.5.5 on.",
        first="9.4",
        evidence="P",
        source="docs/reference/server/versions.md#patch-releases, docs/reference/server/chunking.md#strategies",
        needs=NODE,
        requests=(
            e5(num_allocations=1)._replace(
                body={
                    "service": "elasticsearch",
                    "service_settings": {"model_id": ".multilingual-e5-small", "num_threads": 1, "num_allocations": 1},
                    "chunking_settings": {"strategy": "recursive", "max_chunk_size": 200, "separators": _SEPARATORS},
                }
            ),
        ),
        answers=(Answer("this patch has the bound", 400, reason="separators"), Answer("this patch has no such bound")),
    ),
    OpenQuestion(
        id="recreate-for-semantic-text",
        statement="A create is refused where `semantic_text` fields fix another shape: from 9.2.1, and from patches of "
        "8.19 and 9.1 that are not known.",
        first="8.19",
        last="9.1",
        evidence="P",
        source="docs/reference/server/create.md, #137055",
        by_hand="An index with a `semantic_text` field that uses an endpoint and has a document; delete the endpoint "
        "with force; create it again with another task type: is that refused, on which patch?",
    ),
    OpenQuestion(
        id="jina-v3-and-rerank-defaults",
        statement="The default endpoints `.jina-embeddings-v3` and `.elastic-rerank-v1` came with 9.2 or with 9.3.",
        first="9.2",
        last="9.3",
        evidence="S",
        source="docs/reference/server/read.md#preconfigured-endpoints",
        needs=_ELASTIC,
        requests=(Request("GET", "/_inference/.jina-embeddings-v3"),),
        answers=(
            Answer("this version has it", shows={"service": "elastic"}),
            Answer("this version does not have it", 404),
        ),
    ),
    OpenQuestion(
        id="defaults-of-the-elastic-service",
        statement="The full list of default ids of the Elastic Inference Service, by release: the service sends it.",
        evidence="I",
        source="docs/reference/server/read.md#preconfigured-endpoints",
        needs=_ELASTIC,
        by_hand="`GET /_inference`: the ids that start with `.`, with service, task type and model.",
    ),
    OpenQuestion(
        id="layout-of-metadata",
        statement="The layout of `metadata` of an endpoint is known from source only.",
        first="9.4",
        evidence="S,D",
        source="docs/reference/server/read.md",
        needs=_ELASTIC,
        requests=(Request("GET", "/_inference/.elser-2-elastic"),),
        answers=(Answer("this version shows it", shows={"metadata": ANY}), Answer("this version does not show it")),
    ),
    OpenQuestion(
        id="bound-of-max-batch-size",
        statement="`max_batch_size` of `elastic` has an upper bound; its value is not known.",
        first="9.3",
        evidence="S,P",
        source="src/inferctl/model/services/elastic.py",
        needs=_ELASTIC,
        requests=(
            Request(
                "PUT",
                "/_inference/sparse_embedding/ID",
                {
                    "service": "elastic",
                    "service_settings": {"model_id": "elser_model_2", "max_batch_size": 1_000_000},
                },
            ),
        ),
        answers=(Answer("the text names the bound", 400, reason="max_batch_size"), Answer("there is none")),
    ),
    OpenQuestion(
        id="sagemaker-api-and-task-type",
        statement="`api: openai` of `amazon_sagemaker` covers text_embedding, completion and chat_completion.",
        first="8.19",
        evidence="R",
        source="src/inferctl/model/services/amazon_sagemaker.py",
        requests=(
            Request(
                "PUT",
                "/_inference/rerank/ID",
                {
                    "service": "amazon_sagemaker",
                    "service_settings": {
                        "access_key": "not-a-key",
                        "secret_key": "not-a-key",
                        "endpoint_name": "none",
                        "api": "openai",
                        "region": "us-east-1",
                    },
                },
            ),
        ),
        answers=(
            Answer("it does not cover rerank; the text lists what it covers", 400, reason="openai"),
            Answer("it covers rerank as well", None),
        ),
    ),
    OpenQuestion(
        id="anthropic-top-k",
        statement="`anthropic` shows `top_k` under the name `top_p`; which version mends it is not known.",
        evidence="S",
        source="docs/reference/server/services.md",
        needs="an account with Anthropic",
        requests=(
            Request(
                "PUT",
                "/_inference/completion/ID",
                {
                    "service": "anthropic",
                    "service_settings": {"api_key": {"env": "ANTHROPIC_API_KEY"}, "model_id": "claude-haiku-4-5"},
                    "task_settings": {"max_tokens": 16, "top_k": 5},
                },
            ),
            Request("GET", "/_inference/completion/ID"),
        ),
        answers=(
            Answer("mended on this version", shows={"task_settings.top_k": 5}),
            Answer("the fault is there on this version", shows={"task_settings.top_p": ANY}),
        ),
    ),
    OpenQuestion(
        id="googleaistudio-shows-its-limit",
        statement="Which version first shows the rate limit of a text_embedding of `googleaistudio` is not known.",
        evidence="S",
        source="src/inferctl/model/services/googleaistudio.py",
        needs="an account with Google AI Studio",
        requests=(
            Request(
                "PUT",
                "/_inference/text_embedding/ID",
                {
                    "service": "googleaistudio",
                    "service_settings": {
                        "api_key": {"env": "GOOGLEAISTUDIO_API_KEY"},
                        "model_id": "gemini-embedding-001",
                    },
                },
            ),
            Request("GET", "/_inference/text_embedding/ID"),
        ),
        answers=(
            Answer("this version shows it", shows={"service_settings.rate_limit": ANY}),
            Answer("this version does not show it"),
        ),
    ),
    OpenQuestion(
        id="jinaai-sends-dimensions",
        statement="`jinaai` sends `dimensions` to the provider from 9.3.0, 9.2.3, 9.1.9 and 8.19.9 on; what it did "
        "before is not proven.",
        evidence="S",
        source="src/inferctl/model/services/jinaai.py",
        needs="an account with Jina AI",
        by_hand="An endpoint of jina-embeddings-v3 with `dimensions: 64`: how long are the vectors of an inference?",
    ),
    OpenQuestion(
        id="custom-parameter-like-a-secret",
        statement="`custom` refuses a task parameter named like a secret, by patch from 8.19, 9.3, 9.4, 9.5 on.",
        first="8.19",
        evidence="P",
        source="#153309",
        requests=(
            Request(
                "PUT",
                "/_inference/completion/ID",
                {
                    "service": "custom",
                    "service_settings": {
                        "secret_parameters": {"token": "not-a-key"},
                        "url": "https://host.invalid",
                        "request": '{"input": ${input}}',
                        "response": {"json_parser": {"completion_result": "$.text"}},
                    },
                    "task_settings": {"parameters": {"token": "other"}},
                },
            ),
        ),
        answers=(
            Answer("this patch refuses it", 400, reason="token"),
            Answer("this patch lets it through to the provider", None),
        ),
    ),
    OpenQuestion(
        id="document-extraction",
        statement="The task type `document_extraction` is in no release: service `elastic`, `model_id`, "
        "task setting `output_format`, no rate limit.",
        first="9.5",
        evidence="P",
        source="#159206",
        requests=(Request("GET", "/_inference/_services/document_extraction"),),
        answers=(Answer("this version knows it"), Answer("this version does not know it", 400)),
    ),
    OpenQuestion(
        id="groq-completion",
        statement="`groq` offers chat_completion only; completion is on a branch.",
        first="9.3",
        evidence="P",
        source="docs/reference/server/services.md",
        requests=(_CATALOGUE,),
        answers=(
            Answer("this version offers it", shows={"groq.task_types": "completion"}),
            Answer("this version does not list it"),
        ),
    ),
    OpenQuestion(
        id="ocigenai",
        statement="A service `ocigenai` (Oracle Cloud) is in no release: an issue asks for it.",
        first="9.5",
        evidence="P",
        source="#159776",
        requests=(_CATALOGUE,),
        answers=(
            Answer("this version offers it", shows={"ocigenai": ANY}),
            Answer("this version does not list it", hides=("ocigenai",)),
        ),
    ),
    OpenQuestion(
        id="features-of-services",
        statement="`_services` says `features` of a service from 9.6 on.",
        first="9.5",
        evidence="P",
        source="#159262",
        requests=(_CATALOGUE,),
        answers=(
            Answer("this version says them", shows={"openai.features": ANY}),
            Answer("this version does not say them", hides=("openai.features",)),
        ),
    ),
    OpenQuestion(
        id="chat-completion-without-a-stream",
        statement="A chat completion without streaming comes with 9.6, experimental.",
        first="9.5",
        evidence="P",
        source="#158022",
        by_hand="`POST /_inference/chat_completion/ID` without `/_stream`, of any endpoint: refused, or an object?",
    ),
)
