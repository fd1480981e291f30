"""Cohere: `service: cohere`."""

from typing import Annotated, Literal

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import (
    Also,
    By,
    Doc,
    Filled,
    Fold,
    Hidden,
    Note,
    NotPut,
    Only,
    Required,
    Shows,
    Since,
    Uncertain,
    Unseen,
    Updatable,
    WordsSince,
)
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Url, Word
from inferctl.model.versions import since


class CohereSettings(ServiceSettings, service="cohere"):
    """Cohere: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[
        Text | None,
        Doc("Model name."),
        Required("8.19"),
        Also("model"),
        Note(
            "the 9.2.0 change list has a correction around it (#136017); new endpoints use provider API V2 from 8.19 on"
        ),
    ] = None
    url: Annotated[
        Url | None,
        Doc("Overrides the provider URL (meant for tests)."),
        Unseen(frozenset({"completion", "rerank", "text_embedding"})),
        Note(
            "returned by GET in the source of 8.19 / 9.1, hidden in the parser-based source (about 9.5). Absent in the specification"
        ),
        Uncertain("S"),
    ] = None
    api_version: Annotated[
        Word[Literal["V1", "V2"]] | None,
        Doc(
            "Provider API generation, chosen by the server: V2 for new endpoints, V1 for older stored ones. Stored, never returned."
        ),
        Since("8.19"),
        NotPut(),
        Fold("lower"),
        Hidden(),
    ] = None
    embedding_type: Annotated[
        Word[Literal["float", "int8", "byte", "binary", "bit"]] | None,
        Doc("Vector element type."),
        Only(TEXT_EMBEDDING),
        Filled("float"),
        WordsSince("8.19", ("binary", "bit")),
        Fold("lower"),
        Shows({"int8": "byte", "binary": "bit"}),
        Note("binary and bit since 8.19 / 9.1"),
    ] = None
    similarity: Annotated[
        Similarity | None,
        Only(TEXT_EMBEDDING),
        Filled(By("embedding_type", {"bit": "l2_norm", "binary": "l2_norm"}, "cosine")),
        Note("the default changed between releases: read it back after creation"),
        Uncertain("S"),
    ] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5", uncertain=True)] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5", uncertain=True)] = None


class CohereTaskSettings(TaskSettings, service="cohere"):
    """Cohere: `task_settings`."""

    input_type: Annotated[
        Word[Literal["classification", "clustering", "ingest", "search"]] | None,
        Doc("Purpose of the text."),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
        Note("optional in the server; the specification marks it required from 9.1 (v3 and later models need it)"),
    ] = None
    truncate: Annotated[
        Word[Literal["none", "start", "end"]] | None,
        Doc("Side on which long inputs are cut."),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
    ] = None
    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK)] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK)] = None
    max_chunks_per_doc: Annotated[
        PositiveInt | None,
        Doc("Chunks per document for rerank. Absent in the specification."),
        Only(RERANK),
        Uncertain("R"),
    ] = None


SERVICE = Service(
    name="cohere",
    title="Cohere",
    since=since("8.13"),
    task_types={
        "text_embedding": Offered(since("8.13"), rate_limit=10000),
        "rerank": Offered(since("8.14"), rate_limit=10000, uncertain=True),
        "completion": Offered(since("8.15"), rate_limit=10000, uncertain=True),
    },
    settings_class=CohereSettings,
    task_settings_class=CohereTaskSettings,
    may_refuse_secrets=True,
    host="api.cohere.ai",
    notes=(
        "service_settings.model becomes service_settings.model_id",
        "embedding_type int8 becomes byte, binary becomes bit",
        "truncate is lower-cased",
        "url is returned until about 9.4 and hidden later",
    ),
)
