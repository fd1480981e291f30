"""Amazon SageMaker: `service: amazon_sagemaker`. Sources: catalog.yaml and inference-api 8.3."""

from __future__ import annotations

from inferctl.model.services.common import TEXT_EMBEDDING, dimensions, secret, task_setting
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.rules import Needs, Refuses, When
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="amazon_sagemaker",
    title="Amazon SageMaker",
    since=since("8.19"),
    task_types={
        "text_embedding": TaskFacts(since("8.19")),
        "sparse_embedding": TaskFacts(since("8.19")),
        "rerank": TaskFacts(since("8.19")),
        "completion": TaskFacts(since("8.19")),
        "chat_completion": TaskFacts(since("8.19")),
    },
    service_settings={
        "access_key": secret("AWS access key id.", update_note="together with secret_key", evidence="C,R"),
        "secret_key": secret("AWS secret access key.", update_note="together with access_key", evidence="C,R"),
        "endpoint_name": Fact("string", "SageMaker endpoint name.", required=True, evidence="S,C"),
        "region": Fact("string", "AWS region.", required=True, evidence="S,C"),
        "api": Fact(
            "enum",
            "Payload dialect of the hosted model; decides which further fields and task types are valid.",
            required=True,
            enum=("openai", "elastic"),
            fold="lower",
            note="openai covers text_embedding, completion and chat_completion; elastic covers all five (from memory, uncertain)",
            evidence="S,C",
        ),
        "target_model": Fact("string", "Model of a multi-model endpoint.", evidence="S,C"),
        "target_container_hostname": Fact("string", "Container of a multi-container endpoint.", evidence="S,C"),
        "inference_component_name": Fact("string", "Component of a multi-component endpoint.", evidence="S,C"),
        "batch_size": Fact(
            "integer",
            "Inputs per call during ingestion.",
            minimum=1,
            updatable_since=since("9.5"),
            note="the specification names 256 as default; the source stores and returns it only when given",
            evidence="S,C,P",
        ),
        "dimensions": dimensions(
            note="dimensions_set_by_user of this service was lost until 9.5 (bug fixed there)", evidence="C,P"
        ),
        "element_type": Fact(
            "enum",
            "Number type of returned vectors.",
            required="conditional: required when api is elastic and the task is text_embedding",
            enum=("byte", "float", "bit"),
            fold="lower",
            task_types=TEXT_EMBEDDING,
            evidence="C",
        ),
        "similarity": Fact(
            "enum",
            "Vector similarity.",
            required="conditional: required when api is elastic and the task is text_embedding (enforced since 9.4.0, 9.3.4 and 9.2.9)",
            enum=("cosine", "dot_product", "l2_norm"),
            fold="lower",
            task_types=TEXT_EMBEDDING,
            evidence="C,P,W",
        ),
    },
    task_settings={
        "custom_attributes": task_setting("string", "Passed verbatim as SageMaker custom attributes.", evidence="C"),
        "enable_explanations": task_setting("string", "JMESPath that overrides the endpoint setting.", evidence="C"),
        "inference_id": task_setting("string", "Capture data id (not the endpoint id).", evidence="C"),
        "session_id": task_setting("string", "Stateful session id.", evidence="C"),
        "target_variant": task_setting("string", "Variant of a multi-variant endpoint.", evidence="C"),
        "user": task_setting("string", "End-user tag; only with api openai.", evidence="C"),
    },
    observed_name="amazon_sagemaker",
    rules=(
        Needs(("element_type", "similarity"), When(TEXT_EMBEDDING, "api", frozenset({"elastic"}))),
        Refuses(
            ("api",),
            When(frozenset({"sparse_embedding", "rerank"}), "api", frozenset({"openai"})),
            "api openai covers text_embedding, completion and chat_completion",
        ),
        Refuses(
            ("user",),
            When(setting="api", values=frozenset({"elastic"})),
            "only api openai takes user",
            part="task_settings",
        ),
    ),
    notes=(
        "the specification annotates 9.1 but its 8.19 branch has the API too",
        "with api elastic an inference call may carry any task setting, but the endpoint may not",
    ),
)
