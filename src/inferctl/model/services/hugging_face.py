"""Hugging Face: `service: hugging_face`."""

from typing import Annotated

from inferctl.model.services.common import CHAT, RERANK, TEXT_EMBEDDING, ApiKey, Dimensions, RateLimit
from inferctl.model.services.marks import By, Doc, Filled, Note, Only, PutOnly, Since, Updatable
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import Flag, PositiveInt, Similarity, Text, Url
from inferctl.model.versions import since


class HuggingFaceSettings(ServiceSettings, service="hugging_face"):
    """Hugging Face: `service_settings`."""

    api_key: ApiKey
    url: Annotated[Url, Doc("Endpoint URL.")]
    model_id: Annotated[
        Text | None,
        Doc("Model name for serverless chat endpoints; refused for text_embedding."),
        Since("8.19"),
        Only(CHAT),
    ] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("cosine")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING), Note("absent in the specification")] = None
    max_input_tokens: Annotated[
        PositiveInt | None,
        Doc("Optional for text_embedding; fixed to 512 and not accepted for sparse_embedding."),
        Only(frozenset({"sparse_embedding", "text_embedding"})),
        PutOnly(TEXT_EMBEDDING),
        Filled(By("task_type", {"sparse_embedding": 512}, None)),
        Updatable("9.5"),
    ] = None
    rate_limit: Annotated[
        RateLimit | None,
        Filled(),
        Updatable("9.5"),
        Note(
            "from the parser rewrite after 9.5 an explicit null on creation is an error; on update null resets to the default"
        ),
    ] = None


class HuggingFaceTaskSettings(TaskSettings, service="hugging_face"):
    """Hugging Face: `task_settings`."""

    return_documents: Annotated[Flag | None, Doc("Return the document text."), Only(RERANK)] = None
    top_n: Annotated[PositiveInt | None, Doc("Number of documents to return."), Only(RERANK)] = None


SERVICE = Service(
    name="hugging_face",
    title="Hugging Face",
    since=since("8.12"),
    task_types={
        "text_embedding": Offered(since("8.12"), rate_limit=3000),
        "sparse_embedding": Offered(
            since("8.12"), rate_limit=3000, uncertain=True, note="served by the source, absent in the specification"
        ),
        "completion": Offered(since("8.19"), rate_limit=3000),
        "chat_completion": Offered(since("8.19"), rate_limit=3000),
        "rerank": Offered(since("8.19"), rate_limit=3000),
    },
    settings_class=HuggingFaceSettings,
    task_settings_class=HuggingFaceTaskSettings,
)
