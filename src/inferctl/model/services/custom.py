"""Custom: the `custom` service. Facts from catalog.yaml (custom); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="custom",
    title="Custom",
    since=since("8.19", "9.1"),
    task_types={
        "text_embedding": TaskFacts(since("8.19", "9.1"), rate_limit=10000),
        "sparse_embedding": TaskFacts(since("8.19", "9.1"), rate_limit=10000),
        "rerank": TaskFacts(since("8.19", "9.1"), rate_limit=10000),
        "completion": TaskFacts(since("8.19", "9.1"), rate_limit=10000),
        "embedding": TaskFacts(since("9.5"), rate_limit=10000),
    },
    service_settings={
        "secret_parameters": Fact(
            "object",
            description="Named secrets, usable as ${name} in url, headers, query and request.",
            required="required by the specification; optional in the source",
            secret=True,
            updatable_since=since("8.17"),
            note="keys must not clash with task_settings.parameters",
            evidence="S,C",
        ),
        "url": Fact(
            "string",
            description="Request URL, may hold ${...} templates.",
            required=True,
            updatable_since=since("9.5"),
            note="optional in the specification, required in the source",
            evidence="S,P",
        ),
        "headers": Fact(
            "object",
            description="HTTP headers, string to string; entries with null are dropped.",
            updatable_since=since("9.5"),
            note="left out of GET when empty",
            evidence="S,P",
        ),
        "query_parameters": Fact(
            "list",
            description="List of [key, value] pairs; repeated keys allowed.",
            updatable_since=since("9.5"),
            evidence="C,P",
        ),
        "request": Fact(
            "string",
            description="Body template as one JSON-escaped string.",
            required=True,
            updatable_since=since("9.5"),
            note="the specification types it as an object with a content key, its own example and the source use a plain string",
            evidence="S,C,P",
        ),
        "response": Fact(
            "object",
            description="How to read the response.",
            required=True,
            updatable_since=since("9.5"),
            evidence="S,C,P",
            fields={"json_parser": Fact("object", required=True)},
        ),
        "input_type": Fact(
            "object",
            description="Maps the request input type to provider words.",
            filled=True,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding", "sparse_embedding", "embedding"}),
            evidence="S,C,P",
            fields={"translation": Fact("object"), "default": Fact("string")},
        ),
        "batch_size": Fact(
            "integer",
            description="Inputs per request during ingestion.",
            minimum=1,
            default=10,
            filled=True,
            updatable_since=since("9.5"),
            evidence="S,C,P",
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
            note="absent in the specification",
            evidence="S,P",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "parameters": Fact(
            "object",
            description="Non-secret template values: strings, numbers, booleans.",
            updatable_since=since("8.17"),
            evidence="C",
        )
    },
    observed_name="custom",
    notes=(),
)
