"""Elastic Inference Service: `service: elastic`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inferctl.model.services.common import DENSE, dimensions, max_input_tokens, similarity
from inferctl.model.services.facts import Fact, Problem, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import Version, since

if TYPE_CHECKING:
    from inferctl.model.services.rules import Asked


def _effort(asked: Asked) -> list[Problem]:
    """reasoning with enabled: false needs effort."""
    reasoning = asked.task_settings.get("reasoning")
    if not isinstance(reasoning, Mapping) or reasoning.get("enabled") is not False or "effort" in reasoning:
        return []
    return [Problem(("task_settings", "reasoning", "effort"), "field.missing", "effort is missing in reasoning",
                    "it must be given where enabled is false", "reasoning: {enabled: false, effort: none}", "key")]  # fmt: skip


SERVICE = Service(
    name="elastic",
    title="Elastic Inference Service",
    since=since("8.16"),
    task_types={
        "sparse_embedding": TaskFacts(since("8.16"), rate_limit=1000, rate_limit_until=Version(9, 1)),
        "chat_completion": TaskFacts(since("8.18"), rate_limit=240, rate_limit_until=Version(9, 1)),
        "completion": TaskFacts(since("9.3"), uncertain=True),
        "text_embedding": TaskFacts(since("8.19"), rate_limit=10000, rate_limit_until=Version(9, 1)),
        "rerank": TaskFacts(since("8.19"), rate_limit=500, rate_limit_until=Version(9, 1)),
        "embedding": TaskFacts(since("9.4")),
    },
    service_settings={
        "model_id": Fact(
            "string", "Model name known to the service, e.g. elser_model_2.", required=True, evidence="S,P"
        ),
        "max_input_tokens": max_input_tokens(
            None, frozenset({"sparse_embedding", "text_embedding", "embedding"}), evidence="S"
        ),
        "max_batch_size": Fact(
            "integer",
            "Inputs per request.",
            minimum=1,
            since=since("9.3"),
            updatable_since=since("9.5"),
            updatable_uncertain=True,
            task_types=frozenset({"sparse_embedding", "text_embedding", "embedding"}),
            note="back-ported to 8.19.11 and 9.2.5; there is a server-side upper bound, value not found",
            uncertain=True,
            evidence="S,P,W",
        ),
        "similarity": similarity("cosine", DENSE, evidence="S"),
        "dimensions": dimensions(DENSE, uncertain=True, evidence="S"),
        "rate_limit": Fact(
            "object",
            "Allowed and returned only until 9.1; from 9.2 a PUT that carries it is rejected and GET omits it.",
            filled=True,
            until=Version(9, 1),
            fields={"requests_per_minute": Fact("integer", "Requests per minute.", minimum=1, maximum=2**63 - 1)},
            evidence="S,P",
        ),
    },
    task_settings={
        "reasoning": Fact(
            "object",
            "Reasoning options for chat_completion.",
            since=since("9.5"),
            updatable_since=since("9.5"),
            task_types=frozenset({"chat_completion"}),
            fields={
                "effort": Fact(
                    "enum",
                    "How long the model may think.",
                    enum=("xhigh", "high", "medium", "low", "minimal", "none"),
                    fold="lower",
                ),
                "summary": Fact(
                    "enum", "How much of the thinking is told.", enum=("auto", "concise", "detailed"), fold="lower"
                ),
                "exclude": Fact("boolean", "Leave the thinking out of the answer."),
                "enabled": Fact("boolean", "Whether the model thinks first.", note="when false, effort must be given"),
            },
            note="layout from the pull request (#152230); with another task type the PUT fails",
            update_note="tri-state, an explicit null clears it, left out keeps it",
            uncertain=True,
            evidence="P,W",
        ),
    },
    observed_name="elastic",
    rules=(_effort,),
    notes=("usable by users from about 8.18 / 9.0; generally available in 9.2",),
    uncertain=True,
)
