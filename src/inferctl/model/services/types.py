"""The types that settings are made of. Nothing is converted: what a file says is what the server is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from inferctl.model.services.marks import Doc, Fold
from inferctl.secrets.reference import SecretRef
from inferctl.syntax.document import DecimalNumber
from inferctl.syntax.schema_conditions import any_case

LARGEST = 2**31 - 1  # the server keeps whole numbers in 32 bits, where a page gives no other bound

Text = Annotated[str, Field(min_length=1)]
AnyText = str
WholeNumber = Annotated[int, Field(le=LARGEST)]
PositiveInt = Annotated[int, Field(ge=1, le=LARGEST)]
NonNegativeInt = Annotated[int, Field(ge=0, le=LARGEST)]
Number = float
Flag = bool
# A number that must be written with a decimal point: the server refuses 1 and takes 1.0.
Decimal = DecimalNumber
Scalar = str | int | float | bool
Pair = Annotated[list[str], Field(min_length=2, max_length=2)]


def Between(low: float, high: float) -> Any:
    """A number within these bounds, both included."""
    return Field(ge=low, le=high)


def AtLeast(low: int) -> Any:
    """A whole number from this one on."""
    return Field(ge=low)


@dataclass(frozen=True, slots=True)
class AnyCase:
    """A word in any case, white space around it: the server is as generous. It is kept in the page's spelling."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        spelled = {str(word).lower(): word for word in get_args(source)}

        def spell(value: Any) -> Any:
            if not isinstance(value, str):
                raise PydanticCustomError("string_type", "a word is needed")
            return spelled.get(value.strip().lower(), value)

        return core_schema.no_info_before_validator_function(spell, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The words are what an editor proposes; the pattern lets other cases by."""
        words = handler(core)
        return {"type": "string", "anyOf": [{"enum": words["enum"]}, {"pattern": any_case(words["enum"])}]}


def _text_or_mapping(value: Any) -> Any:
    if not isinstance(value, str | Mapping | SecretRef):
        raise PydanticCustomError("string_type", "a text or a reference is needed")
    return value


# A header of `custom` may be a credential.
TextOrSecret = Annotated[str | SecretRef, BeforeValidator(_text_or_mapping)]
_W = TypeVar("_W")
Word = Annotated[_W, AnyCase()]
Similarity = Annotated[
    Word[Literal["cosine", "dot_product", "l2_norm"]],
    Doc("Vector similarity that the endpoint advertises to semantic fields."),
    Fold("lower"),
]
