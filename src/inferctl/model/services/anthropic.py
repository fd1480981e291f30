"""Anthropic: the `anthropic` service. Facts from catalog.yaml (anthropic); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="anthropic",
    title="Anthropic",
    since=since("8.15", "9.0"),
    task_types={
        "completion": TaskFacts(since("8.15", "9.0"), rate_limit=50),
        "chat_completion": TaskFacts(since("9.5"), rate_limit=50),
    },
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "model_id": Fact("string", description="Claude model name.", required=True, evidence="C,R"),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            uncertain=True,
            evidence="C,R",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "max_tokens": Fact(
            "integer",
            description="Output token limit.",
            required=True,
            minimum=1,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "temperature": Fact(
            "number",
            description="Sampling temperature, not range-checked by Elasticsearch.",
            updatable_since=since("8.17"),
            note="must be a JSON floating-point number: an integer literal fails the type check",
            evidence="S,C",
        ),
        "top_p": Fact(
            "number",
            description="Nucleus sampling.",
            updatable_since=since("8.17"),
            note="must be a floating-point literal",
            evidence="S,C",
        ),
        "top_k": Fact("integer", description="Top-K sampling.", updatable_since=since("8.17"), evidence="S,C"),
    },
    observed_name="anthropic",
    notes=(
        "specification says 8.16; source transport gate is 8.15",
        "task_settings.top_k comes back as task_settings.top_p (source bug; fix version unknown)",
    ),
)
