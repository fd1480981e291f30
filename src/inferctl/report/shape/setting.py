"""Settings and secrets in a report: what differs, what is declared, which secret goes where."""

from typing import Annotated, Literal, NotRequired, TypeAlias

from inferctl.json_types import Json
from inferctl.report.shape.base import Says, View
from inferctl.secrets.mask import MASK
from inferctl.secrets.reference import ENV_NAME


class EnvReference(View):
    """A secret by the name of its environment variable."""

    env: Annotated[str, Says({"pattern": f"^{ENV_NAME.pattern}$"})]


class FileReference(View):
    """A secret by the path of its file."""

    file: str


Hidden: TypeAlias = Annotated[Literal["(secret)"], Says({"const": MASK})] | EnvReference | FileReference


class PlainFieldView(View):
    """A setting that differs. `before` or `after` is missing where the setting is not there."""

    path: str
    before: NotRequired[Json]
    after: NotRequired[Json]
    sensitive: Literal[False]
    note: str
    """What the server makes of it."""


class SecretFieldView(View):
    """A secret that differs, as a reference or not at all, never as its value."""

    path: str
    before: NotRequired[Hidden]
    after: NotRequired[Hidden]
    sensitive: Literal[True]
    note: str
    """What the server makes of it."""


FieldView: TypeAlias = PlainFieldView | SecretFieldView


class PlainDeclaredView(View):
    """A setting of an endpoint that is created."""

    path: str
    value: Json
    sensitive: Literal[False]


class SecretDeclaredView(View):
    """A secret of an endpoint that is created: its reference, never its value."""

    path: str
    value: Hidden
    sensitive: Literal[True]


DeclaredView: TypeAlias = PlainDeclaredView | SecretDeclaredView


class SentSecretView(View):
    """A secret that the step sends, and where the server sends it."""

    path: str
    secret: EnvReference | FileReference
    set: bool | None
    """Whether it has a value where this report was made; null where nobody looked. A saved plan holds no answer."""
    hosts: list[str]
    """`host` or `host:port`, as the settings or the service say; empty where neither does."""
