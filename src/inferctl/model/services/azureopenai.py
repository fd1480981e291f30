"""Azure OpenAI: `service: azureopenai`."""

from typing import Annotated

from inferctl.model.services.common import TEXT_EMBEDDING, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.conditions import OneOf, With
from inferctl.model.services.marks import Doc, Example, Filled, Note, Only, SentTo, Since, Updatable, UpdateNote
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Headers, HostLabel, PathPart, Similarity, Text
from inferctl.model.versions import since
from inferctl.secrets.reference import SecretRef


class AzureOpenAISettings(ServiceSettings, service="azureopenai"):
    """Azure OpenAI: `service_settings`."""

    api_key: Annotated[
        SecretRef | None,
        Doc("Azure API key."),
        UpdateNote(
            "until 9.3 an update with service_settings must carry exactly one secret and may switch the kind; in the newest source it may be left out but not switch the kind"
        ),
    ] = None
    entra_id: Annotated[SecretRef | None, Doc("Microsoft Entra token."), UpdateNote("same-kind rule as api_key")] = None
    client_secret: Annotated[
        SecretRef | None,
        Doc("OAuth 2.0 application secret."),
        SentTo(host="login.microsoftonline.com"),
        Since("9.4"),
        Updatable("9.4", note="same-kind rule as api_key"),
    ] = None
    client_id: Annotated[
        Text | None,
        Doc("OAuth 2.0 application id."),
        Since("9.4"),
        Updatable("9.5", uncertain=True),
        Note("updatable only if OAuth was configured at creation"),
    ] = None
    tenant_id: Annotated[
        PathPart | None,
        Doc("OAuth 2.0 directory tenant."),
        Example("my-tenant.example"),
        Since("9.4"),
        Updatable("9.5", uncertain=True),
    ] = None
    scopes: Annotated[list[str] | None, Doc("OAuth 2.0 scopes."), Since("9.4"), Updatable("9.5", uncertain=True)] = None
    resource_name: Annotated[HostLabel, Doc("Azure resource name."), Example("my-resource")]
    deployment_id: Annotated[PathPart, Doc("Name of the model deployment."), Example("my-deployment")]
    api_version: Annotated[PathPart, Doc("Azure API version."), Example("2024-10-21")]
    dimensions: Annotated[
        Dimensions | None, Only(TEXT_EMBEDDING), Note("absent in the specification but accepted by the source")
    ] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5", uncertain=True)] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5", uncertain=True)] = None

    conditions = (
        OneOf(("api_key", "entra_id", "client_secret"), exclusive=True),
        With("client_secret", ("client_id", "scopes", "tenant_id")),
    )


class AzureOpenAITaskSettings(TaskSettings, service="azureopenai"):
    """Azure OpenAI: `task_settings`."""

    user: Annotated[Text | None, Doc("End-user tag.")] = None
    headers: Annotated[Headers | None, Doc("Extra HTTP headers (string to string)."), Since("9.4")] = None


SERVICE = Service(
    name="azureopenai",
    title="Azure OpenAI",
    since=since("8.14"),
    task_types={
        "text_embedding": Offered(since("8.14"), rate_limit=1440),
        "completion": Offered(since("8.14"), rate_limit=120),
        "chat_completion": Offered(since("9.3"), rate_limit=120),
    },
    settings_class=AzureOpenAISettings,
    task_settings_class=AzureOpenAITaskSettings,
    host="{resource_name}.openai.azure.com",
)
