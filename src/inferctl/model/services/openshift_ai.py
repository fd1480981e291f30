"""OpenShift AI: `service: openshift_ai`."""

from typing import Annotated

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Only, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Url
from inferctl.model.versions import since


class OpenShiftAISettings(ServiceSettings, service="openshift_ai"):
    """OpenShift AI: `service_settings`."""

    api_key: ApiKey
    url: Annotated[Url, Doc("URL of the hosted model.")]
    model_id: Annotated[Text | None, Doc("Model name, if the host needs one.")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    dimensions: Annotated[
        Dimensions | None, Only(TEXT_EMBEDDING), Note("absent in the specification type, shown in its sample response")
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class OpenShiftAITaskSettings(TaskSettings, service="openshift_ai"):
    """OpenShift AI: `task_settings`."""

    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK)] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK)] = None


SERVICE = Service(
    name="openshift_ai",
    title="OpenShift AI",
    since=since("9.3"),
    task_types={
        "text_embedding": Offered(since("9.3"), rate_limit=3000),
        "completion": Offered(since("9.3"), rate_limit=3000),
        "chat_completion": Offered(since("9.3"), rate_limit=3000),
        "rerank": Offered(since("9.3"), rate_limit=3000),
    },
    settings_class=OpenShiftAISettings,
    task_settings_class=OpenShiftAITaskSettings,
)
