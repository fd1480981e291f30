"""Amazon SageMaker: in the server from 8.19 and 9.1.

- no rate_limit at all
- dimensions on text_embedding; the flag dimensions_set_by_user may leak because the settings object is not filtered
"""

from .schema import Needs, Service, Task, When, enum, integer, secret, text

AMAZON_SAGEMAKER = Service(
    name="amazon_sagemaker",
    title="Amazon SageMaker",
    since="8.19/9.1",
    tasks={
        "text_embedding": Task(),
        "sparse_embedding": Task(),
        "rerank": Task(),
        "completion": Task(),
        "chat_completion": Task(),
    },
    service_settings=(
        secret("access_key"),
        secret("secret_key"),
        text("endpoint_name", required=True),
        text("region", required=True),
        enum("api", "openai", "elastic", required=True),
        text("target_model"),
        text("target_container_hostname"),
        text("inference_component_name"),
        integer("batch_size", updatable="9.5"),
        integer("dimensions", tasks=("text_embedding",)),
        enum("element_type", "byte", "float", "bit", tasks=("text_embedding",)),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=("text_embedding",)),
    ),
    task_settings=(
        text("custom_attributes"),
        text("enable_explanations"),
        text("inference_id"),
        text("session_id"),
        text("target_variant"),
        text("user"),
    ),
    shown=(
        "endpoint_name",
        "region",
        "api",
        "target_model",
        "target_container_hostname",
        "inference_component_name",
        "batch_size",
        "dimensions",
        "element_type",
        "similarity",
        "dimensions_set_by_user",
    ),
    rules=(
        Needs(("element_type",), When(tasks=("text_embedding",), key="api", values=("elastic",))),
        Needs(("similarity",), When(tasks=("text_embedding",), key="api", values=("elastic",), since="9.4")),
    ),
)
