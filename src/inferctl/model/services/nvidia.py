"""Nvidia: `service: nvidia`."""

from typing import Annotated, Literal

from inferctl.model.services.common import TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import By, Doc, Filled, Fold, Note, NotPut, Only, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Similarity, Text, Url, Word
from inferctl.model.versions import since


class NvidiaSettings(ServiceSettings, service="nvidia"):
    """Nvidia: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Model name.")]
    url: Annotated[Url | None, Doc("Overrides the provider URL; not filled when omitted.")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    dimensions: Annotated[
        Dimensions | None, Only(TEXT_EMBEDDING), NotPut(), Note("not accepted on PUT, shown by GET")
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class NvidiaTaskSettings(TaskSettings, service="nvidia"):
    """Nvidia: `task_settings`."""

    input_type: Annotated[
        Word[Literal["ingest", "search"]] | None,
        Doc("Purpose of the text; query is assumed when unset."),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
    ] = None
    truncate: Annotated[
        Word[Literal["none", "start", "end"]] | None,
        Doc("Side on which long inputs are cut."),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
    ] = None


SERVICE = Service(
    name="nvidia",
    title="Nvidia",
    since=since("9.3"),
    task_types={
        "text_embedding": Offered(since("9.3"), rate_limit=3000),
        "completion": Offered(since("9.3"), rate_limit=3000),
        "chat_completion": Offered(since("9.3"), rate_limit=3000),
        "rerank": Offered(since("9.3"), rate_limit=3000),
    },
    settings_class=NvidiaSettings,
    task_settings_class=NvidiaTaskSettings,
    host=By("task_type", {"rerank": "ai.api.nvidia.com"}, "integrate.api.nvidia.com"),
    notes=("truncate is lower-cased",),
)
