"""Voyage AI: `service: voyageai`. Sources: catalog.yaml and inference-api 8.3."""

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
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="voyageai",
    title="Voyage AI",
    since=since("8.19"),
    task_types={
        "text_embedding": TaskFacts(since("8.19"), rate_limit=2000),
        "rerank": TaskFacts(since("8.19"), rate_limit=2000),
    },
    service_settings={
        "api_key": secret(note="missing in the specification type and examples, required by the source", evidence="R"),
        "model_id": Fact("string", "Model name.", required=True, evidence="S,C"),
        "dimensions": dimensions(evidence="S,C"),
        "embedding_type": Fact(
            "enum",
            "Vector element type.",
            enum=("float", "int8", "byte", "bit", "binary"),
            default="float",
            filled=True,
            fold="lower",
            task_types=TEXT_EMBEDDING,
            note="the specification wrongly types it as a float number; always filled from 9.5, may be absent before; GET repeats the chosen word",
            evidence="S,W",
        ),
        "similarity": similarity("dot_product", note="the same for every embedding_type", evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S"),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    task_settings={
        "input_type": task_setting(
            "enum",
            "Purpose of the text.",
            enum=("ingest", "search"),
            fold="lower",
            task_types=TEXT_EMBEDDING,
            evidence="C",
        ),
        "truncation": task_setting(
            "boolean",
            "Cut long inputs; true when unset, not filled.",
            task_types=frozenset({"text_embedding", "rerank"}),
            evidence="C",
        ),
        "return_documents": task_setting(
            "boolean", "Return the document text; false when unset, not filled.", task_types=RERANK, evidence="C"
        ),
        "top_k": task_setting(
            "integer",
            "Number of documents to return (the key is top_k, not top_n).",
            minimum=1,
            task_types=RERANK,
            evidence="C",
        ),
    },
    observed_name="voyageai",
    notes=(
        "annotated 8.19, although the specification branches 8.18 and 9.0 already contain the API; the servers 8.18.0 and 9.0.0 do not know the service, 8.19.0 and 9.1.0 do",
    ),
)
