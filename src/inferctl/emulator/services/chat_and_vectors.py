"""Services that chat and make vectors: Fireworks AI, Llama Stack, Mistral, NVIDIA, OpenShift AI, Tencent, watsonx."""

from .schema import (
    Parser,
    Service,
    Similarity,
    Task,
    boolean,
    embedding_fields,
    enum,
    integer,
    mapping,
    rate_limit,
    secret,
    text,
    uri,
)

# Fireworks AI: in the server from 9.4.
# - rate_limit
# - url, similarity and dimensions on text_embedding
FIREWORKSAI = Service(
    name="fireworksai",
    title="Fireworks AI",
    since="9.4",
    tasks={
        "text_embedding": Task(rate_limit=6000),
        "completion": Task(rate_limit=6000),
        "chat_completion": Task(rate_limit=6000),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        text(
            "url",
            default="https://api.fireworks.ai/inference/v1/embeddings",
            default_tasks=("text_embedding",),
        ),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("user", tasks=("completion", "chat_completion")),
        mapping("headers", tasks=("completion", "chat_completion")),
    ),
    shown=("model_id", "url", "similarity", "dimensions", "max_input_tokens", "rate_limit"),
    similarity=Similarity("cosine"),
    vector=768,
)

# Llama Stack: in the server from 9.2.
# - rate_limit
# - similarity and dimensions on text_embedding
LLAMA = Service(
    name="llama",
    title="Llama Stack",
    since="9.2",
    tasks={
        "text_embedding": Task(rate_limit=3000),
        "completion": Task(rate_limit=3000),
        "chat_completion": Task(rate_limit=3000),
    },
    service_settings=(
        secret("api_key", required=False),
        uri("url", required=True),
        text("model_id", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    shown=("model_id", "url", "dimensions", "similarity", "max_input_tokens", "rate_limit"),
    similarity=Similarity("dot_product"),
    parser=Parser(
        "9.5",
        positive="[{name}] Invalid value [{value}]. [{name}] must be a positive integer",
        at_end=("dimensions", "max_input_tokens"),
    ),
    update_refuses_secrets_until="9.5.2",
)

# Mistral: in the server from 8.15.
# - rate_limit
# - similarity and dimensions on text_embedding
MISTRAL = Service(
    name="mistral",
    title="Mistral",
    since="8.15",
    tasks={
        "text_embedding": Task(rate_limit=240),
        "completion": Task(rate_limit=240, since="8.19/9.1"),
        "chat_completion": Task(rate_limit=240, since="8.19/9.1"),
    },
    service_settings=(
        secret("api_key"),
        text("model", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    shown=("model", "dimensions", "similarity", "max_input_tokens", "rate_limit"),
    similarity=Similarity("dot_product"),
    vector=1024,
)

# Nvidia: in the server from 9.3.
# - rate_limit
# - similarity (dot_product) and dimensions on text_embedding
# - truncate is lower-cased
NVIDIA = Service(
    name="nvidia",
    title="Nvidia",
    since="9.3",
    tasks={
        "text_embedding": Task(rate_limit=3000),
        "completion": Task(rate_limit=3000),
        "chat_completion": Task(rate_limit=3000),
        "rerank": Task(rate_limit=3000),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        uri("url"),
        *embedding_fields(dimensions=False),
        rate_limit("9.5"),
    ),
    task_settings=(
        enum("input_type", "ingest", "search", tasks=("text_embedding",)),
        enum("truncate", "none", "start", "end", tasks=("text_embedding",)),
    ),
    shown=("model_id", "url", "rate_limit", "dimensions", "similarity", "max_input_tokens"),
    similarity=Similarity("dot_product"),
)

# OpenShift AI: in the server from 9.3.
# - rate_limit
# - similarity, dimensions and the internal flag dimensions_set_by_user on text_embedding; the flag is refused on PUT
OPENSHIFT_AI = Service(
    name="openshift_ai",
    title="OpenShift AI",
    since="9.3",
    tasks={
        "text_embedding": Task(rate_limit=3000),
        "completion": Task(rate_limit=3000),
        "chat_completion": Task(rate_limit=3000),
        "rerank": Task(rate_limit=3000),
    },
    service_settings=(
        secret("api_key"),
        uri("url", required=True),
        text("model_id"),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
    ),
    shown=(
        "model_id",
        "url",
        "rate_limit",
        "dimensions",
        "similarity",
        "max_input_tokens",
        "dimensions_set_by_user",
    ),
    similarity=Similarity("dot_product"),
    shows_dimensions_flag=True,
)

# TencentCloud AI Gateway: merged after 9.5, so on Serverless only (services.md#not-in-95).
# - rate_limit
# - region bj; similarity and dimensions on text_embedding, which a PUT cannot give
TENCENTCLOUD = Service(
    name="tencentcloud",
    title="TencentCloud AI Gateway",
    since="9.6",
    tasks={
        "text_embedding": Task(rate_limit=20),
        "completion": Task(rate_limit=20),
        "chat_completion": Task(rate_limit=20),
        "rerank": Task(rate_limit=20),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        text("region", default="bj"),
        *embedding_fields(dimensions=False, updatable="9.6"),
        rate_limit("9.6"),
    ),
    task_settings=(
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
    ),
    shown=("model_id", "region", "rate_limit", "similarity", "dimensions", "max_input_tokens"),
    similarity=Similarity("dot_product"),
    parser=Parser("9.6"),
)

# IBM watsonx: in the server from 8.16.
# - rate_limit
# - similarity (dot_product) and dimensions on text_embedding
WATSONXAI = Service(
    name="watsonxai",
    title="IBM watsonx",
    since="8.16",
    tasks={
        "text_embedding": Task(rate_limit=120),
        # Forgotten in the list until #140331 (services.md#list-of-services).
        "rerank": Task(rate_limit=120, since="8.18", listed_since="8.19.11/9.2.5/9.3"),
        "completion": Task(rate_limit=120, since="9.2"),
        "chat_completion": Task(rate_limit=120, since="9.2"),
    },
    service_settings=(
        secret("api_key"),
        uri("url", required=True),
        text("api_version", required=True),
        text("model_id", required=True),
        text("project_id", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
        integer("truncate_input_tokens", tasks=("rerank",)),
    ),
    shown=(
        "project_id",
        "url",
        "model_id",
        "api_version",
        "max_input_tokens",
        "dimensions",
        "similarity",
        "rate_limit",
    ),
    similarity=Similarity("dot_product"),
    update_refuses_secrets_until="9.5.2",
)
