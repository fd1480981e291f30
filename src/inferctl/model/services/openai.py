"""OpenAI: the `openai` service. Facts from catalog.yaml (openai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="openai",
    title="OpenAI",
    since=since("8.12", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.12", "9.0"), rate_limit=3000),
        "completion": TaskFacts(since("8.14"), rate_limit=500),
        "chat_completion": TaskFacts(since("8.18", "9.0"), rate_limit=500),
        "embedding": TaskFacts(since("9.5"), rate_limit=3000),
    },
    service_settings={
        "api_key": Fact(
            "string",
            description="API key.",
            required="true until 9.4; from 9.5 exactly one of api_key, client_secret",
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "client_secret": Fact(
            "string",
            description="OAuth 2.0 client secret.",
            required="conditional: instead of api_key, with client_id, scopes, token_url",
            secret=True,
            since=since("9.5"),
            updatable_since=since("9.5"),
            evidence="S,C",
        ),
        "client_id": Fact(
            "string",
            description="OAuth 2.0 client id.",
            required="conditional: with client_secret",
            since=since("9.5"),
            updatable_since=since("9.5"),
            evidence="S,C",
        ),
        "scopes": Fact(
            "list",
            description="OAuth 2.0 scopes.",
            required="conditional: with client_secret",
            since=since("9.5"),
            updatable_since=since("9.5"),
            evidence="S,C",
        ),
        "token_url": Fact(
            "string",
            description="OAuth 2.0 token endpoint.",
            required="conditional: with client_secret",
            since=since("9.5"),
            updatable_since=since("9.5"),
            note="early source drafts called it auth_url",
            evidence="S,C",
        ),
        "model_id": Fact("string", description="Model name.", required=True, evidence="S,C"),
        "organization_id": Fact(
            "string", description="OpenAI organisation.", updatable_since=since("9.5"), evidence="S,C,P"
        ),
        "url": Fact("string", description="Overrides the provider URL; not filled when omitted.", evidence="S,C"),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding", "embedding"}),
            evidence="S,C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="dot_product",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding", "embedding"}),
            evidence="S,C",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding", "embedding", "completion", "chat_completion"}),
            note="absent in the specification",
            evidence="S,P",
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
        "user": Fact("string", description="End-user tag.", updatable_since=since("8.17"), evidence="S,C"),
        "headers": Fact(
            "object",
            description="Extra HTTP headers (string to string).",
            since=since("9.2"),
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
    },
    observed_name="openai",
    notes=(
        "after 9.5 (a pull request still open in August 2026, #156735) an explicit null clears user or headers on update",
        "task_settings.model or task_settings.model_id moves to service_settings.model_id",
    ),
)
