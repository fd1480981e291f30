"""Mistral: the `mistral` service. Facts from catalog.yaml (mistral); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="mistral",
    title="Mistral",
    since=since("8.15", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.15", "9.0"), rate_limit=240),
        "completion": TaskFacts(since("8.19", "9.1"), rate_limit=240),
        "chat_completion": TaskFacts(since("8.19", "9.1"), rate_limit=240),
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
        "model": Fact(
            "string",
            description="Model name. The key is model, not model_id, in PUT and GET.",
            required=True,
            evidence="S,C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="dot_product",
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
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding"}),
            evidence="S,C",
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
    task_settings={},
    observed_name="mistral",
    notes=(),
)
