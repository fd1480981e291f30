"""Contextual AI: the `contextualai` service. Facts from catalog.yaml (contextualai); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import Version, since

SERVICE = Service(
    name="contextualai",
    title="Contextual AI",
    since=since("9.2"),
    task_types={"rerank": TaskFacts(since("9.2"), rate_limit=1000)},
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "model_id": Fact("string", description="Rerank model name.", required=True, evidence="C"),
        "url": Fact(
            "string",
            description="Overrides the provider URL (meant for tests).",
            until=Version(9, 4),
            note="a wire version of 9.5 removes this setting, so it is an unknown key from 9.5 on; whether GET showed it before was not read. Absent in the specification",
            uncertain=True,
            evidence="S,W",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "instruction": Fact(
            "string", description="Instruction for the reranker.", updatable_since=since("8.17"), evidence="C"
        ),
        "top_k": Fact(
            "integer",
            description="Number of documents to return.",
            minimum=1,
            updatable_since=since("8.17"),
            note="several integration bugs were fixed in 9.5",
            evidence="C",
        ),
    },
    observed_name="contextualai",
    notes=(),
)
