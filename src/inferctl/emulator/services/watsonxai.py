"""IBM watsonx: in the server from 8.16.

- rate_limit
- similarity (dot_product) and dimensions on text_embedding
"""

from .schema import Service, Similarity, Task, boolean, embedding_fields, integer, rate_limit, secret, text

WATSONXAI = Service(
    name="watsonxai",
    title="IBM watsonx",
    since="8.16",
    tasks={
        "text_embedding": Task(rate_limit=120),
        "rerank": Task(rate_limit=120, since="8.18"),
        "completion": Task(rate_limit=120, since="9.2"),
        "chat_completion": Task(rate_limit=120, since="9.2"),
    },
    service_settings=(
        secret("api_key"),
        text("url", required=True),
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
)
