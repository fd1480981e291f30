"""Azure AI Studio: the `azureaistudio` service. Facts from catalog.yaml (azureaistudio); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="azureaistudio",
    title="Azure AI Studio",
    since=since("8.14", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.14", "9.0"), rate_limit=240),
        "completion": TaskFacts(since("8.14", "9.0"), rate_limit=240),
        "rerank": TaskFacts(since("9.2"), rate_limit=240),
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
        "target": Fact("string", description="URL of the model deployment.", required=True, evidence="S,C"),
        "provider": Fact(
            "enum",
            description="Model provider.",
            required=True,
            enum=("openai", "mistral", "meta", "microsoft_phi", "cohere", "databricks"),
            fold="lower",
            note="case-insensitive on PUT, lower case in GET",
            evidence="S,C",
        ),
        "endpoint_type": Fact(
            "enum",
            description="Billing flavour of the deployment.",
            required=True,
            enum=("token", "realtime"),
            fold="lower",
            note="case-insensitive on PUT, lower case in GET",
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
            evidence="S,R",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            evidence="S",
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
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "temperature": Fact(
            "number",
            description="Sampling temperature.",
            minimum=0.0,
            maximum=2.0,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion"}),
            evidence="S,C",
        ),
        "top_p": Fact(
            "number",
            description="Nucleus sampling.",
            minimum=0.0,
            maximum=2.0,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion"}),
            evidence="S,C",
        ),
        "do_sample": Fact(
            "boolean",
            description="Turn sampling on.",
            updatable_since=since("8.17"),
            task_types=frozenset({"completion"}),
            note="the specification types it as a float; the source accepts only a boolean",
            evidence="S",
        ),
        "max_new_tokens": Fact(
            "integer",
            description="Output token hint.",
            minimum=1,
            default=64,
            filled=True,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion"}),
            note="filled with 64 after the probe call of PUT (from 9.4 also of _update), so GET shows it; not filled when xpack.inference.skip_validate_and_start is on",
            evidence="S,C",
        ),
        "user": Fact(
            "string",
            description="End-user tag.",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            evidence="C",
        ),
        "return_documents": Fact(
            "boolean",
            description="Return the document text.",
            since=since("9.2"),
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
        "top_n": Fact(
            "integer",
            description="Number of documents to return.",
            minimum=1,
            since=since("9.2"),
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
    },
    observed_name="azureaistudio",
    notes=("specification 8.14; the source transport gate is 8.15",),
)
