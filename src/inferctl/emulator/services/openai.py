"""OpenAI: in the server from 8.12.

- rate_limit
- similarity (dot_product) and dimensions on embeddings
- task_settings.model or task_settings.model_id moves to service_settings.model_id
"""

from .schema import (
    DENSE,
    Field,
    OneSecret,
    Service,
    Similarity,
    Task,
    enum,
    integer,
    mapping,
    rate_limit,
    secret,
    text,
)

OPENAI = Service(
    name="openai",
    title="OpenAI",
    since="8.12",
    tasks={
        "text_embedding": Task(rate_limit=3000),
        "completion": Task(rate_limit=500, since="8.14"),
        "chat_completion": Task(rate_limit=500, since="8.18"),
        "embedding": Task(rate_limit=3000, since="9.5"),
    },
    service_settings=(
        secret("api_key", required=False),
        secret("client_secret", required=False, since="9.5"),
        text("client_id", since="9.5", updatable="9.5"),
        Field("scopes", "list", since="9.5", updatable="9.5"),
        text("token_url", since="9.5", updatable="9.5"),
        text("model_id", required=True),
        text("organization_id", updatable="9.5"),
        text("url"),
        integer("dimensions", tasks=DENSE),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=DENSE),
        integer(
            "max_input_tokens",
            tasks=("text_embedding", "embedding", "completion", "chat_completion"),
            updatable="9.5",
        ),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("user"),
        mapping("headers", since="9.2"),
    ),
    shown=(
        "model_id",
        "url",
        "organization_id",
        "similarity",
        "dimensions",
        "max_input_tokens",
        "client_id",
        "scopes",
        "token_url",
        "rate_limit",
    ),
    rules=(OneSecret(("api_key", "client_secret"), "client_secret", ("client_id", "scopes", "token_url")),),
    moved_to_model_id=("model", "model_id"),
    similarity=Similarity("dot_product"),
    vector=1536,
)
