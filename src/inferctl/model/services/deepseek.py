"""DeepSeek: `service: deepseek`."""

from typing import Annotated

from inferctl.model.services.common import ApiKey
from inferctl.model.services.marks import Doc
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Text, Url
from inferctl.model.versions import since


class DeepSeekSettings(ServiceSettings, service="deepseek"):
    """DeepSeek: `service_settings`."""

    api_key: ApiKey
    model_id: Annotated[Text, Doc("Model name.")]
    url: Annotated[Url | None, Doc("Overrides the provider URL; not filled when omitted.")] = None


class DeepSeekTaskSettings(TaskSettings, service="deepseek"):
    """DeepSeek: `task_settings`."""


SERVICE = Service(
    name="deepseek",
    title="DeepSeek",
    since=since("8.19"),
    task_types={
        "completion": Offered(since("8.19")),
        "chat_completion": Offered(since("8.19")),
    },
    settings_class=DeepSeekSettings,
    task_settings_class=DeepSeekTaskSettings,
    host="api.deepseek.com",
    notes=("specification annotates 9.1; its 8.19 branch has the API",),
)
