"""Jina AI: the `jinaai` service. Facts from catalog.yaml (jinaai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="jinaai",
    title="Jina AI",
    since=since("8.18", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.18", "9.0"), rate_limit=2000),
        "rerank": TaskFacts(since("8.18", "9.0"), rate_limit=2000),
        "embedding": TaskFacts(since("9.4"), rate_limit=2000),
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
        "model_id": Fact(
            "string",
            description="Model name (marked optional in the 8.18 and 9.0 specification).",
            required=True,
            evidence="S,C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding", "embedding"}),
            evidence="S,C",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding", "embedding"}),
            note="sent to the provider since 9.3.0 (back-ported to 8.19.9, 9.1.9 and 9.2.3); before that a user value was at most compared with the probe (uncertain)",
            evidence="S,C,W",
        ),
        "embedding_type": Fact(
            "enum",
            description="Vector element type.",
            enum=("float", "bit", "binary"),
            default="float",
            filled=True,
            fold="lower",
            since=since("8.19", "9.1"),
            task_types=frozenset({"text_embedding", "embedding"}),
            note="GET repeats the chosen word (binary stays binary)",
            evidence="S,C",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding", "embedding"}),
            evidence="S,P",
        ),
        "multimodal_model": Fact(
            "boolean",
            description="Use the multimodal request format.",
            default=True,
            filled=True,
            since=since("9.4"),
            task_types=frozenset({"embedding"}),
            note="not shown for text_embedding",
            evidence="S,C",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            evidence="S,C,P",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "input_type": Fact(
            "enum",
            description="Purpose of the text.",
            enum=("classification", "clustering", "ingest", "search"),
            fold="lower",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding", "embedding"}),
            note="the specification before 9.4 called the key task; the server key is input_type",
            evidence="C,R",
        ),
        "late_chunking": Fact(
            "boolean",
            description="Send the chunks of one document together; false when unset, not filled.",
            since=since("9.3"),
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding", "embedding"}),
            evidence="C,W",
        ),
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
    observed_name="jinaai",
    notes=(),
)
