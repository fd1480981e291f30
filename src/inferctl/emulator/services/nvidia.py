"""Nvidia: in the server from 9.3.

- rate_limit
- similarity (dot_product) and dimensions on text_embedding
- truncate is lower-cased
"""

from .schema import Service, Similarity, Task, embedding_fields, enum, rate_limit, secret, text

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
        text("url"),
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
