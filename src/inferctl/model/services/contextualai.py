"""Contextual AI: `service: contextualai`."""

from typing import Annotated

from inferctl.model.services.common import RERANK, ApiKey, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Uncertain, Unseen, Until, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import PositiveInt, Text, Url
from inferctl.model.versions import since


class ContextualAISettings(ServiceSettings, service="contextualai"):
    """Contextual AI: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Rerank model name.")]
    url: Annotated[
        Url | None,
        Doc("Overrides the provider URL (meant for tests)."),
        Until("9.4"),
        Unseen(RERANK),
        Note(
            "a wire version of 9.5 removes this setting, so it is an unknown key from 9.5 on; whether GET showed it before was not read. Absent in the specification"
        ),
        Uncertain("S,W"),
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class ContextualAITaskSettings(TaskSettings, service="contextualai"):
    """Contextual AI: `task_settings`."""

    instruction: Annotated[Text | None, Doc("Instruction for the reranker.")] = None
    top_k: Annotated[
        PositiveInt | None, Doc("Number of documents to return."), Note("several integration bugs were fixed in 9.5")
    ] = None


SERVICE = Service(
    name="contextualai",
    title="Contextual AI",
    since=since("9.2"),
    task_types={
        "rerank": Offered(since("9.2"), rate_limit=1000),
    },
    settings_class=ContextualAISettings,
    task_settings_class=ContextualAITaskSettings,
    host="api.contextual.ai",
)
