"""Elasticsearch (models on ML nodes): `service: elasticsearch`. Sources: catalog.yaml and inference-api 8.3, 3.8."""

from __future__ import annotations

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, similarity, task_setting
from inferctl.model.services.facts import Fact, TaskFacts
from inferctl.model.services.in_cluster import (
    ADAPTIVE_FIELDS,
    allocations,
    alone,
    eland_only,
    model_of_the_task,
    threads,
)
from inferctl.model.services.rules import Needs, OneOf, Refuses, When
from inferctl.model.services.service import Service
from inferctl.model.versions import since

SERVICE = Service(
    name="elasticsearch",
    title="Elasticsearch (models on ML nodes)",
    since=since("8.13"),
    task_types={
        "text_embedding": TaskFacts(since("8.13")),
        "sparse_embedding": TaskFacts(since("8.16"), uncertain=True, note="before that ELSER needed the elser service"),
        "rerank": TaskFacts(since("8.14")),
    },
    service_settings={
        "model_id": Fact(
            "string",
            "Trained model id.",
            required="conditional: required unless deployment_id is given",
            filled=True,
            note="filled from the deployment when deployment_id is used; well-known ids: .elser_model_2, .elser_model_2_linux-x86_64, .multilingual-e5-small, .multilingual-e5-small_linux-x86_64, .rerank-v1; a *_linux-x86_64 id is rejected on other platforms",
            evidence="S,C",
        ),
        "num_threads": Fact(
            "integer",
            "Threads per allocation.",
            required="conditional: required unless deployment_id is given",
            minimum=1,
            maximum=32,
            note="a power of two; the power-of-two and maximum checks happen when the deployment starts; what an _update that names it does depends on the version (update_outcome)",
            evidence="S,C",
        ),
        "num_allocations": Fact(
            "integer",
            "Fixed number of allocations.",
            required="conditional: one of num_allocations or adaptive_allocations",
            minimum=1,
            filled=True,
            live=True,
            updatable_since=since("8.17"),
            note="GET reports the live number of the deployment, also when adaptive allocations are on or when nobody set it",
            update_note="until 9.1 the only key an _update takes, and it must be there; refused while adaptive allocations are on. After 9.5: one of num_allocations / adaptive_allocations, never both, and sending one clears the other",
            evidence="S,C,P",
        ),
        "adaptive_allocations": Fact(
            "object",
            "Autoscaling of allocations.",
            required="conditional: one of num_allocations or adaptive_allocations",
            since=since("8.15"),
            updatable_since=since("9.3"),
            updatable_uncertain=True,
            fields=ADAPTIVE_FIELDS,
            note="giving num_allocations together with enabled adaptive allocations is refused when the deployment starts; documented with 8.15; the wire gate of the settings object is of 8.16",
            update_note="the hook that merges service settings is missing in servers up to 9.1 and in 9.2.0 to 9.2.4; 9.3 tests change it through _update; 9.2 is not known. Switching between fixed and adaptive is not safe until after 9.5",
            evidence="S,C",
        ),
        "deployment_id": Fact(
            "string",
            "Attach to an existing trained-model deployment.",
            since=since("8.16"),
            note="the user values of num_threads, num_allocations, adaptive_allocations and model_id are then replaced by those of the deployment; other keys in service_settings, even unknown ones, are then not looked at (model_id alone is compared when given)",
            evidence="S,C",
        ),
        "similarity": similarity("cosine", note="not accepted and not shown for E5", evidence="S"),
        "element_type": Fact(
            "enum",
            "Only for models loaded with eland.",
            enum=("byte", "float"),
            default="float",
            filled=True,
            fold="lower",
            task_types=TEXT_EMBEDDING,
            evidence="S",
        ),
        "dimensions": Fact(
            "integer",
            "Only for models loaded with eland; read from the model.",
            filled=True,
            put_allowed=False,
            task_types=TEXT_EMBEDDING,
            evidence="S",
        ),
        "long_document_strategy": Fact(
            "enum",
            "Only for .rerank-v1: cut long documents or score them in chunks.",
            enum=("truncate", "chunk"),
            fold="lower",
            since=since("9.2"),
            task_types=RERANK,
            note="truncate is the behaviour when unset; it is not filled into GET",
            evidence="S,C",
        ),
        "max_chunks_per_doc": Fact(
            "integer",
            "Only for .rerank-v1 with long_document_strategy chunk.",
            minimum=1,
            since=since("9.2"),
            task_types=RERANK,
            note="rejected unless long_document_strategy is chunk",
            evidence="S,C",
        ),
    },
    task_settings={
        "return_documents": task_setting(
            "boolean", "Return the document text.", default=True, filled=True, task_types=RERANK, evidence="S,C"
        ),
    },
    observed_name="elasticsearch",
    rules=(
        Needs(("model_id", "num_threads"), When(without="deployment_id")),
        OneOf(("num_allocations", "adaptive_allocations"), When(without="deployment_id")),
        Refuses(
            ("max_chunks_per_doc",),
            When(RERANK, "long_document_strategy", frozenset({"truncate"}), "truncate"),
            "it needs long_document_strategy: chunk",
        ),
        threads,
        allocations,
        model_of_the_task,
        eland_only,
        alone,
    ),
    notes=(
        "serves ELSER, E5, the Elastic reranker and models loaded with eland",
        "an endpoint id must differ from every trained-model deployment id",
        "endpoints older than 8.13 stored model_version, read back as model_id",
    ),
)
