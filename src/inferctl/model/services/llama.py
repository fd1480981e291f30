"""Llama Stack: `service: llama`."""

from typing import Annotated

from inferctl.model.services.common import TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Only, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Similarity, Text, Url
from inferctl.model.versions import since


class LlamaSettings(ServiceSettings, service="llama"):
    """Llama Stack: `service_settings`."""

    api_key: Annotated[
        ApiKey | None, Note("absent in the specification; the service works with and without it"), Uncertain("R")
    ] = None
    url: Annotated[Url, Doc("Full URL of the Llama Stack route.")]
    model_id: Annotated[Text, Doc("Model name.")]
    dimensions: Annotated[
        Dimensions | None, Only(TEXT_EMBEDDING), Note("used in a specification example but not declared there")
    ] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product"), Uncertain("S,R")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class LlamaTaskSettings(TaskSettings, service="llama"):
    """Llama Stack: `task_settings`."""


SERVICE = Service(
    name="llama",
    title="Llama Stack",
    since=since("9.2"),
    task_types={
        "text_embedding": Offered(since("9.2"), rate_limit=3000),
        "completion": Offered(since("9.2"), rate_limit=3000),
        "chat_completion": Offered(since("9.2"), rate_limit=3000),
    },
    settings_class=LlamaSettings,
    task_settings_class=LlamaTaskSettings,
    may_refuse_secrets=True,
)
