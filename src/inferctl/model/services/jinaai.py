"""Jina AI: `service: jinaai`."""

from typing import Annotated, Literal

from inferctl.model.services.common import DENSE, RERANK, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import By, Doc, Filled, Fold, Note, Only, Since, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Word
from inferctl.model.versions import since


class JinaAISettings(ServiceSettings, service="jinaai"):
    """Jina AI: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Model name (marked optional in the 8.18 and 9.0 specification).")]
    similarity: Annotated[
        Similarity | None,
        Only(DENSE),
        Filled(By("embedding_type", {"bit": "l2_norm", "binary": "l2_norm"}, "dot_product")),
    ] = None
    dimensions: Annotated[
        Dimensions | None,
        Only(DENSE),
        Note(
            "sent to the provider since 9.3.0 (back-ported to 8.19.9, 9.1.9 and 9.2.3); before that a user value was at most compared with the probe (uncertain)"
        ),
    ] = None
    embedding_type: Annotated[
        Word[Literal["float", "bit", "binary"]] | None,
        Doc("Vector element type."),
        Since("8.19"),
        Only(DENSE),
        Filled("float"),
        Fold("lower"),
        Note("GET repeats the chosen word (binary stays binary)"),
    ] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(DENSE), Updatable("9.5")] = None
    multimodal_model: Annotated[
        Flag | None,
        Doc("Use the multimodal request format."),
        Since("9.4"),
        Only(frozenset({"embedding"})),
        Filled(True),
        Note("not shown for text_embedding"),
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class JinaAITaskSettings(TaskSettings, service="jinaai"):
    """Jina AI: `task_settings`."""

    input_type: Annotated[
        Word[Literal["classification", "clustering", "ingest", "search"]] | None,
        Doc("Purpose of the text."),
        Only(DENSE),
        Fold("lower"),
        Note("the specification before 9.4 called the key task; the server key is input_type"),
    ] = None
    late_chunking: Annotated[
        Flag | None,
        Doc("Send the chunks of one document together; false when unset, not filled."),
        Since("9.3"),
        Only(DENSE),
    ] = None
    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK)] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK)] = None


SERVICE = Service(
    name="jinaai",
    title="Jina AI",
    since=since("8.18"),
    task_types={
        "text_embedding": Offered(since("8.18"), rate_limit=2000),
        "rerank": Offered(since("8.18"), rate_limit=2000),
        "embedding": Offered(since("9.4"), rate_limit=2000),
    },
    settings_class=JinaAISettings,
    task_settings_class=JinaAITaskSettings,
    host="api.jina.ai",
)
