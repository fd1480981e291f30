"""Google AI Studio: the `googleaistudio` service. Facts from catalog.yaml (googleaistudio); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="googleaistudio",
    title="Google AI Studio",
    since=since("8.15", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.15", "9.0"), rate_limit=360),
        "completion": TaskFacts(since("8.15", "9.0"), rate_limit=360),
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
        "model_id": Fact("string", description="Gemini model name.", required=True, evidence="S,C"),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="dot_product",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            evidence="S,R",
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
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            note="older source stored rate_limit of text_embedding but left it out of GET; the source with the 9.5 update support shows it (exact minor uncertain)",
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={},
    observed_name="googleaistudio",
    notes=(),
)
