"""AI21 Labs: the `ai21` service. Facts from catalog.yaml (ai21); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

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
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            note="the specification calls it optional; the service follows the usual required api_key secret",
            uncertain=True,
            evidence="S,C",
        ),
        "model_id": Fact("string", description="Jamba model name.", required=True, evidence="S"),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.4"),
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={},
    observed_name="ai21",
    notes=(),
)
