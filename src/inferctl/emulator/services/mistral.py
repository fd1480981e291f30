"""Mistral: in the server from 8.15.

- rate_limit
- similarity and dimensions on text_embedding
"""

from .schema import Service, Similarity, Task, embedding_fields, rate_limit, secret, text

MISTRAL = Service(
    name="mistral",
    title="Mistral",
    since="8.15",
    tasks={
        "text_embedding": Task(rate_limit=240),
        "completion": Task(rate_limit=240, since="8.19/9.1"),
        "chat_completion": Task(rate_limit=240, since="8.19/9.1"),
    },
    service_settings=(
        secret("api_key"),
        text("model", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    shown=("model", "dimensions", "similarity", "max_input_tokens", "rate_limit"),
    similarity=Similarity("dot_product"),
    vector=1024,
)
