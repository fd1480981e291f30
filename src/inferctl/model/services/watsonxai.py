"""IBM watsonx: `service: watsonxai`. Sources: catalog.yaml and inference-api 8.3."""

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
    name="watsonxai",
    title="IBM watsonx",
    since=since("8.16"),
    task_types={
        "text_embedding": TaskFacts(since("8.16"), rate_limit=120),
        "rerank": TaskFacts(
            since("8.18"),
            rate_limit=120,
            note="known to the servers 8.18.0 and 9.0.0, although the 9.1 specification leaves it out",
        ),
        "completion": TaskFacts(
            since("9.2"), rate_limit=120, note="the 9.1 specification lists it, the server 9.1.0 does not know it"
        ),
        "chat_completion": TaskFacts(since("9.2"), rate_limit=120, note="as completion"),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "url": Fact("string", "URL of the watsonx deployment.", required=True, evidence="S,C"),
        "api_version": Fact("string", "Version date YYYY-MM-DD.", required=True, evidence="S,C"),
        "model_id": Fact("string", "Model name.", required=True, evidence="S,C"),
        "project_id": Fact("string", "IBM Cloud project.", required=True, evidence="S,C"),
        "similarity": similarity("dot_product", evidence="S"),
        "dimensions": dimensions(uncertain=True, evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), evidence="S,P"),
        "rate_limit": rate_limit(since("9.5"), evidence="S,C"),
    },
    task_settings={
        "return_documents": task_setting(
            "boolean", "Return the document text. Absent in the specification.", task_types=RERANK, evidence="S"
        ),
        "top_n": task_setting(
            "integer",
            "Number of documents to return. Absent in the specification.",
            minimum=1,
            task_types=RERANK,
            evidence="S",
        ),
        "truncate_input_tokens": task_setting(
            "integer", "Token cut per input. Absent in the specification.", minimum=1, task_types=RERANK, evidence="S"
        ),
    },
    observed_name="watsonxai",
)
