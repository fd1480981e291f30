"""Azure AI Studio: `service: azureaistudio`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    RERANK,
    TEXT_EMBEDDING,
    dimensions,
    max_input_tokens,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.rules import Providers
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="azureaistudio",
    title="Azure AI Studio",
    since=since("8.14"),
    task_types={
        "text_embedding": TaskFacts(since("8.14"), rate_limit=240),
        "completion": TaskFacts(since("8.14"), rate_limit=240),
        "rerank": TaskFacts(since("9.2"), rate_limit=240),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "target": Fact("string", "URL of the model deployment.", required=True, evidence="S,C"),
        "provider": Fact(
            "enum",
            "Model provider.",
            required=True,
            enum=("openai", "mistral", "meta", "microsoft_phi", "cohere", "databricks"),
            fold="lower",
            evidence="S,C",
        ),
        "endpoint_type": Fact(
            "enum",
            "Billing flavour of the deployment.",
            required=True,
            enum=("token", "realtime"),
            fold="lower",
            evidence="S,C",
        ),
        "similarity": similarity("dot_product", evidence="S,R"),
        "dimensions": dimensions(evidence="S"),
        "max_input_tokens": max_input_tokens(since("9.5"), updatable_uncertain=True, evidence="S"),
        "rate_limit": rate_limit(since("9.5"), updatable_uncertain=True, evidence="S,C"),
    },
    task_settings={
        "temperature": task_setting(
            "number",
            "Sampling temperature.",
            minimum=0.0,
            maximum=2.0,
            task_types=frozenset({"completion"}),
            evidence="S,C",
        ),
        "top_p": task_setting(
            "number",
            "Nucleus sampling.",
            minimum=0.0,
            maximum=2.0,
            task_types=frozenset({"completion"}),
            evidence="S,C",
        ),
        "do_sample": task_setting(
            "boolean",
            "Turn sampling on.",
            task_types=frozenset({"completion"}),
            note="the specification types it as a float; the source accepts only a boolean",
            evidence="S",
        ),
        "max_new_tokens": task_setting(
            "integer",
            "Output token hint.",
            minimum=1,
            default=64,
            filled=True,
            task_types=frozenset({"completion"}),
            note="filled with 64 after the probe call of PUT (from 9.4 also of _update), so GET shows it; not filled when xpack.inference.skip_validate_and_start is on",
            evidence="S,C",
        ),
        "user": task_setting("string", "End-user tag.", task_types=TEXT_EMBEDDING, evidence="C"),
        "return_documents": task_setting(
            "boolean", "Return the document text.", since=since("9.2"), task_types=RERANK, evidence="C"
        ),
        "top_n": task_setting(
            "integer", "Number of documents to return.", minimum=1, since=since("9.2"), task_types=RERANK, evidence="C"
        ),
    },
    observed_name="azureaistudio",
    rules=(
        Providers(
            {
                "text_embedding": {"token": ("openai", "cohere"), "realtime": ()},
                "completion": {
                    "token": ("openai", "meta", "cohere"),
                    "realtime": ("mistral", "meta", "microsoft_phi", "databricks"),
                },
                "rerank": {"token": ("cohere",), "realtime": ()},
            },
            by="endpoint_type",
        ),
    ),
    notes=("specification 8.14; the source transport gate is 8.15",),
    uncertain=True,
)
