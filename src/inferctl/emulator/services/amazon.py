"""Amazon: Bedrock and SageMaker."""

from .schema import (
    Field,
    Needs,
    OnlyWith,
    Parser,
    ProviderTasks,
    Service,
    Similarity,
    Task,
    When,
    embedding_fields,
    enum,
    integer,
    rate_limit,
    secret,
    text,
)

# Amazon Bedrock: in the server from 8.15.
# - rate_limit
# - similarity (cosine) and dimensions on text_embedding
# - provider value: lower case in PUT becomes upper case in GET
AMAZONBEDROCK = Service(
    name="amazonbedrock",
    title="Amazon Bedrock",
    since="8.15",
    tasks={
        "text_embedding": Task(rate_limit=240),
        "completion": Task(rate_limit=240),
        "chat_completion": Task(rate_limit=240, since="9.4"),
    },
    service_settings=(
        secret("access_key"),
        secret("secret_key"),
        text("region", required=True),
        text("model", required=True),
        enum(
            "provider",
            "amazontitan",
            "anthropic",
            "ai21labs",
            "cohere",
            "meta",
            "mistral",
            required=True,
            show="upper",
        ),
        *embedding_fields(dimensions=False),
        rate_limit("9.5"),
    ),
    task_settings=(
        Field("temperature", "number", least=0.0, most=1.0, tasks=("completion", "chat_completion")),
        Field("top_p", "number", least=0.0, most=1.0, tasks=("completion", "chat_completion")),
        Field("top_k", "number", least=0.0, most=1.0, tasks=("completion", "chat_completion")),
        integer("max_new_tokens", tasks=("completion", "chat_completion")),
        enum("truncate", "none", "start", "end", tasks=("text_embedding",), since="8.19/9.1"),
    ),
    shown=("region", "model", "provider", "rate_limit", "dimensions", "max_input_tokens", "similarity"),
    rules=(
        ProviderTasks(
            {
                ("text_embedding", ""): ("amazontitan", "cohere"),
                ("completion", ""): ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"),
                ("chat_completion", ""): ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"),
            }
        ),
        OnlyWith("top_k", ("anthropic", "cohere", "mistral")),
        OnlyWith("truncate", ("cohere",)),
    ),
    similarity=Similarity("cosine"),
    vector=1024,
    parser=Parser(
        "9.5",
        java_enums={"provider": "org.elasticsearch.xpack.inference.services.amazonbedrock.AmazonBedrockProvider"},
        at_end=("provider",),
    ),
    update_refuses_secrets_until="9.5.2",
)

# Amazon SageMaker: in the server from 8.19 and 9.1.
# - no rate_limit at all
# - dimensions on text_embedding; the flag dimensions_set_by_user may leak because the settings object is not filtered
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
