"""Anthropic: `service: anthropic`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.services.common import rate_limit, secret, task_setting
from inferctl.model.services.facts import Fact, Problem, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

if TYPE_CHECKING:
    from inferctl.model.services.rules import Asked


def _one_of_top(asked: Asked) -> list[Problem]:
    """No top_k beside top_p: the server shows both under the key top_p."""
    if not {"top_k", "top_p"} <= set(asked.task_settings):
        return []
    return [Problem(("task_settings", "top_k"), "rule.exclusive", "top_k cannot stand beside top_p",
                    "the server shows both under the key top_p, so neither could be read back", "remove one", "key")]  # fmt: skip


SERVICE = Service(
    name="anthropic",
    title="Anthropic",
    since=since("8.15"),
    task_types={
        "completion": TaskFacts(since("8.15"), rate_limit=50),
        "chat_completion": TaskFacts(since("9.5"), rate_limit=50),
    },
    service_settings={
        "api_key": secret(evidence="S,C"),
        "model_id": Fact("string", "Claude model name.", required=True, evidence="C,R"),
        "rate_limit": rate_limit(since("9.5"), updatable_uncertain=True, evidence="C,R"),
    },
    task_settings={
        "max_tokens": task_setting(
            "integer",
            "Output token limit.",
            required=True,
            minimum=1,
            update_note="an update must always repeat max_tokens; the other keys are then replaced, not merged",
            evidence="S,C",
        ),
        "temperature": task_setting(
            "float",
            "Sampling temperature, not range-checked by Elasticsearch.",
            note="must be a JSON floating-point number: an integer literal fails the type check",
            evidence="S,C",
        ),
        "top_p": task_setting("float", "Nucleus sampling.", note="must be a floating-point literal", evidence="S,C"),
        "top_k": task_setting(
            "integer",
            "Top-K sampling.",
            shown_as="top_p",
            note="GET shows it under the key top_p (a bug of the server; it may break later reads)",
            evidence="S,C",
        ),
    },
    observed_name="anthropic",
    rules=(_one_of_top,),
    notes=(
        "specification says 8.16; source transport gate is 8.15",
        "task_settings.top_k comes back as task_settings.top_p (source bug; fix version unknown)",
    ),
    uncertain=True,
)
