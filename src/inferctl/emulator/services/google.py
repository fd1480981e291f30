"""Google: AI Studio and Vertex AI."""

from .schema import (
    Forbids,
    Needs,
    NeedsOneOf,
    Service,
    Similarity,
    Task,
    When,
    boolean,
    embedding_fields,
    enum,
    integer,
    mapping,
    rate_limit,
    secret,
    text,
    uri,
)

# Google AI Studio: in the server from 8.15.
# - rate_limit on completion, and on text_embedding from 9.5
# - similarity and dimensions on text_embedding
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

# Google Vertex AI and Model Garden: in the server from 8.15.
# - rate_limit
# - provider GOOGLE on completion and chat_completion
# - similarity and dimensions on text_embedding
# - provider value is upper-cased in GET
GOOGLEVERTEXAI = Service(
    name="googlevertexai",
    title="Google Vertex AI and Model Garden",
    since="8.15",
    tasks={
        "text_embedding": Task(rate_limit=30000),
        "rerank": Task(rate_limit=300),
        "completion": Task(rate_limit=1000, since="8.19/9.1"),
        "chat_completion": Task(rate_limit=1000, since="8.19/9.1"),
    },
    service_settings=(
        secret("service_account_json"),
        text("location"),
        text("model_id"),
        text("project_id"),
        enum(
            "provider",
            "google",
            "anthropic",
            "meta",
            "hugging_face",
            "mistral",
            "ai21",
            default="google",
            tasks=("completion", "chat_completion"),
            since="9.2",
            show="upper",
        ),
        uri("url", tasks=("completion", "chat_completion"), since="9.2"),
        uri("streaming_url", tasks=("completion", "chat_completion"), since="9.2"),
        *embedding_fields(),
        integer("max_batch_size", tasks=("text_embedding",), since="9.3", updatable="9.3"),
        rate_limit("9.5"),
    ),
    task_settings=(
        boolean("auto_truncate", tasks=("text_embedding",)),
        enum("input_type", "ingest", "search", "classification", "clustering", tasks=("text_embedding",)),
        integer("top_n", tasks=("rerank",)),
        mapping("thinking_config", tasks=("completion", "chat_completion"), since="9.2"),
        integer("max_tokens", tasks=("completion", "chat_completion"), since="9.2"),
    ),
    shown=(
        "location",
        "project_id",
        "model_id",
        "url",
        "streaming_url",
        "provider",
        "max_input_tokens",
        "dimensions",
        "similarity",
        "max_batch_size",
        "rate_limit",
    ),
    rules=(
        Needs(("location", "model_id", "project_id"), When(tasks=("text_embedding",), until="9.4")),
        Needs(("model_id", "project_id"), When(tasks=("text_embedding",), since="9.5")),
        Needs(("project_id",), When(tasks=("rerank",))),
        Needs(
            ("location", "model_id", "project_id"),
            When(
                tasks=("completion", "chat_completion"),
                key="provider",
                values=("google",),
                default="google",
                until="9.4",
            ),
        ),
        Needs(
            ("model_id", "project_id"),
            When(
                tasks=("completion", "chat_completion"),
                key="provider",
                values=("google",),
                default="google",
                since="9.5",
            ),
        ),
        NeedsOneOf(
            ("url", "streaming_url"),
            When(
                tasks=("completion", "chat_completion"),
                key="provider",
                values=("anthropic", "meta", "hugging_face", "mistral", "ai21"),
            ),
        ),
        Forbids(
            ("url", "streaming_url"),
            When(tasks=("completion", "chat_completion"), key="provider", values=("google",), default="google"),
        ),
    ),
    similarity=Similarity("dot_product"),
    vector=768,
)
