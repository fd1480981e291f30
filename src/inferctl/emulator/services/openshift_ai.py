"""OpenShift AI: in the server from 9.3.

- rate_limit
- similarity, dimensions and the internal flag dimensions_set_by_user on text_embedding; the flag is refused on PUT
"""

from .schema import Service, Similarity, Task, boolean, embedding_fields, integer, rate_limit, secret, text

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
        text("url", required=True),
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
