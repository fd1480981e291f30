"""Amazon Bedrock: in the server from 8.15.

- rate_limit
- similarity (cosine) and dimensions on text_embedding
- provider value: lower case in PUT becomes upper case in GET
"""

from .schema import (
    Field,
    OnlyWith,
    ProviderTasks,
    Service,
    Similarity,
    Task,
    embedding_fields,
    enum,
    integer,
    rate_limit,
    secret,
    text,
)

AMAZONBEDROCK = Service(
    name="amazonbedrock",
    title="Amazon Bedrock",
    since="8.15",
    tasks={
        "text_embedding": Task(rate_limit=240),
        "completion": Task(rate_limit=240),
        "chat_completion": Task(rate_limit=240, since="9.4"),
    },
    service_settings=(
        secret("access_key"),
        secret("secret_key"),
        text("region", required=True),
        text("model", required=True),
        enum(
            "provider",
            "amazontitan",
            "anthropic",
            "ai21labs",
            "cohere",
            "meta",
            "mistral",
            required=True,
            show="upper",
        ),
        *embedding_fields(dimensions=False),
        rate_limit("9.5"),
    ),
    task_settings=(
        Field("temperature", "number", least=0.0, most=1.0, tasks=("completion", "chat_completion")),
        Field("top_p", "number", least=0.0, most=1.0, tasks=("completion", "chat_completion")),
        Field("top_k", "number", least=0.0, most=1.0, tasks=("completion", "chat_completion")),
        integer("max_new_tokens", tasks=("completion", "chat_completion")),
        enum("truncate", "none", "start", "end", tasks=("text_embedding",), since="8.19/9.1"),
    ),
    shown=("region", "model", "provider", "rate_limit", "dimensions", "max_input_tokens", "similarity"),
    rules=(
        ProviderTasks(
            {
                ("text_embedding", ""): ("amazontitan", "cohere"),
                ("completion", ""): ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"),
                ("chat_completion", ""): ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"),
            }
        ),
        OnlyWith("top_k", ("anthropic", "cohere", "mistral")),
        OnlyWith("truncate", ("cohere",)),
    ),
    similarity=Similarity("cosine"),
    vector=1024,
)
