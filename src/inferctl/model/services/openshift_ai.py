"""OpenShift AI: `service: openshift_ai`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    RERANK,
    dimensions,
    max_input_tokens,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="openshift_ai",
    title="OpenShift AI",
    since=since("9.3"),
    task_types={
        "text_embedding": TaskFacts(since("9.3"), rate_limit=3000),
        "completion": TaskFacts(since("9.3"), rate_limit=3000),
        "chat_completion": TaskFacts(since("9.3"), rate_limit=3000),
        "rerank": TaskFacts(since("9.3"), rate_limit=3000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "url": Fact("string", "URL of the hosted model.", required=True, evidence="C"),
        "model_id": Fact("string", "Model name, if the host needs one.", evidence="C"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="C,P"),
        "similarity": similarity("dot_product", evidence="S,C"),
        "dimensions": dimensions(note="absent in the specification type, shown in its sample response", evidence="C,S"),
        "rate_limit": rate_limit(since("9.5"), evidence="C,P"),
    },
    task_settings={
        "return_documents": task_setting("boolean", "Return the document text.", task_types=RERANK, evidence="C"),
        "top_n": task_setting("integer", "Number of documents to return.", minimum=1, task_types=RERANK, evidence="C"),
    },
    observed_name="openshift_ai",
)
