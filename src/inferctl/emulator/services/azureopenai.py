"""Azure OpenAI: in the server from 8.14.

- rate_limit
- similarity (dot_product) and dimensions on text_embedding
"""

from .schema import (
    Field,
    OneSecret,
    Service,
    Similarity,
    Task,
    embedding_fields,
    mapping,
    rate_limit,
    secret,
    text,
)

AZUREOPENAI = Service(
    name="azureopenai",
    title="Azure OpenAI",
    since="8.14",
    tasks={
        "text_embedding": Task(rate_limit=1440),
        "completion": Task(rate_limit=120),
        "chat_completion": Task(rate_limit=120, since="9.3"),
    },
    service_settings=(
        secret("api_key", required=False),
        secret("entra_id", required=False),
        secret("client_secret", required=False, since="9.4"),
        text("client_id", since="9.4", updatable="9.5"),
        text("tenant_id", since="9.4", updatable="9.5"),
        Field("scopes", "list", since="9.4", updatable="9.5"),
        text("resource_name", required=True),
        text("deployment_id", required=True),
        text("api_version", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(
        text("user"),
        mapping("headers", since="9.4"),
    ),
    shown=(
        "resource_name",
        "deployment_id",
        "api_version",
        "rate_limit",
        "client_id",
        "tenant_id",
        "scopes",
        "dimensions",
        "max_input_tokens",
        "similarity",
    ),
    rules=(OneSecret(("api_key", "entra_id", "client_secret"), "client_secret", ("client_id", "scopes", "tenant_id")),),
    similarity=Similarity("dot_product"),
    vector=1536,
)
