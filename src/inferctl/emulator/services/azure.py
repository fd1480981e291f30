"""Azure: OpenAI and AI Studio."""

from .schema import (
    Field,
    OneSecret,
    ProviderTasks,
    Service,
    Similarity,
    Task,
    boolean,
    embedding_fields,
    enum,
    integer,
    mapping,
    rate_limit,
    secret,
    text,
)

# Azure AI Studio: in the server from 8.14.
# - rate_limit
# - similarity and dimensions on text_embedding
# - task_settings.max_new_tokens 64 on completion
AZUREAISTUDIO = Service(
    name="azureaistudio",
    title="Azure AI Studio",
    since="8.14",
    tasks={
        "text_embedding": Task(rate_limit=240),
        "completion": Task(rate_limit=240),
        "rerank": Task(rate_limit=240, since="9.2"),
    },
    service_settings=(
        secret("api_key"),
        text("target", required=True),
        enum("provider", "openai", "mistral", "meta", "microsoft_phi", "cohere", "databricks", required=True),
        enum("endpoint_type", "token", "realtime", required=True),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(
        Field("temperature", "number", least=0.0, most=2.0, tasks=("completion",)),
        Field("top_p", "number", least=0.0, most=2.0, tasks=("completion",)),
        boolean("do_sample", tasks=("completion",)),
        integer("max_new_tokens", default=64, after_probe=True, tasks=("completion",)),
        text("user", tasks=("text_embedding",)),
        boolean("return_documents", tasks=("rerank",), since="9.2"),
        integer("top_n", tasks=("rerank",), since="9.2"),
    ),
    shown=(
        "target",
        "provider",
        "endpoint_type",
        "rate_limit",
        "dimensions",
        "max_input_tokens",
        "similarity",
    ),
    rules=(
        ProviderTasks(
            {
                ("text_embedding", "token"): ("cohere", "openai"),
                ("completion", "token"): ("cohere", "meta", "openai"),
                ("completion", "realtime"): ("databricks", "meta", "microsoft_phi", "mistral"),
                ("rerank", "token"): ("cohere",),
            },
            by="endpoint_type",
        ),
    ),
    similarity=Similarity("dot_product"),
)

# Azure OpenAI: in the server from 8.14.
# - rate_limit
# - similarity (dot_product) and dimensions on text_embedding
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
