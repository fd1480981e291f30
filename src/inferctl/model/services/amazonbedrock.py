"""Amazon Bedrock: the `amazonbedrock` service. Facts from catalog.yaml (amazonbedrock); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="amazonbedrock",
    title="Amazon Bedrock",
    since=since("8.15", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.15", "9.0"), rate_limit=240),
        "completion": TaskFacts(since("8.15", "9.0"), rate_limit=240),
        "chat_completion": TaskFacts(since("9.4"), rate_limit=240),
    },
    service_settings={
        "access_key": Fact(
            "string",
            description="AWS access key id.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "secret_key": Fact(
            "string",
            description="AWS secret access key.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="S,C",
        ),
        "region": Fact("string", description="AWS region of the model.", required=True, evidence="S,C"),
        "model": Fact(
            "string",
            description="Base model id or ARN. The key is model, not model_id, in PUT and GET.",
            required=True,
            evidence="S,C",
        ),
        "provider": Fact(
            "enum",
            description="Model family behind the id.",
            required=True,
            enum=("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"),
            fold="upper",
            note="optional in the specification, required in the source",
            evidence="S,C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity that the endpoint advertises to semantic fields.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="cosine",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            evidence="S",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            put_allowed=False,
            task_types=frozenset({"text_embedding"}),
            note="a PUT that carries it is rejected although GET shows it",
            evidence="S",
        ),
        "max_input_tokens": Fact(
            "integer",
            description="Upper bound of tokens per input, used for truncation and chunk sizing; never filled when absent.",
            minimum=1,
            updatable_since=since("9.5"),
            task_types=frozenset({"text_embedding"}),
            uncertain=True,
            evidence="S",
        ),
        "rate_limit": Fact(
            "object",
            description="Client-side request budget per node and minute.",
            filled=True,
            updatable_since=since("9.5"),
            note="the 8.18 and 9.0 specification says 120",
            uncertain=True,
            evidence="S,C",
            fields={
                "requests_per_minute": Fact(
                    "integer", minimum=1, note="stored as a 64-bit integer; an empty object means the default"
                )
            },
        ),
    },
    task_settings={
        "temperature": Fact(
            "number",
            description="Sampling temperature.",
            minimum=0.0,
            maximum=1.0,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="C,R",
        ),
        "top_p": Fact(
            "number",
            description="Nucleus sampling threshold.",
            minimum=0.0,
            maximum=1.0,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion", "chat_completion"}),
            evidence="C,R",
        ),
        "top_k": Fact(
            "number",
            description="Top-K sampling, only for some providers.",
            minimum=0.0,
            maximum=1.0,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion", "chat_completion"}),
            note="the source shares one 0..1 range with temperature and top_p (from memory); rejected for providers outside provider_matrix.top_k_allowed",
            uncertain=True,
            evidence="C,R",
        ),
        "max_new_tokens": Fact(
            "integer",
            description="Output token limit.",
            minimum=1,
            updatable_since=since("8.17"),
            task_types=frozenset({"completion", "chat_completion"}),
            note="64 is applied when calling the provider; no code that fills it into GET was seen (azureaistudio has such code)",
            evidence="C,R",
        ),
        "truncate": Fact(
            "enum",
            description="How the cohere provider cuts long inputs. Absent in the specification.",
            enum=("none", "start", "end"),
            fold="lower",
            since=since("8.19", "9.1"),
            updatable_since=since("8.17"),
            task_types=frozenset({"text_embedding"}),
            note="case-insensitive on PUT, lower case in GET",
            evidence="S",
        ),
    },
    observed_name="amazonbedrock",
    notes=(
        "the specification annotates 8.12, but the source gates the service on the 8.15 transport version",
        "provider value: lower case in PUT becomes upper case in GET",
    ),
)
