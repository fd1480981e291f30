"""Services for nearly all tasks: Alibaba Cloud AI Search, Cohere, OpenAI."""

from .schema import (
    DENSE,
    Field,
    OneSecret,
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

# AlibabaCloud AI Search: in the server from 8.16.
# - rate_limit
# - similarity and dimensions on text_embedding
ALIBABACLOUD_AI_SEARCH = Service(
    name="alibabacloud-ai-search",
    title="AlibabaCloud AI Search",
    since="8.16",
    tasks={
        "text_embedding": Task(rate_limit=1000),
        "sparse_embedding": Task(rate_limit=1000),
        "rerank": Task(rate_limit=1000),
        "completion": Task(rate_limit=1000),
    },
    service_settings=(
        secret("api_key"),
        text("host", required=True),
        text("service_id", required=True),
        text("workspace", required=True),
        enum("http_schema", "https", "http", updatable="9.4"),
        *embedding_fields(updatable="9.4"),
        rate_limit("9.4"),
    ),
    task_settings=(
        enum("input_type", "ingest", "search", tasks=("text_embedding", "sparse_embedding")),
        boolean("return_token", tasks=("sparse_embedding",)),
        mapping("parameters", tasks=("completion",)),
    ),
    shown=(
        "service_id",
        "host",
        "workspace",
        "http_schema",
        "rate_limit",
        "similarity",
        "dimensions",
        "max_input_tokens",
    ),
    similarity=Similarity("dot_product"),
    update_refuses_secrets_until="9.5.2",
)


# Cohere: in the server from 8.13.
# - rate_limit
# - embedding_type
# - similarity and dimensions on text_embedding
# - service_settings.model becomes service_settings.model_id
# - embedding_type int8 becomes byte, binary becomes bit
# - truncate is lower-cased
# - url is returned until about 9.4 and hidden later
COHERE = Service(
    name="cohere",
    title="Cohere",
    since="8.13",
    tasks={
        "text_embedding": Task(rate_limit=10000),
        "rerank": Task(rate_limit=10000, since="8.14"),
        "completion": Task(rate_limit=10000, since="8.15"),
    },
    service_settings=(
        secret("api_key"),
        text(
            "model_id",
            required_since="8.19/9.1",
            aliases=("model",),
            missing="The [service_settings.model_id] field is required for the Cohere V2 API.",
        ),
        uri("url", hidden_since="9.5"),
        enum("api_version", "V1", "V2", since="8.19/9.1", put_allowed=False),
        enum(
            "embedding_type",
            "float",
            "int8",
            "byte",
            "binary",
            "bit",
            later_words={"binary": "8.19/9.1", "bit": "8.19/9.1"},
            default="float",
            tasks=("text_embedding",),
            synonyms={"int8": "byte", "binary": "bit"},
        ),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=("text_embedding",)),
        integer("dimensions", tasks=("text_embedding",)),
        integer("max_input_tokens", tasks=("text_embedding",), updatable="9.5", null_resets="9.5"),
        rate_limit("9.5", null_resets="9.5"),
    ),
    task_settings=(
        enum("input_type", "classification", "clustering", "ingest", "search", tasks=("text_embedding",)),
        enum("truncate", "none", "start", "end", tasks=("text_embedding",)),
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
        integer("max_chunks_per_doc", tasks=("rerank",)),
    ),
    shown=("model_id", "rate_limit", "similarity", "dimensions", "max_input_tokens", "embedding_type", "url"),
    similarity=Similarity("cosine", {"bit": "l2_norm", "binary": "l2_norm"}, since="9.5", before="dot_product"),
    vector=1024,
    parser=Parser(
        "9.5",
        java_enums={
            "similarity": "org.elasticsearch.inference.SimilarityMeasure",
            "embedding_type": "org.elasticsearch.xpack.inference.services.cohere.embeddings.CohereEmbeddingType",
        },
        positive="{name} must be a positive integer",
    ),
    update_refuses_secrets_until="9.5.2",
)


# OpenAI: in the server from 8.12.
# - rate_limit
# - similarity (dot_product) and dimensions on embeddings
# - task_settings.model or task_settings.model_id moves to service_settings.model_id
OPENAI = Service(
    name="openai",
    title="OpenAI",
    since="8.12",
    tasks={
        "text_embedding": Task(rate_limit=3000),
        "completion": Task(rate_limit=500, since="8.14"),
        "chat_completion": Task(rate_limit=500, since="8.18"),
        "embedding": Task(rate_limit=3000, since="9.5"),
    },
    service_settings=(
        secret("api_key", required=False),
        secret("client_secret", required=False, since="9.5"),
        text("client_id", since="9.5", updatable="9.5"),
        Field("scopes", "list", since="9.5", updatable="9.5"),
        text("token_url", since="9.5", updatable="9.5"),
        text("model_id", required=True),
        text("organization_id", updatable="9.5"),
        uri("url"),
        integer("dimensions", tasks=DENSE),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=DENSE),
        integer(
            "max_input_tokens",
            tasks=("text_embedding", "embedding", "completion", "chat_completion"),
            updatable="9.5",
        ),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("user"),
        mapping("headers", since="9.2"),
    ),
    shown=(
        "model_id",
        "url",
        "organization_id",
        "similarity",
        "dimensions",
        "max_input_tokens",
        "client_id",
        "scopes",
        "token_url",
        "rate_limit",
    ),
    rules=(OneSecret(("api_key", "client_secret"), "client_secret", ("client_id", "scopes", "token_url")),),
    moved_to_model_id=("model", "model_id"),
    similarity=Similarity("dot_product"),
    vector=1536,
)
