"""Google AI Studio: in the server from 8.15.

- rate_limit on completion, and on text_embedding from 9.5
- similarity and dimensions on text_embedding
"""

from .schema import Service, Similarity, Task, embedding_fields, rate_limit, secret, text

GOOGLEAISTUDIO = Service(
    name="googleaistudio",
    title="Google AI Studio",
    since="8.15",
    tasks={
        "text_embedding": Task(rate_limit=360),
        "completion": Task(rate_limit=360),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required=True),
        *embedding_fields(),
        rate_limit("9.5", hidden_until="9.4", hidden_tasks=("text_embedding",)),
    ),
    shown=("model_id", "max_input_tokens", "dimensions", "similarity", "rate_limit"),
    similarity=Similarity("dot_product"),
    vector=768,
)
