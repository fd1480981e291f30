"""Jina AI: `service: jinaai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    DENSE,
    RERANK,
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
    name="jinaai",
    title="Jina AI",
    since=since("8.18"),
    task_types={
        "text_embedding": TaskFacts(since("8.18"), rate_limit=2000),
        "rerank": TaskFacts(since("8.18"), rate_limit=2000),
        "embedding": TaskFacts(since("9.4"), rate_limit=2000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact(
            "string", "Model name (marked optional in the 8.18 and 9.0 specification).", required=True, evidence="S,C"
        ),
        "similarity": similarity(
            By("embedding_type", {"bit": "l2_norm", "binary": "l2_norm"}, "dot_product"), DENSE, evidence="S,C"
        ),
        "dimensions": dimensions(
            DENSE,
            note="sent to the provider since 9.3.0 (back-ported to 8.19.9, 9.1.9 and 9.2.3); before that a user value was at most compared with the probe (uncertain)",
            evidence="S,C,W",
        ),
        "embedding_type": Fact(
            "enum",
            "Vector element type.",
            enum=("float", "bit", "binary"),
            default="float",
            filled=True,
            fold="lower",
            since=since("8.19"),
            task_types=DENSE,
            note="GET repeats the chosen word (binary stays binary)",
            evidence="S,C",
        ),
        "max_input_tokens": max_input_tokens(since("9.5"), DENSE, evidence="S,P"),
        "multimodal_model": Fact(
            "boolean",
            "Use the multimodal request format.",
            default=True,
            filled=True,
            since=since("9.4"),
            task_types=frozenset({"embedding"}),
            note="not shown for text_embedding",
            evidence="S,C",
        ),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C,P"),
    },
    task_settings={
        "input_type": task_setting(
            "enum",
            "Purpose of the text.",
            enum=("classification", "clustering", "ingest", "search"),
            fold="lower",
            task_types=DENSE,
            note="the specification before 9.4 called the key task; the server key is input_type",
            evidence="C,R",
        ),
        "late_chunking": task_setting(
            "boolean",
            "Send the chunks of one document together; false when unset, not filled.",
            since=since("9.3"),
            task_types=DENSE,
            evidence="C,W",
        ),
        "return_documents": task_setting("boolean", "Return the document text.", task_types=RERANK, evidence="C"),
        "top_n": task_setting("integer", "Number of documents to return.", minimum=1, task_types=RERANK, evidence="C"),
    },
    observed_name="jinaai",
)
