"""DeepSeek: `service: deepseek`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import secret
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="deepseek",
    title="DeepSeek",
    since=since("8.19"),
    task_types={
        "completion": TaskFacts(since("8.19")),
        "chat_completion": TaskFacts(since("8.19")),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact("string", "Model name.", required=True, evidence="S,C"),
        "url": Fact("string", "Overrides the provider URL; not filled when omitted.", evidence="S,C"),
    },
    observed_name="deepseek",
    notes=("specification annotates 9.1; its 8.19 branch has the API",),
)
