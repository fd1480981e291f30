"""Elastic Inference Service: in the server from 8.16.

- metadata object on preconfigured endpoints
- preconfigured chat endpoints may show chunking_settings
"""

from .schema import DENSE, Service, Similarity, Task, enum, integer, mapping, rate_limit, text

ELASTIC = Service(
    name="elastic",
    title="Elastic Inference Service",
    since="8.16",
    tasks={
        "sparse_embedding": Task(rate_limit=1000, rate_limit_until="9.1", since="8.16"),
        "chat_completion": Task(rate_limit=240, rate_limit_until="9.1", since="8.18/9.0"),
        "completion": Task(since="9.3"),
        "text_embedding": Task(rate_limit=10000, rate_limit_until="9.1", since="8.19/9.1"),
        "rerank": Task(rate_limit=500, rate_limit_until="9.1", since="8.19/9.1"),
        "embedding": Task(since="9.4"),
    },
    service_settings=(
        text("model_id", required=True),
        integer("max_input_tokens", tasks=("sparse_embedding", "text_embedding", "embedding")),
        integer(
            "max_batch_size",
            tasks=("sparse_embedding", "text_embedding", "embedding"),
            since="9.3",
            updatable="9.5",
        ),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=DENSE),
        integer("dimensions", tasks=DENSE),
        rate_limit("", until="9.1"),
    ),
    task_settings=(mapping("reasoning", tasks=("chat_completion",), since="9.5", null_resets="9.5"),),
    shown=("model_id", "similarity", "dimensions", "max_input_tokens", "max_batch_size", "rate_limit"),
    similarity=Similarity("cosine"),
    refuses_rate_limit="9.2",
)
