"""Mistral: `service: mistral`."""

from typing import Annotated

from inferctl.model.services.common import TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Only, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Similarity, Text
from inferctl.model.versions import since


class MistralSettings(ServiceSettings, service="mistral"):
    """Mistral: `service_settings`."""

    api_key: ApiKey
    model: Annotated[Text, Doc("Model name. The key is model, not model_id, in PUT and GET.")]
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING), Note("absent in the specification")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class MistralTaskSettings(TaskSettings, service="mistral"):
    """Mistral: `task_settings`."""


SERVICE = Service(
    name="mistral",
    title="Mistral",
    since=since("8.15"),
    task_types={
        "text_embedding": Offered(since("8.15"), rate_limit=240),
        "completion": Offered(since("8.19"), rate_limit=240),
        "chat_completion": Offered(since("8.19"), rate_limit=240),
    },
    settings_class=MistralSettings,
    task_settings_class=MistralTaskSettings,
    host="api.mistral.ai",
)
