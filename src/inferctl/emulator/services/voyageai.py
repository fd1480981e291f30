"""Voyage AI: in the server from 8.19 and 9.1.

- rate_limit
- embedding_type float
- similarity and dimensions on text_embedding
"""

from .schema import (
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
)

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
