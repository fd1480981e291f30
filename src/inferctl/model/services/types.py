"""The types that settings are made of. Nothing is converted: what a file says is what the server is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from inferctl.model.services.marks import Doc, Fold, Mark
from inferctl.secrets.reference import SecretRef
from inferctl.syntax.document import DecimalNumber, Why, fault
from inferctl.syntax.flow_style import scalar_text
from inferctl.syntax.schema_conditions import any_case

LARGEST = 2**31 - 1  # the server keeps whole numbers in 32 bits, where a page gives no other bound

Text = Annotated[str, Field(min_length=1)]
# What follows the scheme is what `java.net.URI` takes; the server's HTTP client speaks http and https only.
_SCHEME = r"[Hh][Tt][Tt][Pp][Ss]?://"
_ADDRESS = Why("the server asks no other address")
Url = Annotated[
    str,
    Field(
        min_length=1,
        pattern=rf'^{_SCHEME}[^\x00-\x20\x7f"<>\\^`{{|}}/?#]+[^\x00-\x20\x7f"<>\\^`{{|}}]*$',
        examples=["https://my-host/v1"],
    ),
    _ADDRESS,
    Mark(address="url"),
]
# Templates (`${name}`) are filled in before the server reads it.
UrlTemplate = Annotated[
    str,
    Field(
        min_length=1,
        pattern=rf"^(?:{_SCHEME}[^\x00-\x20\x7f\\/?#]|\$\{{)[^\x00-\x1f\x7f\\]*$",
        examples=["https://my-host/v1"],
    ),
    _ADDRESS,
    Mark(address="url"),
]
# What becomes a part of a host name must not end it: no dot, no @, no /.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_IN_HOST = Why("the key is sent to a host with this in its name: letters, digits and hyphens")
HostLabel = Annotated[str, Field(min_length=1, pattern=rf"^{_LABEL}$"), _IN_HOST]
HostName = Annotated[
    str,
    Field(min_length=1, pattern=rf"^{_LABEL}(?:\.{_LABEL})*\.?(?::[0-9]{{1,5}})?$"),
    Why("the key is sent to it: a host, or host:port"),
    Mark(address="host"),
]
# One step of a path, or a value of the query, in the address that the key is sent to.
PathPart = Annotated[
    str,
    Field(min_length=1, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._:~\-]*$"),
    Why("it becomes a part of the address that the key is sent to: letters, digits and . _ - : ~"),
]
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
_TextOrSecret = Annotated[str | SecretRef, BeforeValidator(_text_or_mapping)]
# How the bytes of a request are framed and its connection is used: the server's HTTP client says it.
_OF_THE_CONNECTION = (
    "connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade",
)  # fmt: skip
_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z\-]+$"
_HEADER_VALUE = r"^[^\x00-\x08\x0a-\x1f\x7f]*$"
# What the server sends as a header.
HeaderText = Annotated[
    str, Field(min_length=1, pattern=_HEADER_VALUE), Why("it is sent as a header, which has one line")
]


@dataclass(frozen=True, slots=True)
class HeaderForm:
    """Headers that end neither themselves nor the request: names are tokens (RFC 9110), values have one line."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_well_formed, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        names = {"pattern": _HEADER_NAME, "not": {"pattern": any_case(_OF_THE_CONNECTION)}}
        return {
            **handler(core),
            "propertyNames": names,
            "allOf": [{"additionalProperties": {"pattern": _HEADER_VALUE}}],
        }


def _well_formed(headers: dict[str, Any]) -> dict[str, Any]:
    for name, value in headers.items():
        remove = f"remove {scalar_text(name)}"
        if not re.fullmatch(_HEADER_NAME[1:-1], name):
            why = "another character ends the name, and what follows is sent as a header of its own"
            what = "the name of a header may hold letters, digits and !#$%&'*+-.^_`|~ only"
            raise fault("field.form", what, why, remove, "key", at=(name,))
        if name.lower() in _OF_THE_CONNECTION:
            what = f"the header {name} is not for files"
            raise fault(
                "field.form", what, "the server says it of the request that it sends", remove, "key", at=(name,)
            )
        if isinstance(value, str) and not re.fullmatch(_HEADER_VALUE[1:-1], value):
            why = "a line end in it ends the header, and what follows is sent as another one"
            raise fault("field.form", f"the header {name} holds a control character", why, remove, at=(name,))
    return headers


Headers = Annotated[dict[str, str], HeaderForm(), Mark(address="headers")]
HeadersOrSecrets = Annotated[dict[str, _TextOrSecret], HeaderForm(), Mark(address="headers")]
_W = TypeVar("_W")
Word = Annotated[_W, AnyCase()]
Similarity = Annotated[
    Word[Literal["cosine", "dot_product", "l2_norm"]],
    Doc("Vector similarity that the endpoint advertises to semantic fields."),
    Fold("lower"),
]
