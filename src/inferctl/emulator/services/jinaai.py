"""Jina AI: in the server from 8.18.

- rate_limit
- embedding_type float
- similarity and dimensions
- multimodal_model on embedding
"""

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
)

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
