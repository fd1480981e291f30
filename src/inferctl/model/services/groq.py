"""Groq: the `groq` service. Facts from catalog.yaml (groq); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="groq",
    title="Groq",
    since=since("9.3"),
    task_types={"chat_completion": TaskFacts(since("9.3"), rate_limit=1000)},
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            note="optional in the specification",
            evidence="S,C",
        ),
        "model_id": Fact("string", description="Model name.", required=True, evidence="C"),
        "organization_id": Fact(
            "string",
            description="Organisation header. Absent in the specification.",
            updatable_since=since("9.5"),
            evidence="S,P",
        ),
        "url": Fact(
            "string",
            description="Overrides the provider URL; not filled when omitted. Absent in the specification.",
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            evidence="S,C,P",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "user": Fact(
            "string",
            description="End-user tag (inherited from the OpenAI chat settings).",
            updatable_since=since("8.17"),
            uncertain=True,
            evidence="R",
        ),
        "headers": Fact(
            "object",
            description="Extra HTTP headers.",
            updatable_since=since("8.17"),
            uncertain=True,
            evidence="R",
        ),
    },
    observed_name="groq",
    notes=(),
)
