"""Fireworks AI: in the server from 9.4.

- rate_limit
- url, similarity and dimensions on text_embedding
"""

from .schema import Service, Similarity, Task, embedding_fields, mapping, rate_limit, secret, text

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
