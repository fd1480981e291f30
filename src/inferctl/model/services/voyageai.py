"""Voyage AI: `service: voyageai`."""

from typing import Annotated, Literal

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Fold, Note, Only, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Word
from inferctl.model.versions import since


class VoyageAISettings(ServiceSettings, service="voyageai"):
    """Voyage AI: `service_settings`."""

    api_key: Annotated[ApiKey, Note("missing in the specification type and examples, required by the source")]
    model_id: Annotated[Text, Doc("Model name.")]
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    embedding_type: Annotated[
        Word[Literal["float", "int8", "byte", "bit", "binary"]] | None,
        Doc("Vector element type."),
        Only(TEXT_EMBEDDING),
        Filled("float"),
        Fold("lower"),
        Note(
            "the specification wrongly types it as a float number; always filled from 9.5, may be absent before; GET repeats the chosen word"
        ),
    ] = None
    similarity: Annotated[
        Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product"), Note("the same for every embedding_type")
    ] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class VoyageAITaskSettings(TaskSettings, service="voyageai"):
    """Voyage AI: `task_settings`."""

    input_type: Annotated[
        Word[Literal["ingest", "search"]] | None, Doc("Purpose of the text."), Only(TEXT_EMBEDDING), Fold("lower")
    ] = None
    truncation: Annotated[
        Flag | None, Doc("Cut long inputs; true when unset, not filled."), Only(frozenset({"rerank", "text_embedding"}))
    ] = None
    return_documents: Annotated[
        Flag | None, Doc("Return the document text; false when unset, not filled."), Only(RERANK)
    ] = None
    top_k: Annotated[
        PositiveInt | None, Doc("Number of documents to return (the key is top_k, not top_n)."), Only(RERANK)
    ] = None


SERVICE = Service(
    name="voyageai",
    title="Voyage AI",
    since=since("8.19"),
    task_types={
        "text_embedding": Offered(since("8.19"), rate_limit=2000),
        "rerank": Offered(since("8.19"), rate_limit=2000),
    },
    settings_class=VoyageAISettings,
    task_settings_class=VoyageAITaskSettings,
    host="api.voyageai.com",
    notes=(
        "annotated 8.19, although the specification branches 8.18 and 9.0 already contain the API; the servers 8.18.0 and 9.0.0 do not know the service, 8.19.0 and 9.1.0 do",
    ),
)
