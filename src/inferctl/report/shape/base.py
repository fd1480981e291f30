"""The source form of every report, as types: what `--format json` prints and what text and markdown render.

`scripts/generate-schemas` makes the JSON Schemas in `report/schema/` from them: the docstring of a class or a key is
its description there. Objects hold the keys of their class and no others. Nothing here needs pydantic at run time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias

from typing_extensions import TypedDict  # pydantic reads the one in typing only from Python 3.12 on

FORMAT_VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True, eq=False)
class Says:
    """What the schema of a value says beside its type, in the words of JSON Schema."""

    keywords: dict[str, Any]

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return handler(core) | self.keywords


def one_of(words: Iterable[str]) -> Says:
    """A text that is one of these."""
    return Says({"enum": list(words)})


Version: TypeAlias = Annotated[
    Literal["1.0"], Says({"const": FORMAT_VERSION, "description": "The first number changes when a reader has to."})
]
Count: TypeAlias = Annotated[int, Says({"minimum": 0})]
Seconds: TypeAlias = Annotated[float, Says({"minimum": 0})]


class View(TypedDict):
    """What all of them share."""


# pydantic reads it where the schemas are made.
View.__pydantic_config__ = {"extra": "forbid", "use_attribute_docstrings": True}  # type: ignore[attr-defined]


class Head(View):
    """How every document begins."""

    format_version: Version
