"""Elasticsearch (models on ML nodes): `service: elasticsearch`."""

from typing import Annotated, Literal

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING
from inferctl.model.services.conditions import Needs, OneOf, Refuses, When
from inferctl.model.services.in_cluster import (
    BUILT_IN,
    AdaptiveAllocations,
    allocations,
    model_of_the_task,
    spelled,
    threads,
)
from inferctl.model.services.marks import Doc, Filled, Fold, Live, Note, NotPut, Only, Since, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Between, Flag, PositiveInt, Similarity, Text, WholeNumber, Word
from inferctl.model.versions import since


class ElasticsearchSettings(ServiceSettings, service="elasticsearch"):
    """Elasticsearch (models on ML nodes): `service_settings`."""

    model_id: Annotated[
        Text | None,
        Doc("Trained model id."),
        Filled(),
        Note(
            "filled from the deployment when deployment_id is used; well-known ids: .elser_model_2, .elser_model_2_linux-x86_64, .multilingual-e5-small, .multilingual-e5-small_linux-x86_64, .rerank-v1; a *_linux-x86_64 id is rejected on other platforms"
        ),
    ] = None
    num_threads: Annotated[
        Annotated[int, Between(1, 32)] | None,
        Doc("Threads per allocation."),
        Note(
            "a power of two; the power-of-two and maximum checks happen when the deployment starts; what an _update that names it does depends on the version"
        ),
    ] = None
    num_allocations: Annotated[
        PositiveInt | None,
        Doc("Fixed number of allocations."),
        Filled(),
        Live(),
        Updatable(
            "8.17",
            note="until 9.1 the only key an _update takes, and it must be there, and until 9.2 refused while adaptive allocations are on; from 9.3 they have to be put off in the same update. After 9.5: one of num_allocations / adaptive_allocations, never both, and sending one clears the other",
        ),
        Note(
            "GET reports the live number of the deployment, also when adaptive allocations are on or when nobody set it"
        ),
    ] = None
    adaptive_allocations: Annotated[
        AdaptiveAllocations | None,
        Doc("Autoscaling of allocations."),
        Since("8.15"),
        Updatable(
            "9.3",
            note="the hook that merges service settings is missing in servers up to 9.1 and in 9.2.0 to 9.2.4; 9.3 tests change it through _update; 9.2 is not known. From 9.3 an update is also tried to switch between fixed and adaptive, which is not proven end to end: the read-back tells",
            uncertain=True,
        ),
        Note(
            "giving num_allocations together with enabled adaptive allocations is refused when the deployment starts; documented with 8.15; the wire gate of the settings object is of 8.16"
        ),
    ] = None
    deployment_id: Annotated[
        Text | None,
        Doc("Attach to an existing trained-model deployment."),
        Since("8.16"),
        Note(
            "the user values of num_threads, num_allocations, adaptive_allocations and model_id are then replaced by those of the deployment; other keys in service_settings, even unknown ones, are then not looked at (model_id alone is compared when given)"
        ),
    ] = None
    similarity: Annotated[
        Similarity | None, Only(TEXT_EMBEDDING), Filled("cosine"), Note("not accepted and not shown for E5")
    ] = None
    element_type: Annotated[
        Word[Literal["byte", "float"]] | None,
        Doc("Only for models loaded with eland."),
        Only(TEXT_EMBEDDING),
        Filled("float"),
        Fold("lower"),
    ] = None
    dimensions: Annotated[
        WholeNumber | None,
        Doc("Only for models loaded with eland; read from the model."),
        Only(TEXT_EMBEDDING),
        NotPut(),
        Filled(),
    ] = None
    long_document_strategy: Annotated[
        Word[Literal["truncate", "chunk"]] | None,
        Doc("Only for .rerank-v1: cut long documents or score them in chunks."),
        Since("9.2"),
        Only(RERANK),
        Fold("lower"),
        Note("truncate is the behaviour when unset; it is not filled into GET"),
    ] = None
    max_chunks_per_doc: Annotated[
        PositiveInt | None,
        Doc("Only for .rerank-v1 with long_document_strategy chunk."),
        Since("9.2"),
        Only(RERANK),
        Note("rejected unless long_document_strategy is chunk"),
    ] = None

    conditions = (
        Needs(("model_id", "num_threads"), When(without="deployment_id")),
        OneOf(("num_allocations", "adaptive_allocations"), When(without="deployment_id")),
        Refuses(
            ("max_chunks_per_doc",),
            When(RERANK, setting="long_document_strategy", otherwise="truncate", values=frozenset({"truncate"})),
            "it needs long_document_strategy: chunk",
        ),
        threads,
        allocations,
        model_of_the_task,
        Refuses(
            ("similarity", "element_type"),
            When(setting="model_id", values=frozenset(spelled(BUILT_IN))),
            "only models that were loaded with Eland take it",
        ),
        Refuses(
            ("similarity", "element_type", "long_document_strategy", "max_chunks_per_doc"),
            When(beside="deployment_id"),
            "the server then takes nothing from service_settings but model_id and deployment_id",
        ),
    )


class ElasticsearchTaskSettings(TaskSettings, service="elasticsearch"):
    """Elasticsearch (models on ML nodes): `task_settings`."""

    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK), Filled(True)] = None


SERVICE = Service(
    name="elasticsearch",
    title="Elasticsearch (models on ML nodes)",
    since=since("8.13"),
    task_types={
        "text_embedding": Offered(since("8.13")),
        "sparse_embedding": Offered(since("8.16"), uncertain=True, note="before that ELSER needed the elser service"),
        "rerank": Offered(since("8.14")),
    },
    settings_class=ElasticsearchSettings,
    task_settings_class=ElasticsearchTaskSettings,
    notes=(
        "serves ELSER, E5, the Elastic reranker and models loaded with eland",
        "an endpoint id must differ from every trained-model deployment id",
        "endpoints older than 8.13 stored model_version, read back as model_id",
    ),
)
