"""Mixedbread: `service: mixedbread`."""

from typing import Annotated

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Only, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Url
from inferctl.model.versions import UNRELEASED, since


class MixedbreadSettings(ServiceSettings, service="mixedbread"):
    """Mixedbread: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Model name.")]
    url: Annotated[
        Url | None,
        Doc("Overrides the provider URL."),
        Filled(),
        Note("in the newest source read GET always shows it, with the default URL when it was not given"),
        Uncertain("S,P"),
    ] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING), Uncertain("S")] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product"), Uncertain("R")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5"), Uncertain("S")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5"), Uncertain("P")] = None


class MixedbreadTaskSettings(TaskSettings, service="mixedbread"):
    """Mixedbread: `task_settings`."""

    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK), Uncertain("R")] = None
    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK), Uncertain("R")] = None
    prompt: Annotated[Text | None, Doc("Prompt for embeddings."), Only(TEXT_EMBEDDING), Uncertain("P")] = None
    normalized: Annotated[Flag | None, Doc("Normalise embeddings."), Only(TEXT_EMBEDDING), Uncertain("P")] = None


SERVICE = Service(
    name="mixedbread",
    title="Mixedbread",
    since=since("9.4"),
    task_types={
        "rerank": Offered(
            since("9.4"), rate_limit=100, uncertain=True, note="100 in the newest source read, 240 in an earlier draft"
        ),
        "text_embedding": Offered(
            UNRELEASED,
            rate_limit=100,
            uncertain=True,
            note="its pull request (#142169) was closed; treat as not released",
        ),
    },
    settings_class=MixedbreadSettings,
    task_settings_class=MixedbreadTaskSettings,
    host="api.mixedbread.com",
    notes=("rerank was merged early in 2026; a draft of the specification (never merged into main) says 9.3",),
    uncertain=True,
)
