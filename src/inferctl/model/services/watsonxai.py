"""IBM watsonx: the `watsonxai` service. Facts from catalog.yaml (watsonxai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="watsonxai",
    title="IBM watsonx",
    since=since("8.16", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.16", "9.0"), rate_limit=120),
        "rerank": TaskFacts(since("8.18", "9.0"), rate_limit=120),
        "completion": TaskFacts(since("9.2"), rate_limit=120),
        "chat_completion": TaskFacts(since("9.2"), rate_limit=120),
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
        "url": Fact("string", description="URL of the watsonx deployment.", required=True, evidence="S,C"),
        "api_version": Fact("string", description="Version date YYYY-MM-DD.", required=True, evidence="S,C"),
        "model_id": Fact("string", description="Model name.", required=True, evidence="S,C"),
        "project_id": Fact("string", description="IBM Cloud project.", required=True, evidence="S,C"),
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
            uncertain=True,
            evidence="S",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding"}),
            evidence="S,P",
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
        "return_documents": Fact(
            "boolean",
            description="Return the document text. Absent in the specification.",
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="S",
        ),
        "top_n": Fact(
            "integer",
            description="Number of documents to return. Absent in the specification.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="S",
        ),
        "truncate_input_tokens": Fact(
            "integer",
            description="Token cut per input. Absent in the specification.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="S",
        ),
    },
    observed_name="watsonxai",
    notes=(),
)
