"""Hugging Face: the `hugging_face` service. Facts from catalog.yaml (hugging_face); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="hugging_face",
    title="Hugging Face",
    since=since("8.12", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.12", "9.0"), rate_limit=3000),
        "sparse_embedding": TaskFacts(since("8.12"), rate_limit=3000),
        "completion": TaskFacts(since("8.19", "9.1"), rate_limit=3000),
        "chat_completion": TaskFacts(since("8.19", "9.1"), rate_limit=3000),
        "rerank": TaskFacts(since("8.19", "9.1"), rate_limit=3000),
    },
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "url": Fact("string", description="Endpoint URL.", required=True, evidence="S,C"),
        "model_id": Fact(
            "string",
            description="Model name for serverless chat endpoints; refused for text_embedding.",
            since=since("8.19", "9.1"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="cosine",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            evidence="S",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            note="absent in the specification",
            evidence="S",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Optional for text_embedding; fixed to 512 and not accepted for sparse_embedding.",
            minimum=1,
            default={"sparse_embedding": 512},
            filled=True,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding", "sparse_embedding"}),
            evidence="S,P",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            note="from the parser rewrite after 9.5 an explicit null on creation is an error; on update null resets to the default",
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "return_documents": Fact(
            "boolean",
            description="Return the document text.",
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
        "top_n": Fact(
            "integer",
            description="Number of documents to return.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
    },
    observed_name="hugging_face",
    notes=(),
)
