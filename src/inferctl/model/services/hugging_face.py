"""Hugging Face: `service: hugging_face`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    CHAT,
    RERANK,
    TEXT_EMBEDDING,
    dimensions,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import By, Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="hugging_face",
    title="Hugging Face",
    since=since("8.12"),
    task_types={
        "text_embedding": TaskFacts(since("8.12"), rate_limit=3000),
        "sparse_embedding": TaskFacts(
            since("8.12"), rate_limit=3000, uncertain=True, note="served by the source, absent in the specification"
        ),
        "completion": TaskFacts(since("8.19"), rate_limit=3000),
        "chat_completion": TaskFacts(since("8.19"), rate_limit=3000),
        "rerank": TaskFacts(since("8.19"), rate_limit=3000),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "url": Fact("string", "Endpoint URL.", required=True, evidence="S,C"),
        "model_id": Fact(
            "string",
            "Model name for serverless chat endpoints; refused for text_embedding.",
            since=since("8.19"),
            task_types=CHAT,
            evidence="C",
        ),
        "similarity": similarity("cosine", evidence="S"),
        "dimensions": dimensions(note="absent in the specification", evidence="S"),
        "max_input_tokens": Fact(
            "integer",
            "Optional for text_embedding; fixed to 512 and not accepted for sparse_embedding.",
            minimum=1,
            default=By("task_type", {"sparse_embedding": 512}),
            filled=True,
            put_allowed=TEXT_EMBEDDING,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding", "sparse_embedding"}),
            evidence="S,P",
        ),
        "rate_limit": rate_limit(
            since("9.5"),
            note="from the parser rewrite after 9.5 an explicit null on creation is an error; on update null resets to the default",
            evidence="S,C",
        ),
    },
    task_settings={
        "return_documents": task_setting("boolean", "Return the document text.", task_types=RERANK, evidence="C"),
        "top_n": task_setting("integer", "Number of documents to return.", minimum=1, task_types=RERANK, evidence="C"),
    },
    observed_name="hugging_face",
)
