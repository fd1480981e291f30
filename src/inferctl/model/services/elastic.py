"""Elastic Inference Service: the `elastic` service. Facts from catalog.yaml (elastic); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import Version, since

SERVICE = Service(
    name="elastic",
    title="Elastic Inference Service",
    since=since("8.16", "9.0"),
    task_types={
        "sparse_embedding": TaskFacts(since("8.16")),
        "chat_completion": TaskFacts(since("8.18", "9.0")),
        "completion": TaskFacts(since("9.3")),
        "text_embedding": TaskFacts(since("8.19", "9.1")),
        "rerank": TaskFacts(since("8.19", "9.1")),
        "embedding": TaskFacts(since("9.4")),
    },
    service_settings={
        "model_id": Fact(
            "string",
            description="Model name known to the service, e.g. elser_model_2.",
            required=True,
            evidence="S,P",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            task_types=frozenset({"sparse_embedding", "text_embedding", "embedding"}),
            evidence="S",
        ),
        "max_batch_size": Fact(
            "integer",
            description="Inputs per request.",
            minimum=1,
            since=since("9.3"),
            updatable_since=since("9.5"),
            task_types=frozenset({"sparse_embedding", "text_embedding", "embedding"}),
            uncertain=True,
            evidence="S,P,W",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="cosine",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding", "embedding"}),
            evidence="S",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding", "embedding"}),
            uncertain=True,
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Allowed and returned only until 9.1; from 9.2 a PUT that carries it is rejected and GET omits it.",
            until=Version(9, 1),
            evidence="S,P",
        ),
    },
    task_settings={
        "reasoning": Fact(
            "object",
            description="Reasoning options for chat_completion.",
            since=since("9.5"),
            updatable_since=since("9.5"),
            task_types=frozenset({"chat_completion"}),
            note="layout from the pull request (#152230); with another task type the PUT fails",
            uncertain=True,
            evidence="P,W",
            fields={
                "effort": Fact("enum", enum=("xhigh", "high", "medium", "low", "minimal", "none"), fold="lower"),
                "summary": Fact("enum", enum=("auto", "concise", "detailed"), fold="lower"),
                "exclude": Fact("boolean"),
                "enabled": Fact("boolean", note="when false, effort must be given"),
            },
        )
    },
    observed_name="elastic",
    notes=("usable by users from about 8.18 / 9.0; generally available in 9.2",),
)
