"""AI21 Labs: `service: ai21`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import rate_limit, secret
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="ai21",
    title="AI21 Labs",
    since=since("9.2"),
    task_types={
        "completion": TaskFacts(since("9.2"), rate_limit=200),
        "chat_completion": TaskFacts(since("9.2"), rate_limit=200),
    },
    service_settings={
        "api_key": secret(
            note="the specification calls it optional; the service follows the usual required api_key secret",
            uncertain=True,
            evidence="S,C",
        ),
        "model_id": Fact("string", "Jamba model name.", required=True, evidence="S"),
        "rate_limit": rate_limit(since("9.4"), update_note="in the 9.4.0 change list (#142597)", evidence="S,C"),
    },
    observed_name="ai21",
)
