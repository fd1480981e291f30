"""Contextual AI: `service: contextualai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import rate_limit, secret, task_setting
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import Version, since

SERVICE = Service(
    name="contextualai",
    title="Contextual AI",
    since=since("9.2"),
    task_types={
        "rerank": TaskFacts(since("9.2"), rate_limit=1000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact("string", "Rerank model name.", required=True, evidence="C"),
        "url": Fact(
            "string",
            "Overrides the provider URL (meant for tests).",
            unseen=frozenset({"rerank"}),
            until=Version(9, 4),
            note="a wire version of 9.5 removes this setting, so it is an unknown key from 9.5 on; whether GET showed it before was not read. Absent in the specification",
            uncertain=True,
            evidence="S,W",
        ),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    task_settings={
        "instruction": task_setting("string", "Instruction for the reranker.", evidence="C"),
        "top_k": task_setting(
            "integer",
            "Number of documents to return.",
            minimum=1,
            note="several integration bugs were fixed in 9.5",
            evidence="C",
        ),
    },
    observed_name="contextualai",
)
