"""Nvidia: `service: nvidia`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
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
    name="nvidia",
    title="Nvidia",
    since=since("9.3"),
    task_types={
        "text_embedding": TaskFacts(since("9.3"), rate_limit=3000),
        "completion": TaskFacts(since("9.3"), rate_limit=3000),
        "chat_completion": TaskFacts(since("9.3"), rate_limit=3000),
        "rerank": TaskFacts(since("9.3"), rate_limit=3000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact("string", "Model name.", required=True, evidence="C"),
        "url": Fact("string", "Overrides the provider URL; not filled when omitted.", evidence="C"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S,C"),
        "similarity": similarity("dot_product", evidence="C"),
        "dimensions": dimensions(put_allowed=False, note="not accepted on PUT, shown by GET", evidence="S,C"),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    task_settings={
        "input_type": task_setting(
            "enum",
            "Purpose of the text; query is assumed when unset.",
            enum=("ingest", "search"),
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
            evidence="C",
        ),
    },
    observed_name="nvidia",
    notes=("truncate is lower-cased",),
)
