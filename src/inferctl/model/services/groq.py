"""Groq: `service: groq`."""

from typing import Annotated

from inferctl.model.services.common import ApiKey, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Headers, HeaderText, Text, Url
from inferctl.model.versions import since


class GroqSettings(ServiceSettings, service="groq"):
    """Groq: `service_settings`."""

    api_key: Annotated[ApiKey, Note("optional in the specification")]
    model_id: Annotated[Text, Doc("Model name.")]
    organization_id: Annotated[
        HeaderText | None,
        Doc("Organisation header. Absent in the specification."),
        Updatable("9.5", note="null clears it in the newest source"),
    ] = None
    url: Annotated[
        Url | None, Doc("Overrides the provider URL; not filled when omitted. Absent in the specification.")
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class GroqTaskSettings(TaskSettings, service="groq"):
    """Groq: `task_settings`."""

    user: Annotated[Text | None, Doc("End-user tag (inherited from the OpenAI chat settings)."), Uncertain("R")] = None
    headers: Annotated[Headers | None, Doc("Extra HTTP headers."), Uncertain("R")] = None


SERVICE = Service(
    name="groq",
    title="Groq",
    since=since("9.3"),
    task_types={
        "chat_completion": Offered(since("9.3"), rate_limit=1000),
    },
    settings_class=GroqSettings,
    task_settings_class=GroqTaskSettings,
    host="api.groq.com",
)
