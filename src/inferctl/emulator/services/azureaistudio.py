"""Azure AI Studio: in the server from 8.14.

- rate_limit
- similarity and dimensions on text_embedding
- task_settings.max_new_tokens 64 on completion
"""

from .schema import (
    Field,
    ProviderTasks,
    Service,
    Similarity,
    Task,
    boolean,
    embedding_fields,
    enum,
    integer,
    rate_limit,
    secret,
    text,
)

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
