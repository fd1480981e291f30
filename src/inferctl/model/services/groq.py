"""Groq: `service: groq`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import rate_limit, secret, task_setting
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="groq",
    title="Groq",
    since=since("9.3"),
    task_types={
        "chat_completion": TaskFacts(since("9.3"), rate_limit=1000),
    },
    service_settings={
        "api_key": secret(note="optional in the specification", evidence="S,C"),
        "model_id": Fact("string", "Model name.", required=True, evidence="C"),
        "organization_id": Fact(
            "string",
            "Organisation header. Absent in the specification.",
            updatable_since=since("9.5"),
            update_note="null clears it in the newest source",
            evidence="S,P",
        ),
        "url": Fact(
            "string", "Overrides the provider URL; not filled when omitted. Absent in the specification.", evidence="S"
        ),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C,P"),
    },
    task_settings={
        "user": task_setting(
            "string", "End-user tag (inherited from the OpenAI chat settings).", uncertain=True, evidence="R"
        ),
        "headers": task_setting("object", "Extra HTTP headers.", items="string", uncertain=True, evidence="R"),
    },
    observed_name="groq",
)
