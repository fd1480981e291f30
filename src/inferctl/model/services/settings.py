"""The base of all settings classes: what depends on the server's version and the task type is judged here.

Validation takes a `Target` as its context. Without one a class judges itself for the newest server and any task type:
what a program that builds `OpenAISettings(...)` gets. All faults of a mapping are reported at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import (
    ConfigDict,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from inferctl.json_types import Json
from inferctl.model.services.asked import Asked, Condition
from inferctl.model.services.marks import FIRST_UPDATE, By
from inferctl.model.services.names import LET_THROUGH
from inferctl.model.services.setting import Setting, give_secret_examples, settings_of
from inferctl.model.versions import NEWEST, Since, Version
from inferctl.syntax.document import Document, as_fault, fault, fault_details, without_input
from inferctl.syntax.finding import Finding


@dataclass(frozen=True, slots=True)
class Target:
    """What settings are judged for. An empty task type: any.

    `loose`: what a newer server may take is let by. `whole`: the caller has the whole endpoint and looks at the
    conditions between its settings.
    """

    version: Version = NEWEST
    task_type: str = ""
    loose: bool = False
    whole: bool = False

    @classmethod
    def of(cls, context: Any) -> "Target":
        """What a validation's context asks for: a target, the version of a server, or nothing."""
        if isinstance(context, Target):
            return context
        return Target(context) if isinstance(context, Version) else ANYWHERE


ANYWHERE = Target()


