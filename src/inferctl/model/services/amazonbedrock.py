"""Amazon Bedrock: `service: amazonbedrock`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import (
    CHAT,
    TEXT_EMBEDDING,
    dimensions,
    max_input_tokens,
    rate_limit,
    secret,
    similarity,
    task_setting,
)
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.rules import Providers, Refuses, When
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="amazonbedrock",
    title="Amazon Bedrock",
    since=since("8.15"),
    task_types={
        "text_embedding": TaskFacts(since("8.15"), rate_limit=240),
        "completion": TaskFacts(since("8.15"), rate_limit=240),
        "chat_completion": TaskFacts(since("9.4"), rate_limit=240),
    },
    service_settings={
        "access_key": secret("AWS access key id.", update_note="must be sent together with secret_key", evidence="S,C"),
        "secret_key": secret(
            "AWS secret access key.", update_note="must be sent together with access_key", evidence="S,C"
        ),
        "region": Fact("string", "AWS region of the model.", required=True, evidence="S,C"),
        "model": Fact(
            "string",
            "Base model id or ARN. The key is model, not model_id, in PUT and GET.",
            required=True,
            evidence="S,C",
        ),
        "provider": Fact(
            "enum",
            "Model family behind the id.",
            required=True,
            enum=("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"),
            fold="upper",
            note="optional in the specification, required in the source",
            evidence="S,C",
        ),
        "similarity": similarity("cosine", evidence="S"),
        "dimensions": dimensions(
            put_allowed=False, note="a PUT that carries it is rejected although GET shows it", evidence="S"
        ),
        "max_input_tokens": max_input_tokens(since("9.5"), updatable_uncertain=True, evidence="S"),
        "rate_limit": rate_limit(
            since("9.5"), updatable_uncertain=True, note="the 8.18 and 9.0 specification says 120", evidence="S,C"
        ),
    },
    task_settings={
        "temperature": task_setting(
            "number", "Sampling temperature.", minimum=0.0, maximum=1.0, task_types=CHAT, evidence="C,R"
        ),
        "top_p": task_setting(
            "number", "Nucleus sampling threshold.", minimum=0.0, maximum=1.0, task_types=CHAT, evidence="C,R"
        ),
        "top_k": task_setting(
            "number",
            "Top-K sampling, only for some providers.",
            minimum=0.0,
            maximum=1.0,
            task_types=CHAT,
            note="the source shares one 0..1 range with temperature and top_p (from memory); rejected for providers outside provider_matrix.top_k_allowed",
            uncertain=True,
            evidence="C,R",
        ),
        "max_new_tokens": task_setting(
            "integer",
            "Output token limit.",
            minimum=1,
            task_types=CHAT,
            note="64 is applied when calling the provider; no code that fills it into GET was seen (azureaistudio has such code)",
            evidence="C,R",
        ),
        "truncate": task_setting(
            "enum",
            "How the cohere provider cuts long inputs. Absent in the specification.",
            enum=("none", "start", "end"),
            fold="lower",
            since=since("8.19"),
            task_types=TEXT_EMBEDDING,
            evidence="S",
        ),
    },
    observed_name="amazonbedrock",
    rules=(
        Providers(
            {
                "text_embedding": {"": ("amazontitan", "cohere")},
                "completion": {"": ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral")},
                "chat_completion": {"": ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral")},
            }
        ),
        Refuses(
            ("top_k",),
            When(CHAT, "provider", frozenset({"amazontitan", "ai21labs", "meta"})),
            "only anthropic, cohere and mistral take top_k",
            part="task_settings",
        ),
        Refuses(
            ("truncate",),
            When(TEXT_EMBEDDING, "provider", frozenset({"amazontitan"})),
            "only cohere takes truncate",
            part="task_settings",
        ),
    ),
    notes=(
        "the specification annotates 8.12, but the source gates the service on the 8.15 transport version",
        "provider value: lower case in PUT becomes upper case in GET",
    ),
)
