"""DeepSeek: the `deepseek` service. Facts from catalog.yaml (deepseek); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="deepseek",
    title="DeepSeek",
    since=since("8.19", "9.1"),
    task_types={
        "completion": TaskFacts(since("8.19", "9.1")),
        "chat_completion": TaskFacts(since("8.19", "9.1")),
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
        "model_id": Fact("string", description="Model name.", required=True, evidence="S,C"),
        "url": Fact("string", description="Overrides the provider URL; not filled when omitted.", evidence="S,C"),
    },
    task_settings={},
    observed_name="deepseek",
    notes=("specification annotates 9.1; its 8.19 branch has the API",),
)
