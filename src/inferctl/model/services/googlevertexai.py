"""Google Vertex AI and Model Garden: the `googlevertexai` service. Facts from catalog.yaml (googlevertexai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="googlevertexai",
    title="Google Vertex AI and Model Garden",
    since=since("8.15", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.15", "9.0"), rate_limit=30000),
        "rerank": TaskFacts(since("8.15", "9.0"), rate_limit=300),
        "completion": TaskFacts(since("8.19", "9.1"), rate_limit=1000),
        "chat_completion": TaskFacts(since("8.19", "9.1"), rate_limit=1000),
    },
    service_settings={
        "service_account_json": Fact(
            "string",
            description="Service account key file as one JSON string.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="C",
        ),
        "location": Fact(
            "string",
            description="Region.",
            required="conditional: required for text_embedding and for provider google until 9.4; optional from 9.5 (global endpoint); not used by rerank",
            note="never an empty string",
            evidence="S,C,P",
        ),
        "model_id": Fact(
            "string",
            description="Model name.",
            required="conditional: required for text_embedding and provider google; optional for rerank and other providers",
            evidence="S,C",
        ),
        "project_id": Fact(
            "string",
            description="Google Cloud project.",
            required="conditional: required except for Model Garden providers",
            evidence="S,C",
        ),
        "provider": Fact(
            "enum",
            description="Model Garden provider.",
            enum=("google", "anthropic", "meta", "hugging_face", "mistral", "ai21"),
            default="GOOGLE",
            filled=True,
            fold="upper",
            since=since("9.2"),
            task_types=frozenset({"completion", "chat_completion"}),
            note="lower case on PUT, UPPER CASE in GET",
            evidence="S,C",
        ),
        "url": Fact(
            "string",
            description="Non-streaming URL.",
            required="conditional: url or streaming_url required when provider is not google; forbidden otherwise",
            since=since("9.2"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="S,C",
        ),
        "streaming_url": Fact(
            "string",
            description="Streaming URL.",
            required="conditional: see url",
            since=since("9.2"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="S,C",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
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
        "max_batch_size": Fact(
            "integer",
            description="Chunks per request during ingestion.",
            minimum=1,
            since=since("9.3"),
            updatable_since=since("9.3"),
            task_types=frozenset({"text_embedding"}),
            note="the default is documented; whether GET fills it is not verified",
            uncertain=True,
            evidence="C,P,W",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            note="the specification speaks of 30000 for the whole service; the source differs per task type",
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "auto_truncate": Fact(
            "boolean",
            description="Let the provider cut long inputs.",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            evidence="S,C",
        ),
        "input_type": Fact(
            "enum",
            description="Purpose of the text. Absent in the specification.",
            enum=("ingest", "search", "classification", "clustering"),
            fold="lower",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="S",
        ),
        "top_n": Fact(
            "integer",
            description="Number of documents to return.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
        "thinking_config": Fact(
            "object",
            description="Thinking options.",
            since=since("9.2"),
            updatable_since=since("8.17"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="C",
            fields={"thinking_budget": Fact("integer")},
        ),
        "max_tokens": Fact(
            "integer",
            description="Only for provider anthropic; 1024 is applied when unset.",
            minimum=1,
            since=since("9.2"),
            updatable_since=since("8.17"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="C",
        ),
    },
    observed_name="googlevertexai",
    notes=("provider value is upper-cased in GET",),
)
