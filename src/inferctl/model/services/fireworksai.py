"""Fireworks AI: `service: fireworksai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    CHAT,
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
    name="fireworksai",
    title="Fireworks AI",
    since=since("9.4"),
    task_types={
        "text_embedding": TaskFacts(since("9.4"), rate_limit=6000),
        "completion": TaskFacts(since("9.4"), rate_limit=6000),
        "chat_completion": TaskFacts(since("9.4"), rate_limit=6000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact("string", "Model name.", required=True, evidence="S,C"),
        "url": Fact(
            "string",
            "Overrides the provider URL.",
            default=By("task_type", {"text_embedding": "https://api.fireworks.ai/inference/v1/embeddings"}),
            filled=True,
            note="filled into GET for text_embedding only",
            evidence="S,C",
        ),
        "dimensions": dimensions(evidence="S,C"),
        "similarity": similarity("cosine", evidence="S,C"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S,P"),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    task_settings={
        "user": task_setting("string", "End-user tag.", task_types=CHAT, evidence="C"),
        "headers": task_setting("object", "Extra HTTP headers.", task_types=CHAT, items="string", evidence="C"),
    },
    observed_name="fireworksai",
)
