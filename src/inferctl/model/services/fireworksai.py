"""Fireworks AI: `service: fireworksai`."""

from typing import Annotated

from inferctl.model.services.common import CHAT, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import By, Doc, Filled, Note, Only, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Headers, Similarity, Text, Url
from inferctl.model.versions import since


class FireworksAISettings(ServiceSettings, service="fireworksai"):
    """Fireworks AI: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Model name.")]
    url: Annotated[
        Url | None,
        Doc("Overrides the provider URL."),
        Filled(By("task_type", {"text_embedding": "https://api.fireworks.ai/inference/v1/embeddings"}, None)),
        Note("filled into GET for text_embedding only"),
    ] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("cosine")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class FireworksAITaskSettings(TaskSettings, service="fireworksai"):
    """Fireworks AI: `task_settings`."""

    user: Annotated[Text | None, Doc("End-user tag."), Only(CHAT)] = None
    headers: Annotated[Headers | None, Doc("Extra HTTP headers."), Only(CHAT)] = None


SERVICE = Service(
    name="fireworksai",
    title="Fireworks AI",
    since=since("9.4"),
    task_types={
        "text_embedding": Offered(since("9.4"), rate_limit=6000),
        "completion": Offered(since("9.4"), rate_limit=6000),
        "chat_completion": Offered(since("9.4"), rate_limit=6000),
    },
    settings_class=FireworksAISettings,
    task_settings_class=FireworksAITaskSettings,
    host="api.fireworks.ai",
)
