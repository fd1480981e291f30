"""AlibabaCloud AI Search: `service: alibabacloud-ai-search`."""

from typing import Annotated, Any, Literal

from inferctl.model.services.common import (
    COMPLETION,
    SPARSE,
    TEXT_EMBEDDING,
    ApiKey,
    Dimensions,
    MaxInputTokens,
    RateLimit,
)
from inferctl.model.services.marks import Doc, Example, Filled, Fold, Mark, Note, Only, Uncertain, Updatable, UpdateNote
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, HostName, PathPart, Similarity, Word
from inferctl.model.versions import since


class AlibabaCloudAISearchSettings(ServiceSettings, service="alibabacloud-ai-search"):
    """AlibabaCloud AI Search: `service_settings`."""

    api_key: ApiKey
    host: Annotated[
        HostName,
        Doc("Host name of the AI Search service instance (without scheme)."),
        Example("my-instance.opensearch.aliyuncs.com"),
    ]
    service_id: Annotated[
        PathPart,
        Doc("Provider-side service identifier; plays the part of the model name."),
        Note("internally reported as the model id, but the key stays service_id in PUT and GET"),
    ]
    workspace: Annotated[PathPart, Doc("Workspace name."), Example("default")]
    http_schema: Annotated[
        Word[Literal["https", "http"]] | None,
        Doc("Scheme used with host. Absent in the specification."),
        Mark(address="scheme"),
        Fold("lower"),
        Updatable(
            "9.4",
            note="in the 9.4.0 change list (#142738; that it covers this key too is read from the newest source); null resets it to unset in the newest source",
        ),
        Note("not filled by GET when omitted; https is then used"),
    ] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product"), Uncertain("S,R")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    max_input_tokens: Annotated[
        MaxInputTokens | None,
        Only(TEXT_EMBEDDING),
        Updatable(
            "9.4", note="in the 9.4.0 change list (#142738; that it covers this key too is read from the newest source)"
        ),
    ] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.4", note="in the 9.4.0 change list (#142738)")] = (
        None
    )


class AlibabaCloudAISearchTaskSettings(TaskSettings, service="alibabacloud-ai-search"):
    """AlibabaCloud AI Search: `task_settings`."""

    input_type: Annotated[
        Word[Literal["ingest", "search"]] | None,
        Doc("Purpose of the text: stored document or query."),
        Only(frozenset({"sparse_embedding", "text_embedding"})),
        Fold("lower"),
    ] = None
    return_token: Annotated[
        Flag | None,
        Doc("Return token text besides the token id."),
        Only(SPARSE),
        Note("documented default false, but not filled by GET"),
    ] = None
    parameters: Annotated[
        dict[str, Any] | None,
        Doc("Free map of generation parameters. Absent in the specification."),
        Only(COMPLETION),
        UpdateNote("maps are merged key by key"),
    ] = None


SERVICE = Service(
    name="alibabacloud-ai-search",
    title="AlibabaCloud AI Search",
    since=since("8.16"),
    task_types={
        "text_embedding": Offered(since("8.16"), rate_limit=1000),
        "sparse_embedding": Offered(since("8.16"), rate_limit=1000),
        "rerank": Offered(since("8.16"), rate_limit=1000),
        "completion": Offered(since("8.16"), rate_limit=1000),
    },
    settings_class=AlibabaCloudAISearchSettings,
    task_settings_class=AlibabaCloudAISearchTaskSettings,
    may_refuse_secrets=True,
)
