"""Voyage AI: the `voyageai` service. Facts from catalog.yaml (voyageai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="voyageai",
    title="Voyage AI",
    since=since("8.19", "9.1"),
    task_types={
        "text_embedding": TaskFacts(since("8.19", "9.1"), rate_limit=2000),
        "rerank": TaskFacts(since("8.19", "9.1"), rate_limit=2000),
    },
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            note="missing in the specification type and examples, required by the source",
            evidence="R",
        ),
        "model_id": Fact("string", description="Model name.", required=True, evidence="S,C"),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            evidence="S,C",
        ),
        "embedding_type": Fact(
            "enum",
            description="Vector element type.",
            enum=("float", "int8", "byte", "bit", "binary"),
            default="float",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            note="the specification wrongly types it as a float number; always filled from 9.5, may be absent before; GET repeats the chosen word",
            evidence="S,W",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="dot_product",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            note="the same for every embedding_type",
            evidence="S",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding"}),
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            evidence="S,C",
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
            enum=("ingest", "search"),
            fold="lower",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            evidence="C",
        ),
        "truncation": Fact(
            "boolean",
            description="Cut long inputs; true when unset, not filled.",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding", "rerank"}),
            evidence="C",
        ),
        "return_documents": Fact(
            "boolean",
            description="Return the document text; false when unset, not filled.",
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
        "top_k": Fact(
            "integer",
            description="Number of documents to return (the key is top_k, not top_n).",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
    },
    observed_name="voyageai",
    notes=(
        "annotated 8.19, although the specification branches 8.18 and 9.0 already contain the API; the servers 8.18.0 and 9.0.0 do not know the service, 8.19.0 and 9.1.0 do",
    ),
)
