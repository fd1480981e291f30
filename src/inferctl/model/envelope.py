"""One endpoint of a file as a pydantic model: the API's top level, our own keys, the settings of its service.

The one list of what an endpoint file may hold. `Endpoint.model_validate` takes the server's `Version` as its context
(none: the newest known) and reports all that is wrong at once, in the settings too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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

from inferctl.json_types import Json, JsonObject, Path
from inferctl.model.chunking import AnyChunking, read_chunking
from inferctl.model.ids import ID_FORM, ID_PATTERN, TASK_TYPES, id_problem, nearest_task_type
from inferctl.model.passthrough import LET_THROUGH
from inferctl.model.services import find, nearest, service_names
from inferctl.model.services.in_cluster import is_elser
from inferctl.model.services.names import PARTS
from inferctl.model.services.settings import ServiceSettings, Settings, Target, TaskSettings
from inferctl.model.task_types import DENSE
from inferctl.model.versions import Version
from inferctl.secrets.reference import Scan, proposed, scan
from inferctl.syntax.document import Document, SetOf, Why, again, as_fault, fault, without_input
from inferctl.syntax.finding import Finding
from inferctl.syntax.mask import sounds_secret

_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_IS_DURATION = "a duration is hours, minutes and seconds, in this order, and more than 0"


def duration_s(text: str) -> float | None:
    """Seconds of `15m`, `90s`, `1h30m`; None for anything else, and for nothing at all."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + seconds) or None


def duration_text(duration: timedelta) -> str:
    """`1h30m`: each number of a duration has at most six digits."""
    left, text = int(duration.total_seconds()), ""
    for unit, length in (("h", 3600), ("m", 60), ("s", 1)):
        number = min(left // length, 999_999)
        left -= number * length
        text += f"{number}{unit}" if number else ""
    return text


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


class Lifecycle(Document):
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
                "pattern": rf"^(?=.*[1-9]){_DURATION.pattern}$",
                "patternErrorMessage": f"{_IS_DURATION}: 15m, 90s, 1h30m",
            },
        ),
    ] = _READY_TIMEOUT

    @property
    def ready_timeout_s(self) -> float:
        """The same in seconds."""
        return self.ready_timeout.total_seconds()


class Expectation(Document):
    """What the answer must look like."""

    dimensions: Annotated[
        Annotated[int, AfterValidator(_at_least_one)] | None,
        Field(description="Length of the vector. For text_embedding and embedding.", examples=[1024],
              json_schema_extra={"minimum": 1}),
    ] = None  # fmt: skip


class Probe(Document):
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


def _task_type(text: str) -> str:
    if text not in TASK_TYPES:
        known = ", ".join(TASK_TYPES)
        fix = f"task_type: {nearest_task_type(text) or TASK_TYPES[-1]}"
        raise fault("endpoint.task-type", f"{text!r} is not a task type", f"known: {known}", fix)
    return text


class UnknownSettings(ServiceSettings, extra="allow"):
    """Settings of a service that this inferctl does not know."""


class Endpoint(Document):
    """An inference endpoint, as its file declares it."""

    inference_id: Annotated[
        str,
        AfterValidator(_id),
        Field(description="The id of the endpoint, unique in the cluster over all task types. Lower-case letters, "
              "digits, hyphens, underscores and dots; a letter or digit first and last.", examples=["product-search"],
              json_schema_extra={"pattern": ID_PATTERN, "patternErrorMessage": ID_FORM}),
    ]  # fmt: skip
    task_type: Annotated[
        str, AfterValidator(_task_type), Field(description="What the endpoint does.", examples=["text_embedding"])
    ]
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
        Field(description="true lets through a service, a setting or a chunking strategy that this inferctl does not "
              "know. The plan says so. Never sent."),
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
            faults = [found for found in again(error) if found["loc"][:1] not in judged.failed] + faults
        if model is None or faults:
            raise ValidationError.from_exception_data(cls.__name__, faults, hide_input=True)
        return model


_OPTIONAL = frozenset(name for name, known in Endpoint.model_fields.items() if not known.is_required())


