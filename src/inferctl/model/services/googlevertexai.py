"""Google Vertex AI and Model Garden: `service: googlevertexai`."""

from typing import Annotated, Literal

from inferctl.model.services.common import CHAT, RERANK, TEXT_EMBEDDING, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.conditions import Needs, OneOf, Refuses, When
from inferctl.model.services.marks import (
    By,
    Default,
    Doc,
    Example,
    Filled,
    Fold,
    Note,
    Only,
    Since,
    Uncertain,
    Updatable,
)
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, Settings, TaskSettings
from inferctl.model.services.types import (
    Flag,
    HostLabel,
    PathPart,
    PositiveInt,
    Similarity,
    Text,
    Url,
    WholeNumber,
    Word,
)
from inferctl.model.versions import Version, since
from inferctl.secrets.reference import SecretRef

GOOGLE = frozenset({"google"})
MODEL_GARDEN = frozenset({"anthropic", "meta", "hugging_face", "mistral", "ai21"})


class GoogleVertexAISettings(ServiceSettings, service="googlevertexai"):
    """Google Vertex AI and Model Garden: `service_settings`."""

    service_account_json: Annotated[SecretRef, Doc("Service account key file as one JSON string.")]
    location: Annotated[HostLabel | None, Doc("Region."), Example("us-central1"), Note("never an empty string")] = None
    model_id: Annotated[Text | None, Doc("Model name.")] = None
    project_id: Annotated[PathPart | None, Doc("Google Cloud project."), Example("my-project")] = None
    provider: Annotated[
        Word[Literal["google", "anthropic", "meta", "hugging_face", "mistral", "ai21"]] | None,
        Doc("Model Garden provider."),
        Since("9.2"),
        Only(CHAT),
        Filled("google"),
        Fold("upper"),
    ] = None
    url: Annotated[Url | None, Doc("Non-streaming URL."), Since("9.2"), Only(CHAT)] = None
    streaming_url: Annotated[Url | None, Doc("Streaming URL."), Since("9.2"), Only(CHAT)] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    max_batch_size: Annotated[
        PositiveInt | None,
        Doc("Chunks per request during ingestion."),
        Since("9.3"),
        Only(TEXT_EMBEDDING),
        Default(250),
        Updatable("9.3", note="the first external setting that _update changed; applied without a probe in 9.3"),
        Note("the default is documented; whether GET fills it is not verified"),
        Uncertain("C,P,W"),
    ] = None
    rate_limit: Annotated[
        RateLimit | None,
        Filled(),
        Updatable("9.5"),
        Note("the specification speaks of 30000 for the whole service; the source differs per task type"),
    ] = None

    conditions = (
        Needs(("model_id", "project_id"), When(TEXT_EMBEDDING)),
        Needs(("project_id",), When(RERANK)),
        Needs(("model_id", "project_id"), When(CHAT, setting="provider", otherwise="google", values=GOOGLE)),
        Needs(("location",), When(TEXT_EMBEDDING, until=Version.parse("9.4"))),
        Needs(
            ("location",),
            When(CHAT, setting="provider", otherwise="google", values=GOOGLE, until=Version.parse("9.4")),
        ),
        OneOf(
            ("url", "streaming_url"),
            When(CHAT, setting="provider", values=MODEL_GARDEN),
        ),
        Refuses(
            ("url", "streaming_url"),
            When(CHAT, setting="provider", otherwise="google", values=GOOGLE),
            "provider google has no URL of its own",
        ),
        Refuses(
            ("max_tokens",),
            When(
                CHAT,
                setting="provider",
                otherwise="google",
                values=frozenset({"ai21", "google", "hugging_face", "meta", "mistral"}),
            ),
            "only provider anthropic takes max_tokens",
            part="task_settings",
        ),
    )


class ThinkingConfig(Settings):
    """Thinking options."""

    thinking_budget: Annotated[WholeNumber | None, Doc("Tokens that the model may think with.")] = None


class GoogleVertexAITaskSettings(TaskSettings, service="googlevertexai"):
    """Google Vertex AI and Model Garden: `task_settings`."""

    auto_truncate: Annotated[Flag | None, Doc("Let the provider cut long inputs."), Only(TEXT_EMBEDDING)] = None
    input_type: Annotated[
        Word[Literal["ingest", "search", "classification", "clustering"]] | None,
        Doc("Purpose of the text. Absent in the specification."),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
        Uncertain("S"),
    ] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK)] = None
    thinking_config: Annotated[ThinkingConfig | None, Doc("Thinking options."), Since("9.2"), Only(CHAT)] = None
    max_tokens: Annotated[
        PositiveInt | None, Doc("Only for provider anthropic; 1024 is applied when unset."), Since("9.2"), Only(CHAT)
    ] = None


SERVICE = Service(
    name="googlevertexai",
    title="Google Vertex AI and Model Garden",
    since=since("8.15"),
    task_types={
        "text_embedding": Offered(since("8.15"), rate_limit=30000),
        "rerank": Offered(since("8.15"), rate_limit=300),
        "completion": Offered(since("8.19"), rate_limit=1000),
        "chat_completion": Offered(since("8.19"), rate_limit=1000),
    },
    settings_class=GoogleVertexAISettings,
    task_settings_class=GoogleVertexAITaskSettings,
    host=By(
        "task_type",
        {"rerank": "discoveryengine.googleapis.com"},
        ["{location}-aiplatform.googleapis.com", "aiplatform.googleapis.com"],
    ),
    notes=("provider value is upper-cased in GET",),
)
