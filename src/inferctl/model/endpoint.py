"""One endpoint of a file as a pydantic model: the API's top level, our own keys, the settings of its service.

The one list of what an endpoint file may hold. `Endpoint.model_validate` takes the server's `Version` as its context
(none: the newest known) and reports all that is wrong at once, in the settings too.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from inferctl.durations import DURATION, duration_s, duration_text
from inferctl.model.check_settings import Judged, UnknownSettings, judge
from inferctl.model.chunking import AnyChunking
from inferctl.model.ids import ID_FORM, ID_PATTERN, id_problem
from inferctl.model.services.settings import ServiceSettings, Target, TaskSettings
from inferctl.syntax.document import Document, Sealed, SetOf, Why, as_fault, fault, fault_details, without_input
from inferctl.syntax.finding import Finding

_IS_DURATION = "a duration is hours, minutes and seconds, in this order, and more than 0"


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "a duration")
    seconds = duration_s(value)
    if seconds is None:
        raise fault("lifecycle.ready-timeout", f"{value!r} is not a duration", _IS_DURATION, "ready_timeout: 15m")
    return timedelta(seconds=seconds)


def _protection(value: Any) -> Any:
    if isinstance(value, str) and value not in PROTECTABLE:
        raise fault("lifecycle.protect", f"{value!r} cannot be protected against", f"known: {', '.join(PROTECTABLE)}")
    return value


def _probe_input(value: Any) -> Any:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        what, why = "the input of a probe is a text, or a list of texts", "an inference call takes nothing else"
        raise fault("probe.mismatch", what, why, "input: a red shoe")
    return value


def _at_least_one(value: int) -> int:
    if value < 1:
        raise fault("probe.mismatch", "dimensions must be 1 or more", "a vector has at least one", "dimensions: 1024")
    return value


PROTECTABLE = ("delete", "replace")
_READY_TIMEOUT = timedelta(minutes=15)
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration, json_schema_input_type=str),
    PlainSerializer(duration_text, return_type=str),
    Why("the value is sent as it stands, so nothing is converted"),
]


class Lifecycle(Sealed):
    """How inferctl treats the endpoint. Never sent."""

    protect: Annotated[
        SetOf[Annotated[Literal["delete", "replace"], BeforeValidator(_protection)]],
        PlainSerializer(sorted, return_type=list[str]),
        Field(description="What must not happen to the endpoint."),
    ] = frozenset()
    ready_timeout: Annotated[
        Duration,
        Field(
            description="How long apply waits for a model that runs in the cluster.",
            examples=["15m"],
            json_schema_extra={
                "default": duration_text(_READY_TIMEOUT),
                "pattern": rf"^(?=.*[1-9]){DURATION.pattern}$",
                "patternErrorMessage": f"{_IS_DURATION}: 15m, 90s, 1h30m",
            },
        ),
    ] = _READY_TIMEOUT

    @property
    def ready_timeout_s(self) -> float:
        """The same in seconds."""
        return self.ready_timeout.total_seconds()


class Expectation(Sealed):
    """What the answer must look like."""

    dimensions: Annotated[
        Annotated[int, AfterValidator(_at_least_one)] | None,
        Field(description="Length of the vector. For text_embedding and embedding.", examples=[1024],
              json_schema_extra={"minimum": 1}),
    ] = None  # fmt: skip


class Probe(Sealed):
    """An inference call after a write, and what its answer must look like. Never sent as a setting."""

    input: Annotated[
        str | Annotated[list[str], Field(min_length=1)],
        BeforeValidator(_probe_input),
        Field(description="The text to send, or several.", examples=["a red shoe"]),
    ]
    query: Annotated[str | None, Field(description="The query that rerank orders by.", examples=["a red shoe"])] = None
    expect: Annotated[Expectation | None, Field(description="What the answer must look like.")] = None

    @property
    def dimensions(self) -> int | None:
        """The length of vector that is expected."""
        return self.expect.dimensions if self.expect is not None else None


def _id(text: str) -> str:
    problem = id_problem(text)
    if problem:
        raise fault("endpoint.id", *problem)
    return text


class Endpoint(Document):
    """An inference endpoint, as its file declares it."""

    inference_id: Annotated[
        str,
        AfterValidator(_id),
        Field(description="The id of the endpoint, unique in the cluster over all task types. Lower-case letters, "
              "digits, hyphens, underscores and dots; a letter or digit first and last.", examples=["product-search"],
              json_schema_extra={"pattern": ID_PATTERN, "patternErrorMessage": ID_FORM}),
    ]  # fmt: skip
    task_type: Annotated[str, Field(description="What the endpoint does.", examples=["text_embedding"])]
    service: Annotated[str, Field(description="The service that runs the model, as the API spells it.")]
    service_settings: Annotated[
        SerializeAsAny[ServiceSettings],
        Field(description="Model, address, secret, rate limit. The service decides which keys there are."),
    ]
    task_settings: Annotated[
        SerializeAsAny[TaskSettings | SkipJsonSchema[UnknownSettings]],
        Field(description="How the task is done. GET returns it in clear: no secrets."),
    ] = TaskSettings()
    chunking_settings: Annotated[
        AnyChunking | None,
        Field(description="How long texts are cut. For text_embedding, sparse_embedding and embedding."),
    ] = None
    lifecycle: Annotated[Lifecycle, Field(description="How inferctl treats the endpoint. Never sent.")] = Lifecycle()
    probe: Annotated[
        Probe | None,
        Field(description="An inference call after a write, and what its answer must look like. "
              "Never sent as a setting.",
              json_schema_extra={"defaultSnippets": [{"label": "probe", "body": {"input": "a red shoe"}}]}),
    ] = None  # fmt: skip
    passthrough: Annotated[
        bool,
        Field(description="true lets through a service, a task type, a setting or a chunking strategy that this "
              "inferctl does not know. The plan says so. Never sent."),
    ] = False  # fmt: skip

    @model_validator(mode="wrap")
    @classmethod
    def _dispatch(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """The settings are read by the classes of the service; the rest is pydantic's."""
        if not isinstance(value, Mapping):
            return without_input(cls, value, handler)
        context = info.context
        judged = context if isinstance(context, Judged) else judge(value, Target.of(context).version)
        built = {part: settings for part, settings in judged.parts.items() if settings is not None}
        faults = [as_fault(finding) for finding in judged.findings]
        if isinstance(context, Judged):  # a file leaves out what it does not say; a program may pass None
            faults += [as_fault(_null(key)) for key, inner in value.items() if inner is None and key in _OPTIONAL]
        model = None
        try:
            model = handler({key: inner for key, inner in value.items() if key not in judged.parts} | built)
        except ValidationError as error:
            # A part that could not be built is there, and its own faults say why.
            faults = [fault for fault in fault_details(error) if fault["loc"][:1] not in judged.failed] + faults
        if model is None or faults:
            raise ValidationError.from_exception_data(cls.__name__, faults, hide_input=True)
        return model


_OPTIONAL = frozenset(name for name, known in Endpoint.model_fields.items() if not known.is_required())


def _null(key: str) -> Finding:
    why = "the value is sent as it stands, so nothing is converted"
    return Finding((key,), "endpoint.wrong-type", f"{key} is null", why, f"remove {key}")
