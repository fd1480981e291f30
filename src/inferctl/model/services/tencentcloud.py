"""Tencent Cloud: `service: tencentcloud`. Merged after 9.5 (docs/reference/server/services.md#not-in-95)."""

from typing import Annotated

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import By, Doc, Filled, NotPut, Only, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text
from inferctl.model.versions import since


class TencentCloudSettings(ServiceSettings, service="tencentcloud"):
    """Tencent Cloud: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Model name.")]
    region: Annotated[Text | None, Doc("Region of the gateway; a part of its host."), Filled("bj")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING), NotPut(), Uncertain("P")] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.6")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.6")] = None


class TencentCloudTaskSettings(TaskSettings, service="tencentcloud"):
    """Tencent Cloud: `task_settings`."""

    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK), Uncertain("P")] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK), Uncertain("P")] = None


SERVICE = Service(
    name="tencentcloud",
    title="TencentCloud AI Gateway",
    since=since("9.6"),
    task_types={
        "text_embedding": Offered(since("9.6"), rate_limit=20),
        "completion": Offered(since("9.6"), rate_limit=20, uncertain=True, note="a test says 5"),
        "chat_completion": Offered(since("9.6"), rate_limit=20, uncertain=True, note="a test says 5"),
        "rerank": Offered(since("9.6"), rate_limit=20),
    },
    settings_class=TencentCloudSettings,
    task_settings_class=TencentCloudTaskSettings,
    host=By("task_type", {}, ["{region}.aisearch.tencentelasticsearch.com", "bj.aisearch.tencentelasticsearch.com"]),
    notes=("merged after 9.5 (#152829): uncertain until a release has it",),
    uncertain=True,
)
