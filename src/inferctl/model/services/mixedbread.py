"""Mixedbread: `service: mixedbread`. Sources: catalog.yaml and inference-api 8.3."""

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
from inferctl.model.versions import UNRELEASED, since

SERVICE = Service(
    name="mixedbread",
    title="Mixedbread",
    since=since("9.4"),
    task_types={
        "rerank": TaskFacts(
            since("9.4"), rate_limit=100, uncertain=True, note="100 in the newest source read, 240 in an earlier draft"
        ),
        "text_embedding": TaskFacts(
            UNRELEASED, rate_limit=100, uncertain=True, note="its pull request was closed; treat as not released"
        ),
    },
    service_settings={
        "api_key": secret(evidence="P"),
        "model_id": Fact("string", "Model name.", required=True, evidence="P"),
        "url": Fact(
            "string",
            "Overrides the provider URL.",
            filled=True,
            note="in the newest source read GET always shows it, with the default URL when it was not given",
            uncertain=True,
            evidence="S,P",
        ),
        "dimensions": dimensions(uncertain=True, evidence="S"),
        "similarity": similarity("dot_product", uncertain=True, evidence="R"),
        "max_input_tokens": max_input_tokens(since("9.5"), uncertain=True, evidence="S"),
        "rate_limit": rate_limit(since("9.5"), uncertain=True, evidence="P"),
    },
    task_settings={
        "top_n": task_setting(
            "integer", "Number of documents to return.", minimum=1, task_types=RERANK, uncertain=True, evidence="R"
        ),
        "return_documents": task_setting(
            "boolean", "Return the document text.", task_types=RERANK, uncertain=True, evidence="R"
        ),
        "prompt": task_setting(
            "string", "Prompt for embeddings.", task_types=TEXT_EMBEDDING, uncertain=True, evidence="P"
        ),
        "normalized": task_setting(
            "boolean", "Normalise embeddings.", task_types=TEXT_EMBEDDING, uncertain=True, evidence="P"
        ),
    },
    observed_name="mixedbread",
    notes=("rerank was merged early in 2026; a draft of the specification (never merged into main) says 9.3",),
    uncertain=True,
)
