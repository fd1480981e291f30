"""Amazon SageMaker: `service: amazon_sagemaker`."""

from typing import Annotated, Literal

from inferctl.model.services.common import TEXT_EMBEDDING, Dimensions
from inferctl.model.services.conditions import Needs, Refuses, When
from inferctl.model.services.marks import By, Doc, Example, Fold, Note, Only, Updatable, UpdateNote
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.model.services.types import HeaderText, HostLabel, PathPart, PositiveInt, Similarity, Text, Word
from inferctl.model.versions import since
from inferctl.secrets.reference import SecretRef


class AmazonSageMakerSettings(ServiceSettings, service="amazon_sagemaker"):
    """Amazon SageMaker: `service_settings`."""

    access_key: Annotated[SecretRef, Doc("AWS access key id."), UpdateNote("together with secret_key")]
    secret_key: Annotated[SecretRef, Doc("AWS secret access key."), UpdateNote("together with access_key")]
    endpoint_name: Annotated[PathPart, Doc("SageMaker endpoint name."), Example("my-endpoint")]
    region: Annotated[HostLabel, Doc("AWS region."), Example("us-east-1")]
    api: Annotated[
        Word[Literal["openai", "elastic"]],
        Doc("Payload dialect of the hosted model; decides which further fields and task types are valid."),
        Fold("lower"),
        Note(
            "openai covers text_embedding, completion and chat_completion; elastic covers all five (from memory, uncertain)"
        ),
    ]
    target_model: Annotated[HeaderText | None, Doc("Model of a multi-model endpoint.")] = None
    target_container_hostname: Annotated[HeaderText | None, Doc("Container of a multi-container endpoint.")] = None
    inference_component_name: Annotated[HeaderText | None, Doc("Component of a multi-component endpoint.")] = None
    batch_size: Annotated[
        PositiveInt | None,
        Doc("Inputs per call during ingestion."),
        Updatable("9.5"),
        Note("the specification names 256 as default; the source stores and returns it only when given"),
    ] = None
    dimensions: Annotated[
        Dimensions | None,
        Only(TEXT_EMBEDDING),
        Note("dimensions_set_by_user of this service was lost until 9.5 (bug fixed there)"),
    ] = None
    element_type: Annotated[
        Word[Literal["byte", "float", "bit"]] | None,
        Doc("Number type of returned vectors."),
        Only(TEXT_EMBEDDING),
        Fold("lower"),
    ] = None
    similarity: Annotated[
        Similarity | None,
        Doc("Vector similarity."),
        Only(TEXT_EMBEDDING),
        Note("that it must be given with api elastic is enforced since 9.4.0, 9.3.4 and 9.2.9"),
    ] = None

    conditions = (
        Needs(("element_type", "similarity"), When(TEXT_EMBEDDING, setting="api", values=frozenset({"elastic"}))),
        Refuses(
            ("api",),
            When(frozenset({"rerank", "sparse_embedding"}), setting="api", values=frozenset({"openai"})),
            "api openai covers text_embedding, completion and chat_completion",
        ),
        Refuses(
            ("user",),
            When(setting="api", values=frozenset({"elastic"})),
            "only api openai takes user",
            part="task_settings",
        ),
    )


class AmazonSageMakerTaskSettings(TaskSettings, service="amazon_sagemaker"):
    """Amazon SageMaker: `task_settings`."""

    custom_attributes: Annotated[HeaderText | None, Doc("Passed verbatim as SageMaker custom attributes.")] = None
    enable_explanations: Annotated[HeaderText | None, Doc("JMESPath that overrides the endpoint setting.")] = None
    inference_id: Annotated[HeaderText | None, Doc("Capture data id (not the endpoint id).")] = None
    session_id: Annotated[HeaderText | None, Doc("Stateful session id.")] = None
    target_variant: Annotated[HeaderText | None, Doc("Variant of a multi-variant endpoint.")] = None
    user: Annotated[Text | None, Doc("End-user tag; only with api openai.")] = None


SERVICE = Service(
    name="amazon_sagemaker",
    title="Amazon SageMaker",
    since=since("8.19"),
    task_types={
        "text_embedding": Offered(since("8.19")),
        "sparse_embedding": Offered(since("8.19")),
        "rerank": Offered(since("8.19")),
        "completion": Offered(since("8.19")),
        "chat_completion": Offered(since("8.19")),
    },
    settings_class=AmazonSageMakerSettings,
    task_settings_class=AmazonSageMakerTaskSettings,
    host=By(
        "region",
        dict.fromkeys(("cn-north-1", "cn-northwest-1"), "runtime.sagemaker.{region}.amazonaws.com.cn"),
        "runtime.sagemaker.{region}.amazonaws.com",
    ),
    notes=(
        "the specification annotates 9.1 but its 8.19 branch has the API too",
        "with api elastic an inference call may carry any task setting, but the endpoint may not",
    ),
)