class Settings(Document):
    """Settings that stand together in one mapping."""

    model_config = ConfigDict(allow_inf_nan=False, defer_build=True)
    # What a setting of the class says where it has no mark for it.
    usual: ClassVar[Mapping[str, Any]] = {}
    conditions: ClassVar[tuple[Condition, ...]] = ()
    service: ClassVar[str] = ""
    part: ClassVar[str] = ""

    def __init_subclass__(cls, *, service: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.service = service

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        give_secret_examples(cls, cls.service)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(core)
        schema = handler.resolve_ref_schema(made)
        if cls.part and not cls.service:
            schema.pop("additionalProperties", None)  # any service's
        _tell(schema, settings_of(cls), handler, None, inside=not cls.part)
        return made

    @classmethod
    def owner(cls) -> str:
        """Whose settings these are: the service, or the setting around them."""
        return cls.service or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    @model_validator(mode="wrap")
    @classmethod
    def _judge(cls, given: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(given, Mapping):
            return without_input(cls, given, handler)
        target = Target.of(info.context)
        faults, fit = _sorted_out(cls, given, target)
        model = None
        try:
            model = handler(fit)
        except ValidationError as error:
            refused = {fault["loc"] for fault in faults}
            faults += [fault for fault in fault_details(error) if fault["loc"] not in refused]
        if cls.conditions and not target.whole:
            faults += _broken(cls, given, target)
        if model is None or faults:
            raise ValidationError.from_exception_data(cls.__name__, faults, hide_input=True)
        return model


def judge_with(cls: type[Settings], value: Any, target: Target, broken: Sequence[Finding]) -> None:
    """The class's judgement of a mapping, together with what is broken between its settings.

    Paths of `broken` start with the name of the part. Raises ValidationError.
    """
    faults = [as_fault(replace(finding, path=finding.path[1:])) for finding in broken]
    try:
        cls.model_validate(value, context=target)
    except ValidationError as error:
        faults += fault_details(error)
    if faults:
        raise ValidationError.from_exception_data(cls.__name__, faults, hide_input=True)


class ServiceSettings(Settings):
    """`service_settings` of a service."""

    part: ClassVar[str] = "service_settings"


class TaskSettings(Settings):
    """`task_settings` of a service. Every `_update` merges them, key by key."""

    usual: ClassVar[Mapping[str, Any]] = {"updatable_since": FIRST_UPDATE}
    part: ClassVar[str] = "task_settings"


def _tell(
    schema: JsonSchemaValue,
    settings: Mapping[str, Setting],
    handler: GetJsonSchemaHandler,
    owner: Setting | None,
    *,
    inside: bool,
) -> None:
    """Puts what marks say into a JSON Schema. Settings `inside` another one are updated with that, their `owner`."""
    # Only who makes a schema comes here.
    from inferctl.model.fact_words import field_text, hover_text  # noqa: PLC0415
    from inferctl.syntax.flow_style import flow_text  # noqa: PLC0415

    for name, held in schema.get("properties", {}).items():
        setting = settings[name]
        moved = setting if setting.updatable_since is not None or not inside else owner
        held |= {"description": field_text(setting), "markdownDescription": hover_text(setting, moved)}
        for arm in (held, *held.get("anyOf", ())) if setting.fields else ():
            _tell(handler.resolve_ref_schema(arm), setting.fields, handler, owner if inside else setting, inside=True)
        if setting.secret and "examples" in held:
            held["defaultSnippets"] = [{"label": flow_text(one), "body": one} for one in held["examples"]]
        if held.get("default") is None:
            held.pop("default", None)
        if setting.default is not None and not isinstance(setting.default, By):
            held.setdefault("default", setting.default)


def _sorted_out(
    cls: type[Settings], given: Mapping[str, Json], target: Target
) -> tuple[list[InitErrorDetails], Mapping[str, Json]]:
    """The faults that pydantic cannot see, and what it is to look at."""
    settings, (free, required) = settings_of(cls), _standing(cls, target.version, target.task_type)
    faults = [InitErrorDetails(type="missing", loc=(name,), input=None) for name in required - given.keys()]
    if given.keys() <= free and None not in given.values():
        return faults, given
    fit: dict[str, Json] = {}
    for name, value in given.items():
        setting = settings.get(name)
        if setting is None:
            if not target.loose or cls.model_config.get("extra") == "allow":
                fit[name] = value
        elif refused := _refusal(setting, value, target, cls.owner()):
            if not (target.loose and refused.type in LET_THROUGH):
                faults.append(InitErrorDetails(type=refused, loc=(name,), input=None))
        else:
            fit[name] = value
    return faults, fit


@cache
def _standing(cls: type[Settings], version: Version, task_type: str) -> tuple[frozenset[str], frozenset[str]]:
    """The settings that may stand there whatever their value, and those that must."""
    settings, target = settings_of(cls), Target(version, task_type)
    free = {n for n, s in settings.items() if not s.enum_since and _refusal(s, "", target, cls.owner()) is None}
    required = {
        name
        for name, setting in settings.items()
        if (setting.applies_to(task_type) if task_type else not setting.task_types)
        and setting.required_in(version)
        and setting.exists_in(version)
    }
    return frozenset(free), frozenset(required)


def _refusal(setting: Setting, value: Json, target: Target, owner: str) -> PydanticCustomError | None:
    """Why a setting cannot stand there, whatever its value; or why this word cannot."""
    name, version = setting.name, target.version
    if target.task_type and not setting.applies_to(target.task_type):
        why = f"{owner} takes it for {', '.join(sorted(setting.task_types))}"
        what = f"{name} is not a setting of {target.task_type}"
        return fault("field.task-type", what, why, f"remove {name}", "key")
    # Before the version: no newer server takes it either, so that an upgrade is no advice and passthrough no way.
    may_be_put = setting.may_be_put(target.task_type) if target.task_type else setting.put_allowed is not False
    if not may_be_put:
        why = setting.note or "the server fills it in"
        return fault("field.not-accepted", f"{name} cannot be set", why, f"remove {name}", "key")
    if setting.until is not None and version.effective() > setting.until:
        what = f"{name} was removed after {setting.until}"
        return fault("field.removed", what, f"the server is {version}", f"remove {name}", "key")
    if setting.since is not None and not setting.since.includes(version):
        return fault("field.version", *too_new(name, setting.since, version), f"remove {name}", "key")
    if value is None and target is not ANYWHERE:
        return fault("field.type", f"{name} is null", "the server refuses a null")
    word = value.strip().lower() if isinstance(value, str) else ""
    for later, first in setting.enum_since.items():
        if word == later.lower() and not first.includes(version):
            return fault("field.version", *too_new(f"{name} {later}", first, version))
    return None


def too_new(what: str, first: Since, version: Version) -> tuple[str, str]:
    """What is wrong with something that the server does not know yet, and why."""
    if not first.text():
        return f"{what} is in no release", "it was seen in unreleased source only"
    return f"{what} needs Elasticsearch {first.text()}", f"the server is {version}: upgrade it, or do without"


def _broken(cls: type[Settings], given: Mapping[str, Json], target: Target) -> Iterator[InitErrorDetails]:
    """What the conditions of a class say of its settings alone."""
    known, version = {cls.part: settings_of(cls)}, target.version
    asked = Asked(cls.service, target.task_type, known, {cls.part: given}, version, cls.conditions)
    for broken in (finding for condition in cls.conditions for finding in condition(asked)):
        if broken.path[0] == cls.part:
            yield as_fault(replace(broken, path=broken.path[1:]))
