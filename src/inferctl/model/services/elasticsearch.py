"""Elasticsearch (models on ML nodes): the `elasticsearch` service. Facts from catalog.yaml (elasticsearch); docs/how-to/add-a-service.md says how to read them."""

from __future__ import annotations

from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="elasticsearch",
    title="Elasticsearch (models on ML nodes)",
    since=since("8.13", "9.0"),
    task_types={
        "text_embedding": TaskFacts(since("8.13", "9.0")),
        "sparse_embedding": TaskFacts(since("8.16", "9.0")),
        "rerank": TaskFacts(since("8.14", "9.0")),
    },
    service_settings={
        "model_id": Fact(
            "string",
            description="Trained model id.",
            required="conditional: required unless deployment_id is given",
            filled=True,
            note="filled from the deployment when deployment_id is used; well-known ids: .elser_model_2, .elser_model_2_linux-x86_64, .multilingual-e5-small, .multilingual-e5-small_linux-x86_64, .rerank-v1; a *_linux-x86_64 id is rejected on other platforms",
            evidence="S,C",
        ),
        "num_threads": Fact(
            "integer",
            description="Threads per allocation.",
            required="conditional: required unless deployment_id is given",
            minimum=1,
            maximum=32,
            note="a power of two; the power-of-two and maximum checks happen when the deployment starts; what an _update that names it does depends on the version (update_outcome)",
            evidence="S,C",
        ),
        "num_allocations": Fact(
            "integer",
            description="Fixed number of allocations.",
            required="conditional: one of num_allocations or adaptive_allocations",
            minimum=1,
            filled=True,
            live=True,
            updatable_since=since("8.17"),
            note="GET reports the live number of the deployment, also when adaptive allocations are on or when nobody set it",
            evidence="S,C,P",
        ),
        "adaptive_allocations": Fact(
            "object",
            description="Autoscaling of allocations.",
            required="conditional: one of num_allocations or adaptive_allocations",
            since=since("8.15"),
            updatable_since=since("9.3"),
            note="giving num_allocations together with enabled adaptive allocations is refused when the deployment starts",
            uncertain=True,
            evidence="S,C",
            fields={
                "enabled": Fact("boolean"),
                "min_number_of_allocations": Fact("integer", minimum=0),
                "max_number_of_allocations": Fact("integer", minimum=1, note="not below min_number_of_allocations"),
            },
        ),
        "deployment_id": Fact(
            "string",
            description="Attach to an existing trained-model deployment.",
            since=since("8.16"),
            note="the user values of num_threads, num_allocations, adaptive_allocations and model_id are then replaced by those of the deployment; other keys in service_settings, even unknown ones, are then not looked at (model_id alone is compared when given)",
            evidence="S,C",
        ),
        "similarity": Fact(
            "enum",
            description="Only for models loaded with eland.",
            enum=("cosine", "dot_product", "l2_norm"),
            default="cosine",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            note="not accepted and not shown for E5",
            evidence="S",
        ),
        "element_type": Fact(
            "enum",
            description="Only for models loaded with eland.",
            enum=("byte", "float"),
            default="float",
            filled=True,
            fold="lower",
            task_types=frozenset({"text_embedding"}),
            evidence="S",
        ),
        "dimensions": Fact(
            "integer",
            description="Only for models loaded with eland; read from the model.",
            filled=True,
            put_allowed=False,
            task_types=frozenset({"text_embedding"}),
            evidence="S",
        ),
        "long_document_strategy": Fact(
            "enum",
            description="Only for .rerank-v1: cut long documents or score them in chunks.",
            enum=("truncate", "chunk"),
            fold="lower",
            since=since("9.2"),
            task_types=frozenset({"rerank"}),
            note="truncate is the behaviour when unset; it is not filled into GET",
            evidence="S,C",
        ),
        "max_chunks_per_doc": Fact(
            "integer",
            description="Only for .rerank-v1 with long_document_strategy chunk.",
            minimum=1,
            since=since("9.2"),
            task_types=frozenset({"rerank"}),
            note="rejected unless long_document_strategy is chunk",
            evidence="S,C",
        ),
    },
    task_settings={
        "return_documents": Fact(
            "boolean",
            description="Return the document text.",
            default=True,
            filled=True,
            updatable_since=since("8.17"),
            task_types=frozenset({"rerank"}),
            evidence="S,C",
        )
    },
    observed_name="elasticsearch",
    notes=(
        "serves ELSER, E5, the Elastic reranker and models loaded with eland",
        "an endpoint id must differ from every trained-model deployment id",
        "endpoints older than 8.13 stored model_version, read back as model_id",
    ),
)
