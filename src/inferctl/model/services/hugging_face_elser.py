"""Hugging Face ELSER (hidden): the `hugging_face_elser` service. Facts from catalog.yaml (hugging_face_elser); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="hugging_face_elser",
    title="Hugging Face ELSER (hidden)",
    since=since("8.12", "9.0"),
    task_types={"sparse_embedding": TaskFacts(since("8.12", "9.0"), rate_limit=3000)},
    service_settings={
        "api_key": Fact(
            "string",
            description="API key or token sent to the provider.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="S",
        ),
        "url": Fact("string", description="Endpoint URL.", required=True, evidence="S"),
        "max_input_tokens": Fact(
            "integer",
            description="Fixed value shown by GET.",
            default=512,
            filled=True,
            put_allowed=False,
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            evidence="S",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={},
    observed_name="hugging_face_elser",
    notes=("an internal service of the plugin; not meant for users, listed for completeness",),
)
