"""Cohere: in the server from 8.13.

- rate_limit
- embedding_type
- similarity and dimensions on text_embedding
- service_settings.model becomes service_settings.model_id
- embedding_type int8 becomes byte, binary becomes bit
- truncate is lower-cased
- url is returned until about 9.4 and hidden later
"""

from .schema import Service, Similarity, Task, boolean, enum, integer, rate_limit, secret, text

COHERE = Service(
    name="cohere",
    title="Cohere",
    since="8.13",
    tasks={
        "text_embedding": Task(rate_limit=10000),
        "rerank": Task(rate_limit=10000, since="8.14"),
        "completion": Task(rate_limit=10000, since="8.15"),
    },
    service_settings=(
        secret("api_key"),
        text("model_id", required_since="8.19/9.1", aliases=("model",)),
        text("url", hidden_since="9.5"),
        enum("api_version", "V1", "V2", since="8.19/9.1", put_allowed=False),
        enum(
            "embedding_type",
            "float",
            "int8",
            "byte",
            "binary",
            "bit",
            later_words={"binary": "8.19/9.1", "bit": "8.19/9.1"},
            default="float",
            tasks=("text_embedding",),
            synonyms={"int8": "byte", "binary": "bit"},
        ),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=("text_embedding",)),
        integer("dimensions", tasks=("text_embedding",)),
        integer("max_input_tokens", tasks=("text_embedding",), updatable="9.5", null_resets="9.5"),
        rate_limit("9.5", null_resets="9.5"),
    ),
    task_settings=(
        enum("input_type", "classification", "clustering", "ingest", "search", tasks=("text_embedding",)),
        enum("truncate", "none", "start", "end", tasks=("text_embedding",)),
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
        integer("max_chunks_per_doc", tasks=("rerank",)),
    ),
    shown=("model_id", "rate_limit", "similarity", "dimensions", "max_input_tokens", "embedding_type", "url"),
    similarity=Similarity("cosine", {"bit": "l2_norm", "binary": "l2_norm"}, since="9.5", before="dot_product"),
    vector=1024,
    parser_since="9.5",
)
