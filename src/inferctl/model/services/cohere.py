"""Cohere: the `cohere` service. Facts from catalog.yaml (cohere); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="cohere",
    title="Cohere",
    since=since("8.13", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.13", "9.0"), rate_limit=10000),
        "rerank": TaskFacts(since("8.14"), rate_limit=10000),
        "completion": TaskFacts(since("8.15"), rate_limit=10000),
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
        "model_id": Fact(
            "string",
            description="Model name.",
            required="true since 8.19 / 9.1 (new endpoints use provider API V2); optional before",
            note="the 9.2.0 change list has a correction around it (#136017)",
            evidence="S,C,W",
        ),
        "url": Fact(
            "string",
            description="Overrides the provider URL (meant for tests).",
            hidden=True,
            note="returned by GET in the source of 8.19 / 9.1, hidden in the parser-based source (about 9.5). Absent in the specification",
            uncertain=True,
            evidence="S",
        ),
        "api_version": Fact(
            "enum",
            description="Provider API generation, chosen by the server: V2 for new endpoints, V1 for older stored ones. Stored, never returned.",
            enum=("V1", "V2"),
            hidden=True,
            fold="lower",
            put_allowed=False,
            since=since("8.19", "9.1"),
            evidence="S",
        ),
        "embedding_type": Fact(
            "enum",
            description="Vector element type.",
            enum=("float", "int8", "byte", "binary", "bit"),
            default="float",
            filled=True,
            fold="lower",
            synonyms={"int8": "byte", "binary": "bit"},
            task_types=frozenset({"text_embedding"}),
            note="binary and bit since 8.19 / 9.1",
            evidence="S,C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            note="the default changed between releases: read it back after creation",
            uncertain=True,
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
            uncertain=True,
            evidence="S,P",
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
        "input_type": Fact(
            "enum",
            description="Purpose of the text.",
            required="false in the server; the specification marks it required from 9.1 (v3 and later models need it)",
            enum=("classification", "clustering", "ingest", "search"),
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
            note="any case on PUT (documented in upper case), lower case in GET",
            evidence="C,R",
        ),
        "return_documents": Fact(
            "boolean",
            description="Return the document text.",
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
        "top_n": Fact(
            "integer",
            description="Number of documents to return.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="C",
        ),
        "max_chunks_per_doc": Fact(
            "integer",
            description="Chunks per document for rerank. Absent in the specification.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            uncertain=True,
            evidence="R",
        ),
    },
    observed_name="cohere",
    notes=(
        "service_settings.model becomes service_settings.model_id",
        "embedding_type int8 becomes byte, binary becomes bit",
        "truncate is lower-cased",
        "url is returned until about 9.4 and hidden later",
    ),
)
