"""Elastic: its hosted service, models in the cluster, and the older service name of ELSER."""

from .schema import DENSE, Forbids, Service, Similarity, Task, When, boolean, enum, integer, mapping, rate_limit, text

# Elastic Inference Service: in the server from 8.16.
# - metadata object on preconfigured endpoints
# - preconfigured chat endpoints may show chunking_settings
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
            since="8.19.11/9.2.5/9.3",
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
    hidden=True,  # no cluster here is connected to EIS
)

# Elasticsearch (models on ML nodes): in the server from 8.13.
# - num_allocations is live data
# - model_id, num_threads and allocations copied from the deployment when deployment_id is set
# - similarity cosine, element_type float and dimensions for eland text_embedding
# - task_settings.return_documents true on rerank
# - no rate_limit
# - endpoints older than 8.13 stored model_version, read back as model_id
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

# ELSER (old service name): in the server from 8.11.
# - service is returned as elasticsearch
# - model_id is filled
# - a deprecation warning header accompanies the PUT
# - service elser becomes elasticsearch in PUT response and GET (since 8.16; the sample response in the
#   specification still shows elser)
ELSER = Service(
    name="elser",
    title="ELSER (old service name)",
    since="8.11",
    tasks={
        "sparse_embedding": Task(),
    },
    service_settings=(
        integer("num_threads", required=True),
        integer("num_allocations"),
        mapping("adaptive_allocations", since="8.15"),
        text("model_id"),
    ),
    shown=("num_allocations", "num_threads", "model_id", "adaptive_allocations"),
    in_cluster=True,
    alias_of="elasticsearch",
)