def _null(key: str) -> Finding:
    why = "the value is sent as it stands, so nothing is converted"
    return Finding((key,), "endpoint.wrong-type", f"{key} is null", why, f"remove {key}")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the settings of a mapping are found to be. A part that could not be built is None.

    `secrets` are the two parts with a reference in the place of each literal; `literals` must appear in no text.
    """

    parts: Mapping[str, Settings | None]
    secrets: Mapping[str, Scan]
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> frozenset[tuple[str]]:
        """The parts that could not be built, as the beginnings of paths."""
        return frozenset((name,) for name, built in self.parts.items() if built is None)

    @property
    def literals(self) -> list[str]:
        """Secrets that stand there in clear."""
        return [text for found in self.secrets.values() for text in found.literals]


def judge(value: Mapping[str, Any], version: Version | None) -> Judged:
    """The settings of an endpoint by the classes of its service, and all that is wrong between its keys."""
    name, passthrough = value.get("service"), value.get("passthrough") is True
    service, task_type = find(name) if isinstance(name, str) else None, _meant(value.get("task_type"))
    findings: list[Finding] = []
    if service is None and isinstance(name, str) and not passthrough:
        near, known = nearest(name), f"known: {', '.join(service_names())}"
        fix = f"service: {near}" if near else "passthrough: true"
        findings.append(Finding(("service",), "endpoint.service", f"{name!r} is not a service", known, fix))
    given = {part: _plain(value.get(part)) for part in PARTS}
    own = service.secret_fields(task_type or "") if service is not None else ()
    if passthrough:
        # A text that is let by under a name like api_kye would be sent, and stand in a saved plan.
        page = service.service_settings if service is not None else {}
        strange = {key: text for key, text in (given[PARTS[0]] or {}).items() if key not in page}
        own = (*own, *(key for key, text in strange.items() if isinstance(text, str) and sounds_secret(key)))
    secrets = {
        part: scan(part, given[part] or {}, own if part == PARTS[0] else (), str(name), allowed=part == PARTS[0],
                   anywhere=service is None)
        for part in PARTS
    }  # fmt: skip
    findings += [finding for part in PARTS for finding in secrets[part].findings]
    parts: dict[str, Settings | None] = {}
    if service is not None and task_type is not None:
        settings, tasks = (secrets[part].settings for part in PARTS)
        read = service.read(task_type, settings, tasks, version, loose=passthrough)
        findings = _joined(findings, read.findings, service.name)
        parts = {"service_settings": read.service_settings, "task_settings": read.task_settings}
    else:
        parts = {part: UnknownSettings.model_construct(None, **(given[part] or {})) for part in PARTS}
    parts = {part: built for part, built in parts.items() if given[part] is not None}
    findings = _of_parts_that_are_there(findings, given, value)
    chunks = _plain(value.get("chunking_settings"))
    if chunks is not None:
        parts["chunking_settings"], wrong = read_chunking(
            chunks, task_type, version, elser=is_elser(value), loose=passthrough
        )
        findings += [finding for finding in wrong if not (passthrough and finding.code in LET_THROUGH)]
    probe = value.get("probe")
    if isinstance(probe, Mapping):
        findings += _probe_faults(probe, task_type)
    return Judged(parts, secrets, findings)


def _of_parts_that_are_there(
    findings: list[Finding], given: Mapping[str, JsonObject | None], value: Mapping[str, Any]
) -> list[Finding]:
    """A part that is no mapping is one mistake; so is one that is left out, whatever should be in it."""
    absent = [part for part in PARTS if given[part] is None]
    inside = [finding for finding in findings if len(finding.path) > 1 and finding.path[0] in absent]
    kept = [finding for finding in findings if finding not in inside]
    needed = [finding for finding in inside if finding.path[0] == PARTS[1]]
    if needed and PARTS[1] not in value:
        what = f"{PARTS[1]} is missing: {', '.join(str(one.path[1]) for one in needed)}"
        kept.append(Finding((PARTS[1],), needed[0].code, what, needed[0].why, points_at="key"))
    return kept


def _meant(task_type: Any) -> str | None:
    """The task type to check with: the one meant, where it is misspelled."""
    if not isinstance(task_type, str):
        return None
    return task_type if task_type in TASK_TYPES else nearest_task_type(task_type)


def _plain(part: Any) -> JsonObject | None:
    """The mapping that a part is; None for what is none."""
    if isinstance(part, Settings):
        dumped: dict[str, Json] = part.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return dumped
    return part if isinstance(part, Mapping) else None


def _is_misplaced(secret: Finding, fix: str) -> bool:
    """Whether the line would hold a text again where no secret may stand."""
    return secret.fix.startswith("remove ") and not fix.endswith((": true", ": false"))


def _joined(secrets: list[Finding], settings: list[Finding], service: str) -> list[Finding]:
    """Both, one at a place: a reference under a misspelled name is a wrong name, any other secret comes first.

    The fix is that of the settings: it knows the right name, and what may stand there at all.
    """
    at: dict[Path, Finding] = {finding.path: finding for finding in secrets}
    for finding in settings:
        earlier, fix = at.get(finding.path), proposed(finding.fix, service)
        if earlier is None or (earlier.code == "secret.misplaced" and finding.code == "field.unknown"):
            at[finding.path] = finding
        elif fix and not (finding.code == "field.type" and _is_misplaced(earlier, fix)):
            # A mapping takes a line in, and a line for the right name goes in the place of the wrong one.
            renames = earlier.code == "secret.reference" and finding.code == "field.unknown"
            at[finding.path] = replace(earlier, fix=fix, points_at="key" if renames else earlier.points_at)
    return list(at.values())


def _probe_faults(probe: Mapping[str, Any], task_type: str | None) -> Iterator[Finding]:
    """What a probe cannot hold for a task type."""
    code, here = "probe.mismatch", ("probe",)
    expect = probe.get("expect")
    if task_type is None:
        return
    if task_type == "chat_completion":
        what, why = "a chat_completion endpoint cannot be probed", "it answers through its _stream route only"
        yield Finding(here, code, what, why, "remove probe", "key")
        return
    if task_type == "rerank" and "query" not in probe and "input" in probe:
        what, why = "the probe of a rerank endpoint needs a query", "rerank orders the input by a query"
        yield Finding((*here, "query"), code, what, why, "query: a red shoe", "key")
    if task_type != "rerank" and "query" in probe:
        what, why = f"a {task_type} endpoint takes no query", "only rerank has one"
        yield Finding((*here, "query"), code, what, why, "remove query", "key")
    if task_type not in DENSE and isinstance(expect, Mapping) and "dimensions" in expect:
        what, why = f"{task_type} has no dimensions", "only dense vectors have them"
        yield Finding((*here, "expect", "dimensions"), code, what, why, "remove dimensions", "key")
