"""Llama Stack: in the server from 9.2.

- rate_limit
- similarity and dimensions on text_embedding
"""

from .schema import Service, Similarity, Task, embedding_fields, rate_limit, secret, text

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
        text("url", required=True),
        text("model_id", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    shown=("model_id", "url", "dimensions", "similarity", "max_input_tokens", "rate_limit"),
    similarity=Similarity("dot_product"),
)
