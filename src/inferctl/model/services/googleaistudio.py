"""Google AI Studio: `service: googleaistudio`."""

from typing import Annotated

from inferctl.model.services.common import TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Only, Uncertain, Unseen, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Similarity, Text
from inferctl.model.versions import since


class GoogleAIStudioSettings(ServiceSettings, service="googleaistudio"):
    """Google AI Studio: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Gemini model name.")]
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product"), Uncertain("S,R")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING), Note("absent in the specification")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[
        RateLimit | None,
        Filled(),
        Unseen(TEXT_EMBEDDING),
        Updatable("9.5"),
        Note(
            "older source stored rate_limit of text_embedding but left it out of GET; the source with the 9.5 update support shows it (exact minor uncertain)"
        ),
    ] = None


class GoogleAIStudioTaskSettings(TaskSettings, service="googleaistudio"):
    """Google AI Studio: `task_settings`."""


SERVICE = Service(
    name="googleaistudio",
    title="Google AI Studio",
    since=since("8.15"),
    task_types={
        "text_embedding": Offered(since("8.15"), rate_limit=360),
        "completion": Offered(since("8.15"), rate_limit=360),
    },
    settings_class=GoogleAIStudioSettings,
    task_settings_class=GoogleAIStudioTaskSettings,
    host="generativelanguage.googleapis.com",
)
