"""What the views share: how every document begins, and the marks that a schema says beside a type."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import TypedDict  # pydantic reads the one in typing only from Python 3.12 on

from inferctl.fix import FixKind


@dataclass(frozen=True, slots=True, eq=False)
class Says:
    """What the schema of a value says beside its type, in the words of JSON Schema."""

    keywords: dict[str, Any]

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return handler(core) | self.keywords


def one_of(words: Iterable[str]) -> Says:
    """A text that is one of these."""
    return Says({"enum": list(words)})


# mypy holds it and FORMAT_VERSION together, where documents are made.
Version: TypeAlias = Annotated[Literal["1.0"], Says({"description": "The first number changes when a reader has to."})]
Count: TypeAlias = Annotated[int, Says({"minimum": 0})]
Seconds: TypeAlias = Annotated[float, Says({"minimum": 0})]


class View(TypedDict):
    """What all of them share."""


# pydantic reads it where the schemas are made.
View.__pydantic_config__ = {"extra": "forbid", "use_attribute_docstrings": True}  # type: ignore[attr-defined]


class FixView(View):
    """Something that mends it; each does alone."""

    kind: Annotated[str, one_of(kind.value for kind in FixKind)]
    """`command`: type it in a shell; `flag`: add it to the command that was typed; `edit`: of the file that it is
    about; `permit`: paste it into `file`; `advice`: nothing can be typed."""
    text: str
    file: str
    """The one that is edited; empty where it stands in it, or where no file is."""


class Head(View):
    """How every document begins."""

    format_version: Version
