"""Mixedbread: in the server from 9.4.

- rate_limit
- url (uncertain)
"""

from .schema import Service, Similarity, Task, boolean, embedding_fields, integer, rate_limit, secret, text

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
        text("url", default="https://api.mixedbread.com/v1/reranking", default_tasks=("rerank",)),
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
