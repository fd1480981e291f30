"""AI21 Labs: `service: ai21`."""

from typing import Annotated

from inferctl.model.services.common import ApiKey, RateLimit
from inferctl.model.services.marks import Doc, Filled, Note, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Text
from inferctl.model.versions import since


class AI21Settings(ServiceSettings, service="ai21"):
    """AI21 Labs: `service_settings`."""

    api_key: Annotated[
        ApiKey,
        Note("the specification calls it optional; the service follows the usual required api_key secret"),
        Uncertain("S,C"),
    ]
    model_id: Annotated[Text, Doc("Jamba model name.")]
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.4", note="in the 9.4.0 change list (#142597)")] = (
        None
    )


class AI21TaskSettings(TaskSettings, service="ai21"):
    """AI21 Labs: `task_settings`."""


SERVICE = Service(
    name="ai21",
    title="AI21 Labs",
    since=since("9.2"),
    task_types={
        "completion": Offered(since("9.2"), rate_limit=200),
        "chat_completion": Offered(since("9.2"), rate_limit=200),
    },
    settings_class=AI21Settings,
    task_settings_class=AI21TaskSettings,
    may_refuse_secrets=True,
    host="api.ai21.com",
)
