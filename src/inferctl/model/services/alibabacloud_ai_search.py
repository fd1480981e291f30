"""AlibabaCloud AI Search: the `alibabacloud-ai-search` service. Facts from catalog.yaml (alibabacloud-ai-search); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="alibabacloud-ai-search",
    title="AlibabaCloud AI Search",
    since=since("8.16", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.16", "9.0"), rate_limit=1000),
        "sparse_embedding": TaskFacts(since("8.16", "9.0"), rate_limit=1000),
        "rerank": TaskFacts(since("8.16", "9.0"), rate_limit=1000),
        "completion": TaskFacts(since("8.16", "9.0"), rate_limit=1000),
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
        "host": Fact(
            "string",
            description="Host name of the AI Search service instance (without scheme).",
            required=True,
            evidence="S,C",
        ),
        "service_id": Fact(
            "string",
            description="Provider-side service identifier; plays the part of the model name.",
            required=True,
            note="internally reported as the model id, but the key stays service_id in PUT and GET",
            evidence="S,C",
        ),
        "workspace": Fact("string", description="Workspace name.", required=True, evidence="S,C"),
        "http_schema": Fact(
            "enum",
            description="Scheme used with host. Absent in the specification.",
            enum=("https", "http"),
            fold="lower",
            updatable_since=since("9.4"),
            note="not filled by GET when omitted; https is then used",
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
            evidence="S,R",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            evidence="S,R",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.4"),
            task_types=frozenset({"text_embedding"}),
            evidence="S,R",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.4"),
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
            description="Purpose of the text: stored document or query.",
            enum=("ingest", "search"),
            fold="lower",
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding", "sparse_embedding"}),
            evidence="C,R",
        ),
        "return_token": Fact(
            "boolean",
            description="Return token text besides the token id.",
            updatable_since=since("8.17"),
            task_types=frozenset({"sparse_embedding"}),
            note="documented default false, but not filled by GET",
            evidence="C,R",
        ),
        "parameters": Fact(
            "object",
            description="Free map of generation parameters. Absent in the specification.",
            updatable_since=since("8.17"),
            task_types=frozenset({"completion"}),
            evidence="S",
        ),
    },
    observed_name="alibabacloud-ai-search",
    notes=(),
)
