"""IBM watsonx: `service: watsonxai`."""

from typing import Annotated

from inferctl.model.services.common import RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.marks import Doc, Example, Filled, Only, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, HostName, PathPart, PositiveInt, Similarity, Text
from inferctl.model.versions import since


class WatsonxAISettings(ServiceSettings, service="watsonxai"):
    """IBM watsonx: `service_settings`."""

    api_key: ApiKey
    url: Annotated[
        HostName,
        Doc("Host name of the watsonx deployment, without a scheme: the server puts https:// before it."),
        Example("us-south.ml.cloud.ibm.com"),
    ]
    api_version: Annotated[PathPart, Doc("Version date YYYY-MM-DD."), Example("2024-05-02")]
    model_id: Annotated[Text, Doc("Model name.")]
    project_id: Annotated[Text, Doc("IBM Cloud project.")]
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING), Uncertain("S")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None


class WatsonxAITaskSettings(TaskSettings, service="watsonxai"):
    """IBM watsonx: `task_settings`."""

    return_documents: Annotated[
        Flag | None, Doc("Return the document text. Absent in the specification."), Only(RERANK)
    ] = None
    top_n: Annotated[
        PositiveInt | None, Doc("Number of documents to return. Absent in the specification."), Only(RERANK)
    ] = None
    truncate_input_tokens: Annotated[
        PositiveInt | None, Doc("Token cut per input. Absent in the specification."), Only(RERANK)
    ] = None


SERVICE = Service(
    name="watsonxai",
    title="IBM watsonx",
    since=since("8.16"),
    task_types={
        "text_embedding": Offered(since("8.16"), rate_limit=120),
        "rerank": Offered(
            since("8.18"),
            rate_limit=120,
            note="known to the servers 8.18.0 and 9.0.0, although the 9.1 specification leaves it out, and so does "
            "`_services` up to 8.19.0 and 9.1 (#140331)",
        ),
        "completion": Offered(
            since("9.2"), rate_limit=120, note="the 9.1 specification lists it, the server 9.1.0 does not know it"
        ),
        "chat_completion": Offered(since("9.2"), rate_limit=120, note="as completion"),
    },
    settings_class=WatsonxAISettings,
    task_settings_class=WatsonxAITaskSettings,
    may_refuse_secrets=True,
)
