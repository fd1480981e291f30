"""OpenAI: `service: openai`."""

from typing import Annotated

from inferctl.model.services.common import DENSE, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.conditions import OneOf, With
from inferctl.model.services.marks import Also, Doc, Filled, Note, Only, SentTo, Since, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Headers, HeaderText, Similarity, Text, Url
from inferctl.model.versions import since
from inferctl.secrets.reference import SecretRef


class OpenAISettings(ServiceSettings, service="openai"):
    """OpenAI: `service_settings`."""

    api_key: Annotated[SecretRef | None, Doc("API key.")] = None
    client_secret: Annotated[
        SecretRef | None, Doc("OAuth 2.0 client secret."), SentTo("token_url"), Since("9.5"), Updatable("9.5")
    ] = None
    client_id: Annotated[
        Text | None,
        Doc("OAuth 2.0 client id."),
        Since("9.5"),
        Updatable("9.5", note="only if OAuth was configured at creation"),
    ] = None
    scopes: Annotated[
        list[str] | None,
        Doc("OAuth 2.0 scopes."),
        Since("9.5"),
        Updatable("9.5", note="only if OAuth was configured at creation"),
    ] = None
    token_url: Annotated[
        Url | None,
        Doc("OAuth 2.0 token endpoint."),
        Since("9.5"),
        Updatable("9.5", note="only if OAuth was configured at creation"),
        Note("early source drafts called it auth_url"),
    ] = None
    model_id: Annotated[Text, Doc("Model name."), Also("task_settings.model", "task_settings.model_id")]
    organization_id: Annotated[HeaderText | None, Doc("OpenAI organisation."), Updatable("9.5")] = None
    url: Annotated[Url | None, Doc("Overrides the provider URL; not filled when omitted.")] = None
    dimensions: Annotated[Dimensions | None, Only(DENSE)] = None
    similarity: Annotated[Similarity | None, Only(DENSE), Filled("dot_product")] = None
    max_input_tokens: Annotated[
        MaxInputTokens | None,
        Only(frozenset({"chat_completion", "completion", "embedding", "text_embedding"})),
        Updatable("9.5"),
        Note("absent in the specification"),
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5")] = None

    conditions = (
        OneOf(("api_key", "client_secret"), exclusive=True),
        With("client_secret", ("client_id", "scopes", "token_url")),
    )


class OpenAITaskSettings(TaskSettings, service="openai"):
    """OpenAI: `task_settings`."""

    user: Annotated[Text | None, Doc("End-user tag.")] = None
    headers: Annotated[Headers | None, Doc("Extra HTTP headers (string to string)."), Since("9.2")] = None


SERVICE = Service(
    name="openai",
    title="OpenAI",
    since=since("8.12"),
    task_types={
        "text_embedding": Offered(since("8.12"), rate_limit=3000),
        "completion": Offered(since("8.14"), rate_limit=500, uncertain=True),
        "chat_completion": Offered(since("8.18"), rate_limit=500),
        "embedding": Offered(since("9.5"), rate_limit=3000),
    },
    settings_class=OpenAISettings,
    task_settings_class=OpenAITaskSettings,
    host="api.openai.com",
    notes=(
        "after 9.5 (a pull request still open in August 2026, #156735) an explicit null clears user or headers on update",
        "task_settings.model or task_settings.model_id moves to service_settings.model_id",
    ),
)
