"""Google Vertex AI and Model Garden: `service: googlevertexai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    CHAT,
    RERANK,
    TEXT_EMBEDDING,
    dimensions,
    max_input_tokens,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.rules import Needs, OneOf, Refuses, When
from inferctl.model.services.service import Service
from inferctl.model.versions import Version, since

GOOGLE = frozenset({"google"})
MODEL_GARDEN = frozenset({"anthropic", "meta", "hugging_face", "mistral", "ai21"})

SERVICE = Service(
    name="googlevertexai",
    title="Google Vertex AI and Model Garden",
    since=since("8.15"),
    task_types={
        "text_embedding": TaskFacts(since("8.15"), rate_limit=30000),
        "rerank": TaskFacts(since("8.15"), rate_limit=300),
        "completion": TaskFacts(since("8.19"), rate_limit=1000),
        "chat_completion": TaskFacts(since("8.19"), rate_limit=1000),
    },
    service_settings={
        "service_account_json": secret("Service account key file as one JSON string.", evidence="C"),
        "location": Fact(
            "string",
            "Region.",
            required="conditional: required for text_embedding and for provider google until 9.4; optional from 9.5 (global endpoint); not used by rerank",
            note="never an empty string",
            evidence="S,C,P",
        ),
        "model_id": Fact(
            "string",
            "Model name.",
            required="conditional: required for text_embedding and provider google; optional for rerank and other providers",
            evidence="S,C",
        ),
        "project_id": Fact(
            "string",
            "Google Cloud project.",
            required="conditional: required except for Model Garden providers",
            evidence="S,C",
        ),
        "provider": Fact(
            "enum",
            "Model Garden provider.",
            enum=("google", "anthropic", "meta", "hugging_face", "mistral", "ai21"),
            default="google",
            filled=True,
            fold="upper",
            since=since("9.2"),
            task_types=CHAT,
            evidence="S,C",
        ),
        "url": Fact(
            "string",
            "Non-streaming URL.",
            required="conditional: url or streaming_url required when provider is not google; forbidden otherwise",
            since=since("9.2"),
            task_types=CHAT,
            evidence="S,C",
        ),
        "streaming_url": Fact(
            "string",
            "Streaming URL.",
            required="conditional: see url",
            since=since("9.2"),
            task_types=CHAT,
            evidence="S,C",
        ),
        "dimensions": dimensions(evidence="S,C"),
        "similarity": similarity("dot_product", evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S"),
        "max_batch_size": Fact(
            "integer",
            "Chunks per request during ingestion.",
            minimum=1,
            default=250,
            since=since("9.3"),
            updatable_since=since("9.3"),
            task_types=TEXT_EMBEDDING,
            note="the default is documented; whether GET fills it is not verified",
            update_note="the first external setting that _update changed; applied without a probe in 9.3",
            uncertain=True,
            evidence="C,P,W",
        ),
        "rate_limit": rate_limit(
            since("9.5"),
            note="the specification speaks of 30000 for the whole service; the source differs per task type",
            evidence="S,C",
        ),
    },
    task_settings={
        "auto_truncate": task_setting(
            "boolean", "Let the provider cut long inputs.", task_types=TEXT_EMBEDDING, evidence="S,C"
        ),
        "input_type": task_setting(
            "enum",
            "Purpose of the text. Absent in the specification.",
            enum=("ingest", "search", "classification", "clustering"),
            fold="lower",
            task_types=TEXT_EMBEDDING,
            uncertain=True,
            evidence="S",
        ),
        "top_n": task_setting("integer", "Number of documents to return.", minimum=1, task_types=RERANK, evidence="C"),
        "thinking_config": task_setting(
            "object",
            "Thinking options.",
            since=since("9.2"),
            task_types=CHAT,
            fields={"thinking_budget": Fact("integer", "Tokens that the model may think with.")},
            evidence="C",
        ),
        "max_tokens": task_setting(
            "integer",
            "Only for provider anthropic; 1024 is applied when unset.",
            minimum=1,
            since=since("9.2"),
            task_types=CHAT,
            evidence="C",
        ),
    },
    observed_name="googlevertexai",
    rules=(
        Needs(("model_id", "project_id"), When(TEXT_EMBEDDING)),
        Needs(("project_id",), When(RERANK)),
        Needs(("model_id", "project_id"), When(CHAT, "provider", GOOGLE, "google")),
        Needs(("location",), When(TEXT_EMBEDDING, until=Version(9, 4))),
        Needs(("location",), When(CHAT, "provider", GOOGLE, "google", until=Version(9, 4))),
        OneOf(("url", "streaming_url"), When(CHAT, "provider", MODEL_GARDEN)),
        Refuses(
            ("url", "streaming_url"), When(CHAT, "provider", GOOGLE, "google"), "provider google has no URL of its own"
        ),
        Refuses(
            ("max_tokens",),
            When(CHAT, "provider", (GOOGLE | MODEL_GARDEN) - {"anthropic"}, "google"),
            "only provider anthropic takes max_tokens",
            part="task_settings",
        ),
    ),
    notes=("provider value is upper-cased in GET",),
)
