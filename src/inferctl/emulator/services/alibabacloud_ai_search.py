"""AlibabaCloud AI Search: in the server from 8.16.

- rate_limit
- similarity and dimensions on text_embedding
"""

from .schema import (
    Service,
    Similarity,
    Task,
    boolean,
    embedding_fields,
    enum,
    mapping,
    rate_limit,
    secret,
    text,
)

ALIBABACLOUD_AI_SEARCH = Service(
    name="alibabacloud-ai-search",
    title="AlibabaCloud AI Search",
    since="8.16",
    tasks={
        "text_embedding": Task(rate_limit=1000),
        "sparse_embedding": Task(rate_limit=1000),
        "rerank": Task(rate_limit=1000),
        "completion": Task(rate_limit=1000),
    },
    service_settings=(
        secret("api_key"),
        text("host", required=True),
        text("service_id", required=True),
        text("workspace", required=True),
        enum("http_schema", "https", "http", updatable="9.4"),
        *embedding_fields(updatable="9.4"),
        rate_limit("9.4"),
    ),
    task_settings=(
        enum("input_type", "ingest", "search", tasks=("text_embedding", "sparse_embedding")),
        boolean("return_token", tasks=("sparse_embedding",)),
        mapping("parameters", tasks=("completion",)),
    ),
    shown=(
        "service_id",
        "host",
        "workspace",
        "http_schema",
        "rate_limit",
        "similarity",
        "dimensions",
        "max_input_tokens",
    ),
    similarity=Similarity("dot_product"),
)
