"""Mixedbread: the `mixedbread` service. Facts from catalog.yaml (mixedbread); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="mixedbread",
    title="Mixedbread",
    since=since("9.4"),
    task_types={
        "rerank": TaskFacts(since("9.4"), rate_limit=100),
        "text_embedding": TaskFacts(since("9.4"), rate_limit=100),
    },
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="P",
        ),
        "model_id": Fact("string", description="Model name.", required=True, evidence="P"),
        "url": Fact(
            "string",
            description="Overrides the provider URL.",
            filled=True,
            note="in the newest source read GET always shows it, with the default URL when it was not given",
            uncertain=True,
            evidence="S,P",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="S",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="dot_product",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="R",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            uncertain=True,
            evidence="P",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "top_n": Fact(
            "integer",
            description="Number of documents to return.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            uncertain=True,
            evidence="R",
        ),
        "return_documents": Fact(
            "boolean",
            description="Return the document text.",
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            uncertain=True,
            evidence="R",
        ),
        "prompt": Fact(
            "string",
            description="Prompt for embeddings.",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="P",
        ),
        "normalized": Fact(
            "boolean",
            description="Normalise embeddings.",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="P",
        ),
    },
    observed_name="mixedbread",
    notes=("rerank was merged early in 2026; a draft of the specification (never merged into main) says 9.3",),
)
