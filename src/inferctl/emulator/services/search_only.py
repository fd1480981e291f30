"""Services that make vectors or rerank, and write no text: Contextual AI, Jina AI, Mixedbread, Voyage AI."""

from .schema import (
    DENSE,
    Service,
    Similarity,
    Task,
    boolean,
    embedding_fields,
    enum,
    integer,
    rate_limit,
    secret,
    text,
    uri,
)

# Contextual AI: in the server from 9.2.
# - rate_limit
CONTEXTUALAI = Service(
    name="contextualai",
    title="Contextual AI",
    since="9.2",
    tasks={
        "rerank": Task(rate_limit=1000),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        uri("url", until="9.4"),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("instruction"),
        integer("top_k"),
    ),
    shown=("model_id", "rate_limit", "url"),
)

# Jina AI: in the server from 8.18.
# - rate_limit
# - embedding_type float
# - similarity and dimensions
# - multimodal_model on embedding
JINAAI = Service(
    name="jinaai",
    title="Jina AI",
    since="8.18",
    tasks={
        "text_embedding": Task(rate_limit=2000),
        "rerank": Task(rate_limit=2000),
        "embedding": Task(rate_limit=2000, since="9.4"),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        *embedding_fields(tasks=DENSE),
        enum("embedding_type", "float", "bit", "binary", default="float", tasks=DENSE, since="8.19/9.1"),
        boolean("multimodal_model", default=True, tasks=("embedding",), since="9.4"),
        rate_limit("9.5"),
    ),
    task_settings=(
        enum("input_type", "classification", "clustering", "ingest", "search", tasks=DENSE),
        boolean("late_chunking", tasks=DENSE, since="9.3"),
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
    ),
    shown=(
        "model_id",
        "rate_limit",
        "dimensions",
        "embedding_type",
        "max_input_tokens",
        "similarity",
        "multimodal_model",
    ),
    similarity=Similarity("dot_product", {"bit": "l2_norm", "binary": "l2_norm"}),
)

# Mixedbread: in the server from 9.4.
# - rate_limit
# - url (uncertain)
MIXEDBREAD = Service(
    name="mixedbread",
    title="Mixedbread",
    since="9.4",
    tasks={
        "rerank": Task(rate_limit=100),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        uri("url", default="https://api.mixedbread.com/v1/reranking", default_tasks=("rerank",)),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(
        integer("top_n", tasks=("rerank",)),
        boolean("return_documents", tasks=("rerank",)),
        text("prompt", tasks=("text_embedding",)),
        boolean("normalized", tasks=("text_embedding",)),
    ),
    shown=("model_id", "url", "rate_limit", "dimensions", "similarity", "max_input_tokens"),
    similarity=Similarity("dot_product"),
)

# Voyage AI: in the server from 8.19 and 9.1.
# - rate_limit
# - embedding_type float
# - similarity and dimensions on text_embedding
VOYAGEAI = Service(
    name="voyageai",
    title="Voyage AI",
    since="8.19/9.1",
    tasks={
        "text_embedding": Task(rate_limit=2000),
        "rerank": Task(rate_limit=2000),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        *embedding_fields(),
        enum(
            "embedding_type",
            "float",
            "int8",
            "byte",
            "bit",
            "binary",
            default="float",
            tasks=("text_embedding",),
        ),
        rate_limit("9.5"),
    ),
    task_settings=(
        enum("input_type", "ingest", "search", tasks=("text_embedding",)),
        boolean("truncation", tasks=("text_embedding", "rerank")),
        boolean("return_documents", tasks=("rerank",)),
        integer("top_k", tasks=("rerank",)),
    ),
    shown=("model_id", "rate_limit", "similarity", "dimensions", "max_input_tokens", "embedding_type"),
    similarity=Similarity("dot_product"),
)
