"""Google AI Studio: `service: googleaistudio`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import TEXT_EMBEDDING, dimensions, max_input_tokens, rate_limit, secret, similarity
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="googleaistudio",
    title="Google AI Studio",
    since=since("8.15"),
    task_types={
        "text_embedding": TaskFacts(since("8.15"), rate_limit=360),
        "completion": TaskFacts(since("8.15"), rate_limit=360),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact("string", "Gemini model name.", required=True, evidence="S,C"),
        "similarity": similarity("dot_product", evidence="S,R"),
        "dimensions": dimensions(note="absent in the specification", evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S"),
        "rate_limit": rate_limit(
            since("9.5"),
            unseen=TEXT_EMBEDDING,
            note="older source stored rate_limit of text_embedding but left it out of GET; the source with the 9.5 update support shows it (exact minor uncertain)",
            evidence="S,C",
        ),
    },
    observed_name="googleaistudio",
)
