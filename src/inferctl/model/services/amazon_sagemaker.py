"""Amazon SageMaker: the `amazon_sagemaker` service. Facts from catalog.yaml (amazon_sagemaker); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="amazon_sagemaker",
    title="Amazon SageMaker",
    since=since("8.19", "9.1"),
    task_types={
        "text_embedding": TaskFacts(since("8.19", "9.1")),
        "sparse_embedding": TaskFacts(since("8.19", "9.1")),
        "rerank": TaskFacts(since("8.19", "9.1")),
        "completion": TaskFacts(since("8.19", "9.1")),
        "chat_completion": TaskFacts(since("8.19", "9.1")),
    },
    service_settings={
        "access_key": Fact(
            "string",
            description="AWS access key id.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="C,R",
        ),
        "secret_key": Fact(
            "string",
            description="AWS secret access key.",
            required=True,
            secret=True,
            updatable_since=since("8.17"),
            evidence="C,R",
        ),
        "endpoint_name": Fact("string", description="SageMaker endpoint name.", required=True, evidence="S,C"),
        "region": Fact("string", description="AWS region.", required=True, evidence="S,C"),
        "api": Fact(
            "enum",
            description="Payload dialect of the hosted model; decides which further fields and task types are valid.",
            required=True,
            enum=("openai", "elastic"),
            fold="lower",
            note="openai covers text_embedding, completion and chat_completion; elastic covers all five (from memory, uncertain)",
            evidence="S,C",
        ),
        "target_model": Fact("string", description="Model of a multi-model endpoint.", evidence="S,C"),
        "target_container_hostname": Fact(
            "string", description="Container of a multi-container endpoint.", evidence="S,C"
        ),
        "inference_component_name": Fact(
            "string", description="Component of a multi-component endpoint.", evidence="S,C"
        ),
        "batch_size": Fact(
            "integer",
            description="Inputs per call during ingestion.",
            minimum=1,
            updatable_since=since("9.5"),
            note="the specification names 256 as default; the source stores and returns it only when given",
            evidence="S,C,P",
        ),
        "dimensions": Fact(
            "integer",
            description="Vector length. Filled from the probe call made at creation when it is not given.",
            minimum=1,
            filled=True,
            task_types=frozenset({"text_embedding"}),
            note="dimensions_set_by_user of this service was lost until 9.5 (bug fixed there)",
            evidence="C,P",
        ),
        "element_type": Fact(
            "enum",
            description="Number type of returned vectors.",
            required="conditional: required when api is elastic and the task is text_embedding",
            enum=("byte", "float", "bit"),
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            evidence="C",
        ),
        "similarity": Fact(
            "enum",
            description="Vector similarity.",
            required="conditional: required when api is elastic and the task is text_embedding (enforced since 9.4.0, 9.3.4 and 9.2.9)",
            enum=("cosine", "dot_product", "l2_norm"),
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            evidence="C,P,W",
        ),
    },
    task_settings={
        "custom_attributes": Fact(
            "string",
            description="Passed verbatim as SageMaker custom attributes.",
            updatable_since=since("8.17"),
            evidence="C",
        ),
        "enable_explanations": Fact(
            "string",
            description="JMESPath that overrides the endpoint setting.",
            updatable_since=since("8.17"),
            evidence="C",
        ),
        "inference_id": Fact(
            "string",
            description="Capture data id (not the endpoint id).",
            updatable_since=since("8.17"),
            evidence="C",
        ),
        "session_id": Fact("string", description="Stateful session id.", updatable_since=since("8.17"), evidence="C"),
        "target_variant": Fact(
            "string",
            description="Variant of a multi-variant endpoint.",
            updatable_since=since("8.17"),
            evidence="C",
        ),
        "user": Fact(
            "string",
            description="End-user tag; only with api openai.",
            updatable_since=since("8.17"),
            evidence="C",
        ),
        "*": Fact(
            "object",
            description="With api elastic any key is accepted on inference calls, but not when the endpoint is created.",
            evidence="C",
        ),
    },
    observed_name="amazon_sagemaker",
    notes=("the specification annotates 9.1 but its 8.19 branch has the API too",),
)
