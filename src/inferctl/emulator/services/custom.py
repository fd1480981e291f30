"""Custom: in the server from 8.19 and 9.1.

- rate_limit
- batch_size
- input_type with empty translation
- response.json_parser.embedding_type
- similarity and dimensions on text_embedding
"""

from .schema import (
    Field,
    InnerDefault,
    NeedsInner,
    Service,
    Similarity,
    Task,
    embedding_fields,
    integer,
    mapping,
    rate_limit,
    secret,
    text,
)

CUSTOM = Service(
    name="custom",
    title="Custom",
    since="8.19/9.1",
    tasks={
        "text_embedding": Task(rate_limit=10000),
        "sparse_embedding": Task(rate_limit=10000),
        "rerank": Task(rate_limit=10000),
        "completion": Task(rate_limit=10000),
    },
    service_settings=(
        secret("secret_parameters", required=False, kind="object"),
        text("url", required=True, updatable="9.5"),
        mapping("headers", updatable="9.5"),
        Field("query_parameters", "list", updatable="9.5"),
        text("request", required=True, updatable="9.5"),
        mapping("response", required=True, updatable="9.5"),
        mapping(
            "input_type",
            default={"translation": {}, "default": ""},
            tasks=("text_embedding", "sparse_embedding", "embedding"),
            updatable="9.5",
        ),
        integer("batch_size", default=10, updatable="9.5"),
        *embedding_fields(),
        rate_limit("9.5"),
    ),
    task_settings=(mapping("parameters"),),
    shown=(
        "similarity",
        "dimensions",
        "max_input_tokens",
        "url",
        "headers",
        "query_parameters",
        "request",
        "response",
        "input_type",
        "rate_limit",
        "batch_size",
    ),
    rules=(
        NeedsInner(
            ("response", "json_parser"),
            {
                "text_embedding": ("text_embeddings",),
                "sparse_embedding": ("token_path", "weight_path"),
                "rerank": ("relevance_score",),
                "completion": ("completion_result",),
            },
        ),
    ),
    inner_defaults=(
        InnerDefault(("response", "json_parser", "embedding_type"), "float", ("text_embedding",), since="9.2"),
    ),
    similarity=Similarity("dot_product"),
    secrets_wiped=True,
    parameters_apart="9.4.8/9.5.0",
    hidden=True,
)
