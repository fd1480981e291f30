"""What every document model is built of: the strict base class, the words for our own faults, shared types.

A fault of ours is a `PydanticCustomError` whose type is the code of the diagnostic; `model_findings` reads it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from inferctl.secrets.credentials import without_keys

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler, ValidationInfo

    from inferctl.json_types import Path
    from inferctl.syntax.finding import Finding
    from inferctl.syntax.locate import PointsAt

Item = TypeVar("Item")
Built = TypeVar("Built")

# The kind of the error for a whole number where a decimal point is asked for; the rest are pydantic's own kinds.
DECIMAL_POINT = "decimal_point"


class Document(BaseModel):
    """A model of something that comes from outside: nothing is converted, nothing unknown passes, no input is quoted.

    Descriptions stand in `Field(description=…)`: reading them from the source, as `use_attribute_docstrings` does,
    takes another 2 to 3 ms for a class of twelve fields. A class is built when it is first used: one that is only a
    part of others never is by itself.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
        defer_build=True,
    )

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """As pydantic reads it; of a text that is no JSON nothing is in the error, neither in `errors()`."""
        read = super().model_validate_json
        return without_input(cls, json_data, lambda text: read(text, **options))


class Sealed(Document):
    """A document that a program may build: what it gave is in no error, neither in its text nor in its values."""

    @model_validator(mode="wrap")
    @classmethod
    def _seal(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        return without_input(cls, value, handler)


class CrossChecked(Document):
    """A document with conditions between its fields, reported together with the faults of the fields.

    A validator with `mode="after"` is skipped once a field has a fault; this one is not.
    """

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        """The faults between fields. `raw` is as written: any value may be of a wrong type."""
        del raw, info
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _both(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        # An instance was checked when it was built.
        found = list(cls.conditions(value, info)) if isinstance(value, Mapping) else []
        if not found:
            return without_input(cls, value, handler)
        details = [InitErrorDetails(type=one, loc=(), input=None) for one in found]
        try:
            handler(value)
        except ValidationError as error:
            details = [*fault_details(error), *details]
        raise ValidationError.from_exception_data(cls.__name__, details, hide_input=True)


def fault_details(error: ValidationError) -> list[InitErrorDetails]:
    """The faults of an error in the form that makes another error of them."""
    found = []
    for one in error.errors(include_url=False, include_input=False):
        context = one.get("ctx", {})
        own = "what" in context or one["type"] == DECIMAL_POINT
        # One field at a time: an absent `ctx` and an empty one differ.
        details = InitErrorDetails(
            type=PydanticCustomError(one["type"], "{what}" if "what" in context else "a decimal point", context)
            if own
            else one["type"],
            loc=one["loc"],
            input=None,
        )
        if context and not own:
            details["ctx"] = context
        found.append(details)
    return found


def without_input(model: type[BaseModel], value: Any, handler: Callable[[Any], Built]) -> Built:
    """What the handler makes of the value. Its error holds no input: `errors()` would show a program's secret."""
    faults = []
    try:
        return handler(value)
    except ValidationError as error:
        faults = fault_details(error)
    raise ValidationError.from_exception_data(model.__name__, faults, hide_input=True)


def fault(
    code: str, what: str, why: str, fix: str = "", points_at: PointsAt = "value", *, at: Path = ()
) -> PydanticCustomError:
    """A fault of ours, to be raised in a validator: `code` is that of the diagnostic and has a dot in it.

    `at` leads from the place of the validator to the one that is wrong. Without a `fix` one is worked out from the
    model, as for pydantic's own faults. No text may hold a value that could be a secret.
    """
    assert "." in code, code
    texts = {"what": without_keys(what), "why": without_keys(why), "fix": without_keys(fix)}
    context = {**texts, "points_at": points_at, "at": at}
    return PydanticCustomError(code, "{what}", context)


def as_fault(finding: Finding) -> InitErrorDetails:
    """A finding as an error of a model: its path is the location, in which no arm of a union stands."""
    said = fault(finding.code, finding.what, finding.why, finding.fix, finding.points_at)
    context = {**(said.context or {}), "located": True}
    return InitErrorDetails(type=PydanticCustomError(said.type, "{what}", context), loc=finding.path, input=None)


@dataclass(frozen=True, slots=True)
class Why:
    """A mark in `Annotated`: why the field is required, or has its bounds, form or words, as the diagnostic says it."""

    text: str


def _with_a_point(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        raise PydanticCustomError(DECIMAL_POINT, "a number with a decimal point")
    return value


# Strict `float` takes a whole number; a server that tells 1 from 1.0 does not.
DecimalNumber = Annotated[float, BeforeValidator(_with_a_point, json_schema_input_type=float)]
# A list of the file; a tuple in Python. `strict=False` lets the list by; the items stay strict.
Listed = Annotated[tuple[Item, ...], Field(strict=False)]
# The same without order and repetition.
SetOf = Annotated[frozenset[Item], Field(strict=False)]
# How many removals: a count, or a share of the endpoints that are ours.
CountOrShare = (
    Annotated[int, Field(ge=0, le=999_999_999)]
    | Annotated[str, Field(pattern="^(0{0,2}[0-9]%|0?[0-9]{2}%|100%|[0-9]{1,9})$")]
)
# What bounds one run: the settings file and the operator's document each say what for.
MostDeletes = Annotated[
    CountOrShare | None,
    Field(examples=[3, "20%"], json_schema_extra={"patternErrorMessage": "a number, or a percentage up to 100%"}),
    Why("it bounds what one run may remove: a count, or a percentage up to 100%"),
]
MostChanges = Annotated[Annotated[int, Field(ge=0)] | None, Field(examples=[50]), Why("it is a count of steps")]
