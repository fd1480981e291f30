"""Mistral: `service: mistral`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import dimensions, max_input_tokens, rate_limit, secret, similarity
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="mistral",
    title="Mistral",
    since=since("8.15"),
    task_types={
        "text_embedding": TaskFacts(since("8.15"), rate_limit=240),
        "completion": TaskFacts(since("8.19"), rate_limit=240),
        "chat_completion": TaskFacts(since("8.19"), rate_limit=240),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model": Fact(
            "string", "Model name. The key is model, not model_id, in PUT and GET.", required=True, evidence="S,C"
        ),
        "similarity": similarity("dot_product", evidence="S"),
        "dimensions": dimensions(note="absent in the specification", evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S,C"),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    observed_name="mistral",
)
