"""Hugging Face: endpoints of any model, and the older service for ELSER alone."""

from .schema import Service, Similarity, Task, boolean, enum, integer, rate_limit, secret, text, uri

# Hugging Face: in the server from 8.12.
# - rate_limit
# - similarity and dimensions on text_embedding
# - max_input_tokens 512 on sparse_embedding, where a PUT may not carry it
HUGGING_FACE = Service(
    name="hugging_face",
    title="Hugging Face",
    since="8.12",
    tasks={
        "text_embedding": Task(rate_limit=3000),
        "sparse_embedding": Task(rate_limit=3000, since="8.12"),
        "completion": Task(rate_limit=3000, since="8.19/9.1"),
        "chat_completion": Task(rate_limit=3000, since="8.19/9.1"),
        "rerank": Task(rate_limit=3000, since="8.19/9.1"),
    },
    service_settings=(
        secret("api_key"),
        uri("url", required=True),
        text("model_id", tasks=("completion", "chat_completion"), since="8.19/9.1"),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=("text_embedding",)),
        integer("dimensions", tasks=("text_embedding",)),
        integer("max_input_tokens", tasks=("text_embedding",), updatable="9.5"),
        integer("max_input_tokens", tasks=("sparse_embedding",), default=512, put_allowed=False),
        rate_limit("9.5"),
    ),
    task_settings=(
        boolean("return_documents", tasks=("rerank",)),
        integer("top_n", tasks=("rerank",)),
    ),
    shown=("url", "model_id", "similarity", "dimensions", "max_input_tokens", "rate_limit"),
    similarity=Similarity("cosine"),
    vector=384,
)

# Hugging Face ELSER (hidden): in the server from 8.12.
# - rate_limit
# - max_input_tokens 512
HUGGING_FACE_ELSER = Service(
    name="hugging_face_elser",
    title="Hugging Face ELSER (hidden)",
    since="8.12",
    tasks={
        "sparse_embedding": Task(rate_limit=3000),
    },
    service_settings=(
        secret("api_key"),
        uri("url", required=True),
        integer("max_input_tokens", default=512, put_allowed=False, least=None),
        rate_limit("9.5"),
    ),
    shown=("url", "max_input_tokens", "rate_limit"),
    hidden=True,
)
