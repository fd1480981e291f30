"""Nvidia: the `nvidia` service. Facts from catalog.yaml (nvidia); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="nvidia",
    title="Nvidia",
    since=since("9.3"),
    task_types={
        "text_embedding": TaskFacts(since("9.3"), rate_limit=3000),
        "completion": TaskFacts(since("9.3"), rate_limit=3000),
        "chat_completion": TaskFacts(since("9.3"), rate_limit=3000),
        "rerank": TaskFacts(since("9.3"), rate_limit=3000),
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
        "model_id": Fact("string", description="Model name.", required=True, evidence="C"),
        "url": Fact("string", description="Overrides the provider URL; not filled when omitted.", evidence="C"),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding"}),
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
            evidence="C",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            put_allowed=False,
            task_types=frozenset({"text_embedding"}),
            note="not accepted on PUT, shown by GET",
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
    task_settings={
        "input_type": Fact(
            "enum",
            description="Purpose of the text; query is assumed when unset.",
            enum=("ingest", "search"),
            fold="lower",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            evidence="C",
        ),
        "truncate": Fact(
            "enum",
            description="Side on which long inputs are cut.",
            enum=("none", "start", "end"),
            fold="lower",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            note="any case on PUT, lower case in GET",
            evidence="C",
        ),
    },
    observed_name="nvidia",
    notes=("truncate is lower-cased",),
)
