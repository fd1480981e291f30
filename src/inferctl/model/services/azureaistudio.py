"""Azure AI Studio: `service: azureaistudio`."""

from typing import Annotated, Literal

from inferctl.model.services.common import (
    COMPLETION,
    RERANK,
    TEXT_EMBEDDING,
    ApiKey,
    Dimensions,
    MaxInputTokens,
    RateLimit,
)
from inferctl.model.services.conditions import Providers
from inferctl.model.services.marks import Doc, Filled, Fold, Note, Only, Since, Uncertain, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Between, Flag, Number, PositiveInt, Similarity, Text, Url, Word
from inferctl.model.versions import since


class AzureAIStudioSettings(ServiceSettings, service="azureaistudio"):
    """Azure AI Studio: `service_settings`."""

    api_key: ApiKey
    target: Annotated[Url, Doc("URL of the model deployment.")]
    provider: Annotated[
        Word[Literal["openai", "mistral", "meta", "microsoft_phi", "cohere", "databricks"]],
        Doc("Model provider."),
        Fold("lower"),
    ]
    endpoint_type: Annotated[
        Word[Literal["token", "realtime"]], Doc("Billing flavour of the deployment."), Fold("lower")
    ]
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product"), Uncertain("S,R")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5", uncertain=True)] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5", uncertain=True)] = None

    conditions = (
        Providers(
            {
                "text_embedding": {"token": ("openai", "cohere"), "realtime": ()},
                "completion": {
                    "token": ("openai", "meta", "cohere"),
                    "realtime": ("mistral", "meta", "microsoft_phi", "databricks"),
                },
                "rerank": {"token": ("cohere",), "realtime": ()},
            },
            by="endpoint_type",
        ),
    )


class AzureAIStudioTaskSettings(TaskSettings, service="azureaistudio"):
    """Azure AI Studio: `task_settings`."""

    temperature: Annotated[
        Annotated[Number, Between(0.0, 2.0)] | None, Doc("Sampling temperature."), Only(COMPLETION)
    ] = None
    top_p: Annotated[Annotated[Number, Between(0.0, 2.0)] | None, Doc("Nucleus sampling."), Only(COMPLETION)] = None
    do_sample: Annotated[
        Flag | None,
        Doc("Turn sampling on."),
        Only(COMPLETION),
        Note("the specification types it as a float; the source accepts only a boolean"),
    ] = None
    max_new_tokens: Annotated[
        PositiveInt | None,
        Doc("Output token hint."),
        Only(COMPLETION),
        Filled(64),
        Note(
            "filled with 64 after the probe call of PUT (from 9.4 also of _update), so GET shows it; not filled when xpack.inference.skip_validate_and_start is on"
        ),
    ] = None
    user: Annotated[Text | None, Doc("End-user tag."), Only(TEXT_EMBEDDING)] = None
    return_documents: Annotated[Flag | None, Doc("Return the document text."), Since("9.2"), Only(RERANK)] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Since("9.2"), Only(RERANK)] = None


SERVICE = Service(
    name="azureaistudio",
    title="Azure AI Studio",
    since=since("8.14"),
    task_types={
        "text_embedding": Offered(since("8.14"), rate_limit=240),
        "completion": Offered(since("8.14"), rate_limit=240),
        "rerank": Offered(since("9.2"), rate_limit=240),
    },
    settings_class=AzureAIStudioSettings,
    task_settings_class=AzureAIStudioTaskSettings,
    notes=("specification 8.14; the source transport gate is 8.15",),
    uncertain=True,
)
