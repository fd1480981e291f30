"""Llama Stack: `service: llama`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import dimensions, max_input_tokens, rate_limit, secret, similarity
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="llama",
    title="Llama Stack",
    since=since("9.2"),
    task_types={
        "text_embedding": TaskFacts(since("9.2"), rate_limit=3000),
        "completion": TaskFacts(since("9.2"), rate_limit=3000),
        "chat_completion": TaskFacts(since("9.2"), rate_limit=3000),
    },
    service_settings={
        "api_key": secret(
            required=False,
            note="absent in the specification; the service works with and without it",
            uncertain=True,
            evidence="R",
        ),
        "url": Fact("string", "Full URL of the Llama Stack route.", required=True, evidence="S,C"),
        "model_id": Fact("string", "Model name.", required=True, evidence="S,C"),
        "dimensions": dimensions(note="used in a specification example but not declared there", evidence="S,C"),
        "similarity": similarity("dot_product", evidence="S,R"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S,R"),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    observed_name="llama",
)
