"""Hugging Face ELSER (hidden): `service: hugging_face_elser`."""

from typing import Annotated

from inferctl.model.services.common import ApiKey, RateLimit
from inferctl.model.services.marks import Doc, Filled, NotPut, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Url, WholeNumber
from inferctl.model.versions import since


class HuggingFaceElserSettings(ServiceSettings, service="hugging_face_elser"):
    """Hugging Face ELSER (hidden): `service_settings`."""

    api_key: ApiKey
    url: Annotated[Url, Doc("Endpoint URL.")]
    max_input_tokens: Annotated[WholeNumber | None, Doc("Fixed value shown by GET."), NotPut(), Filled(512)] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class HuggingFaceElserTaskSettings(TaskSettings, service="hugging_face_elser"):
    """Hugging Face ELSER (hidden): `task_settings`."""


SERVICE = Service(
    name="hugging_face_elser",
    title="Hugging Face ELSER (hidden)",
    since=since("8.12"),
    task_types={
        "sparse_embedding": Offered(since("8.12"), rate_limit=3000),
    },
    settings_class=HuggingFaceElserSettings,
    task_settings_class=HuggingFaceElserTaskSettings,
    notes=("an internal service of the plugin; not meant for users, listed for completeness",),
    uncertain=True,
)
