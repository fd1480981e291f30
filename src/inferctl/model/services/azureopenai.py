"""Azure OpenAI: the `azureopenai` service. Facts from catalog.yaml (azureopenai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="azureopenai",
    title="Azure OpenAI",
    since=since("8.14", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.14", "9.0"), rate_limit=1440),
        "completion": TaskFacts(since("8.14", "9.0"), rate_limit=120),
        "chat_completion": TaskFacts(since("9.3"), rate_limit=120),
    },
    service_settings={
        "api_key": Fact(
            "string",
            description="Azure API key.",
            required="conditional: exactly one of api_key, entra_id, client_secret",
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "entra_id": Fact(
            "string",
            description="Microsoft Entra token.",
            required="conditional: exactly one of api_key, entra_id, client_secret",
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "client_secret": Fact(
            "string",
            description="OAuth 2.0 application secret.",
            required="conditional: exactly one of api_key, entra_id, client_secret; needs client_id, scopes, tenant_id",
            secret=True,
            since=since("9.4"),
            updatable_since=since("9.4"),
            evidence="S,C",
        ),
        "client_id": Fact(
            "string",
            description="OAuth 2.0 application id.",
            required="conditional: with client_secret",
            since=since("9.4"),
            updatable_since=since("9.5"),
            note="updatable only if OAuth was configured at creation",
            uncertain=True,
            evidence="S,C",
        ),
        "tenant_id": Fact(
            "string",
            description="OAuth 2.0 directory tenant.",
            required="conditional: with client_secret",
            since=since("9.4"),
            updatable_since=since("9.5"),
            uncertain=True,
            evidence="S,C",
        ),
        "scopes": Fact(
            "list",
            description="OAuth 2.0 scopes.",
            required="conditional: with client_secret",
            since=since("9.4"),
            updatable_since=since("9.5"),
            uncertain=True,
            evidence="S,C",
        ),
        "resource_name": Fact("string", description="Azure resource name.", required=True, evidence="S,C"),
        "deployment_id": Fact("string", description="Name of the model deployment.", required=True, evidence="S,C"),
        "api_version": Fact("string", description="Azure API version.", required=True, evidence="S,C"),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            note="absent in the specification but accepted by the source",
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
        "user": Fact("string", description="End-user tag.", updatable_since=since("8.17"), evidence="C"),
        "headers": Fact(
            "object",
            description="Extra HTTP headers (string to string).",
            since=since("9.4"),
            updatable_since=since("8.17"),
            evidence="C",
        ),
    },
    observed_name="azureopenai",
    notes=(),
)
