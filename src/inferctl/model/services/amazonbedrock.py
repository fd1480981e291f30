"""Amazon Bedrock: `service: amazonbedrock`."""

from typing import Annotated, Literal

from inferctl.model.services.common import CHAT, TEXT_EMBEDDING, Dimensions, MaxInputTokens, RateLimit
from inferctl.model.services.conditions import Providers, Refuses, When
from inferctl.model.services.marks import (
    By,
    Doc,
    Example,
    Filled,
    Fold,
    Note,
    NotPut,
    Only,
    Since,
    Uncertain,
    Updatable,
    UpdateNote,
)
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Between, HostLabel, Number, PositiveInt, Similarity, Text, Word
from inferctl.model.versions import since
from inferctl.secrets.reference import SecretRef


class AmazonBedrockSettings(ServiceSettings, service="amazonbedrock"):
    """Amazon Bedrock: `service_settings`."""

    access_key: Annotated[SecretRef, Doc("AWS access key id."), UpdateNote("must be sent together with secret_key")]
    secret_key: Annotated[SecretRef, Doc("AWS secret access key."), UpdateNote("must be sent together with access_key")]
    region: Annotated[HostLabel, Doc("AWS region of the model."), Example("us-east-1")]
    model: Annotated[Text, Doc("Base model id or ARN. The key is model, not model_id, in PUT and GET.")]
    provider: Annotated[
        Word[Literal["amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral"]],
        Doc("Model family behind the id."),
        Fold("upper"),
        Note("optional in the specification, required in the source"),
    ]
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("cosine")] = None
    dimensions: Annotated[
        Dimensions | None,
        Only(TEXT_EMBEDDING),
        NotPut(),
        Note("a PUT that carries it is rejected although GET shows it"),
    ] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5", uncertain=True)] = None
    rate_limit: Annotated[
        RateLimit | None, Filled(), Updatable("9.5", uncertain=True), Note("the 8.18 and 9.0 specification says 120")
    ] = None

    conditions = (
        Providers(
            {
                "text_embedding": {"": ("amazontitan", "cohere")},
                "completion": {"": ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral")},
                "chat_completion": {"": ("amazontitan", "anthropic", "ai21labs", "cohere", "meta", "mistral")},
            }
        ),
        Refuses(
            ("top_k",),
            When(CHAT, setting="provider", values=frozenset({"ai21labs", "amazontitan", "meta"})),
            "only anthropic, cohere and mistral take top_k",
            part="task_settings",
        ),
        Refuses(
            ("truncate",),
            When(TEXT_EMBEDDING, setting="provider", values=frozenset({"amazontitan"})),
            "only cohere takes truncate",
            part="task_settings",
        ),
    )


class AmazonBedrockTaskSettings(TaskSettings, service="amazonbedrock"):
    """Amazon Bedrock: `task_settings`."""

    temperature: Annotated[Annotated[Number, Between(0.0, 1.0)] | None, Doc("Sampling temperature."), Only(CHAT)] = None
    top_p: Annotated[Annotated[Number, Between(0.0, 1.0)] | None, Doc("Nucleus sampling threshold."), Only(CHAT)] = None
    top_k: Annotated[
        Annotated[Number, Between(0.0, 1.0)] | None,
        Doc("Top-K sampling, only for some providers."),
        Only(CHAT),
        Note(
            "the source probably shares one 0..1 range with temperature and top_p; rejected for providers that do not take it"
        ),
        Uncertain("C,R"),
    ] = None
    max_new_tokens: Annotated[
        PositiveInt | None,
        Doc("Output token limit."),
        Only(CHAT),
        Note(
            "64 is applied when calling the provider; no code that fills it into GET was seen (azureaistudio has such code)"
        ),
    ] = None
    truncate: Annotated[
        Word[Literal["none", "start", "end"]] | None,
        Doc("How the cohere provider cuts long inputs. Absent in the specification."),
        Since("8.19"),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
    ] = None


SERVICE = Service(
    name="amazonbedrock",
    title="Amazon Bedrock",
    since=since("8.15"),
    task_types={
        "text_embedding": Offered(since("8.15"), rate_limit=240),
        "completion": Offered(since("8.15"), rate_limit=240),
        "chat_completion": Offered(since("9.4"), rate_limit=240),
    },
    settings_class=AmazonBedrockSettings,
    task_settings_class=AmazonBedrockTaskSettings,
    may_refuse_secrets=True,
    host=By(
        "region",
        dict.fromkeys(("cn-north-1", "cn-northwest-1"), "bedrock-runtime.{region}.amazonaws.com.cn"),
        "bedrock-runtime.{region}.amazonaws.com",
    ),
    notes=(
        "the specification annotates 8.12, but the source gates the service on the 8.15 transport version",
        "provider value: lower case in PUT becomes upper case in GET",
    ),
)
