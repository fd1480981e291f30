"""Cohere: `service: cohere`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    RERANK,
    TEXT_EMBEDDING,
    dimensions,
    max_input_tokens,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import By, Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="cohere",
    title="Cohere",
    since=since("8.13"),
    task_types={
        "text_embedding": TaskFacts(since("8.13"), rate_limit=10000),
        "rerank": TaskFacts(since("8.14"), rate_limit=10000, uncertain=True),
        "completion": TaskFacts(since("8.15"), rate_limit=10000, uncertain=True),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact(
            "string",
            "Model name.",
            required="true since 8.19 / 9.1 (new endpoints use provider API V2); optional before",
            required_since=since("8.19"),
            aliases=("model",),
            note="the 9.2.0 change list has a correction around it (#136017)",
            evidence="S,C,W",
        ),
        "url": Fact(
            "string",
            "Overrides the provider URL (meant for tests).",
            unseen=frozenset({"text_embedding", "rerank", "completion"}),
            note="returned by GET in the source of 8.19 / 9.1, hidden in the parser-based source (about 9.5). Absent in the specification",
            uncertain=True,
            evidence="S",
        ),
        "api_version": Fact(
            "enum",
            "Provider API generation, chosen by the server: V2 for new endpoints, V1 for older stored ones. Stored, never returned.",
            enum=("V1", "V2"),
            hidden=True,
            fold="lower",
            put_allowed=False,
            since=since("8.19"),
            evidence="S",
        ),
        "embedding_type": Fact(
            "enum",
            "Vector element type.",
            enum=("float", "int8", "byte", "binary", "bit"),
            enum_since={"binary": since("8.19"), "bit": since("8.19")},
            default="float",
            filled=True,
            fold="lower",
            synonyms={"int8": "byte", "binary": "bit"},
            task_types=TEXT_EMBEDDING,
            note="binary and bit since 8.19 / 9.1",
            evidence="S,C",
        ),
        "similarity": similarity(
            By("embedding_type", {"bit": "l2_norm", "binary": "l2_norm"}, "cosine"),
            note="the default changed between releases: read it back after creation",
            uncertain=True,
            evidence="S",
        ),
        "dimensions": dimensions(evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), updatable_uncertain=True, evidence="S,P"),
        "rate_limit": rate_limit(since("9.5"), updatable_uncertain=True, evidence="S,C"),
    },
    task_settings={
        "input_type": task_setting(
            "enum",
            "Purpose of the text.",
            required="false in the server; the specification marks it required from 9.1 (v3 and later models need it)",
            enum=("classification", "clustering", "ingest", "search"),
            fold="lower",
            task_types=TEXT_EMBEDDING,
            evidence="C",
        ),
        "truncate": task_setting(
            "enum",
            "Side on which long inputs are cut.",
            enum=("none", "start", "end"),
            fold="lower",
            task_types=TEXT_EMBEDDING,
            evidence="C,R",
        ),
        "return_documents": task_setting("boolean", "Return the document text.", task_types=RERANK, evidence="C"),
        "top_n": task_setting("integer", "Number of documents to return.", minimum=1, task_types=RERANK, evidence="C"),
        "max_chunks_per_doc": task_setting(
            "integer",
            "Chunks per document for rerank. Absent in the specification.",
            minimum=1,
            task_types=RERANK,
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
