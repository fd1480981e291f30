"""Elasticsearch (models on ML nodes): in the server from 8.13.

- num_allocations is live data
- model_id, num_threads and allocations copied from the deployment when deployment_id is set
- similarity cosine, element_type float and dimensions for eland text_embedding
- task_settings.return_documents true on rerank
- no rate_limit
- endpoints older than 8.13 stored model_version, read back as model_id
"""

from .schema import Forbids, Service, Task, When, boolean, enum, integer, mapping, text

ELASTICSEARCH = Service(
    name="elasticsearch",
    title="Elasticsearch (models on ML nodes)",
    since="8.13",
    tasks={
        "text_embedding": Task(),
        "sparse_embedding": Task(since="8.16"),
        "rerank": Task(since="8.14"),
    },
    service_settings=(
        text("model_id"),
        integer("num_threads"),
        integer("num_allocations"),
        mapping("adaptive_allocations", since="8.15"),
        text("deployment_id", since="8.16"),
        enum("similarity", "cosine", "dot_product", "l2_norm", tasks=("text_embedding",)),
        enum("element_type", "byte", "float", tasks=("text_embedding",)),
        integer("dimensions", tasks=("text_embedding",), put_allowed=False, least=None),
        enum("long_document_strategy", "truncate", "chunk", tasks=("rerank",), since="9.2"),
        integer("max_chunks_per_doc", tasks=("rerank",), since="9.2"),
    ),
    task_settings=(boolean("return_documents", default=True, tasks=("rerank",)),),
    shown=(
        "num_allocations",
        "num_threads",
        "model_id",
        "adaptive_allocations",
        "deployment_id",
        "dimensions",
        "similarity",
        "element_type",
        "long_document_strategy",
        "max_chunks_per_doc",
    ),
    rules=(
        Forbids(
            ("max_chunks_per_doc",),
            When(tasks=("rerank",), key="long_document_strategy", values=("truncate",), default="truncate"),
        ),
    ),
    vector=384,
    in_cluster=True,
)
