"""A saved plan as a document: what `plan --out` writes, and `show` and `apply PLAN` read (docs/reference/plan-file.md).

Two parts. `plan` is what the plan means; the digest is over that part and nothing else: no times, no version of this
tool, no names of files. `texts` is what it says to people. Secrets stand in it as references.

What only follows from the rest is not in it (bodies, what the read-back must show, what the ledger will hold): apply
decides that anew from each declaration (`planner.file.recheck`). What is as usual is left out of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from inferctl.fix import FixKind
from inferctl.json_types import Json, Path, canonical
from inferctl.model.ids import ID_PATTERN, REGION_POLICY, is_id
from inferctl.model.versions import Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.field_change import ABSENT
from inferctl.planner.file.hide_credentials import hide_credentials, is_credential
from inferctl.planner.plan import Guard
from inferctl.planner.references import UserKind
from inferctl.planner.secret_state import SecretState
from inferctl.syntax.document import Document, Listed, SetOf, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import Enum

_Item = TypeVar("_Item")

KIND: Final = "saved-plan"
FORMAT: Final = "2.0"
_CREDENTIAL: Final = "it holds a credential in clear"
_NAME: Final = r"^([a-z0-9]([a-z0-9_.\-]*[a-z0-9])?)?$"
_DIGEST: Final = r"^sha256:[0-9a-f]{64}$"
# What has no file: the rest is there because a file declares it.
_UNDECLARED = frozenset({Action.DELETE, Action.FORGET})


def digest(meaning: Json) -> str:
    """SHA-256 over the canonical JSON of the meaning: keys sorted, no blanks, ASCII."""
    return f"sha256:{sha256(canonical(meaning).encode('ascii')).hexdigest()}"


def _fault(what: str) -> PydanticCustomError:
    return fault("plan.file", what, "")


def _id(text: str) -> str:
    if not is_id(text) and text != REGION_POLICY:
        raise _fault("it is not the id of an endpoint that could be ours")
    return text


def _version(text: str) -> Version:
    version = Version.parse(text)
    if str(version) != text:
        raise ValueError
    return version


def _without_credentials(observed: dict[str, Json]) -> dict[str, Json]:
    if hide_credentials(observed) != observed:
        raise _fault(_CREDENTIAL)
    return observed


def _sorted(paths: frozenset[Path]) -> list[list[str | int]]:
    return sorted((list(path) for path in paths), key=canonical)


@dataclass(frozen=True, slots=True)
class AsText:
    """A mark: a value of the program that stands in the document as a text.

    `read` raises LookupError or ValueError for a text that means none. `schema` is the rest of its JSON Schema.
    """

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    expected: str
    schema: dict[str, Any]

    @classmethod
    def of(cls, members: Iterable[Enum]) -> AsText:
        """The members of an enum by their words."""
        words = {_word(member): member for member in members}
        return cls(words.__getitem__, _word, f"one of {', '.join(words)}", {"enum": list(words)})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: object) -> Any:
            if isinstance(value, str):
                try:
                    return self.read(value)
                except (LookupError, ValueError):
                    pass
            elif isinstance(value, source):
                return value
            raise _fault(f"{self.expected} is expected")

        written = core_schema.plain_serializer_function_ser_schema(self.write)
        return core_schema.no_info_plain_validator_function(read, serialization=written)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", **self.schema}


def _word(member: Enum) -> str:
    return str(getattr(member, "word", member.value))


# One fault is told, so a list need not be read on after its first: a stranger's could be very long.
Rows = Annotated[Listed[_Item], Field(fail_fast=True)]
Texts = Rows[str]
Place = Annotated[Rows[str | int], Field(min_length=1, description="Keys and list positions from the endpoint's root.")]
Places = Annotated[SetOf[Place], Field(fail_fast=True), PlainSerializer(_sorted)]
# Stale is what a plan becomes, not what it is when it is saved.
BlockText = Annotated[BlockKind, AsText.of(kind for kind in BlockKind if kind is not BlockKind.STALE)]
GuardText = Annotated[Guard, AsText.of(guard for guard in Guard if guard is not Guard.STALE)]
_A_VERSION = r"^([0-9]+\.[0-9]+(\.[0-9]+)?|serverless)$"
VersionText = Annotated[
    Version, AsText(_version, str, "a version such as 9.1.3, or serverless,", {"pattern": _A_VERSION})
]


class FieldPart(Document):
    """A leaf that differs. A side is absent where the setting is not there."""

    path: Place
    sensitive: bool = Field(default=False, description='Both sides hold the reference, null or "(secret)".')
    before: Any = Field(default_factory=lambda: ABSENT, description="Absent where the setting is not there.")
    after: Any = Field(default_factory=lambda: ABSENT, description="Absent where the setting goes.")

    @field_validator("before", "after")
    @classmethod
    def _hides_secrets(cls, value: Any, info: ValidationInfo) -> Any:
        known = info.data
        if "path" in known and is_credential(known["path"], value, sensitive=known.get("sensitive", False)):
            raise _fault(_CREDENTIAL)
        return value


class UsePart(Document):
    """One place that uses an endpoint."""

    kind: Annotated[UserKind, AsText.of(UserKind)]
    name: str
    how: str
    through: str


class ReferencesPart(Document):
    """Who used it when the plan was made. Apply asks again."""

    asked: bool = Field(description="False: no privilege for a dry run, own scan only.")
    pipelines: Texts
    indexes: Texts
    scan: Rows[UsePart] | None
    unseen: Texts


class DenialPart(Document):
    """An endpoint that a region policy would deny, when the plan was made. Apply looks again."""

    id: str = Field(description="Also one of the server's own, which begins with a dot.")
    task_type: str
    maybe: bool = Field(default=False, description="The server does not say where its model runs.")
    is_declared: bool = Field(default=False, description="A file declares it.")
    is_there: bool = Field(default=True, description="The cluster has it.")
    already: bool = Field(default=False, description="The policy in force denies it too.")
    by_model: bool = Field(default=False, description="Judged by where others run the same model.")
    users: ReferencesPart | None = Field(default=None, description="Who uses it; absent where nobody asked.")


class ChangePart(Document):
    """One endpoint, or the region policy of the cluster. What is as usual (empty, or the default) is left out."""

    id: Annotated[str, AfterValidator(_id)] = Field(json_schema_extra={"pattern": f"{ID_PATTERN}|^{REGION_POLICY}$"})
    task_type: str
    service: str
    action: Annotated[Action, AsText.of(Action)]
    standing: Annotated[Standing, AsText.of(Standing)] = Field(
        description="held waits for a permission. Only ready steps are done."
    )
    blocks: Rows[BlockText] = Field(
        default=(), description="Why it is held or blocked; the words on each are in texts."
    )
    desired: dict[str, Json] | None = Field(
        default=None,
        description="What the endpoint's file says, in the words of an endpoint file (inferctl schema), without the "
        "id; of a region policy, what the settings file says. What apply sends is decided anew from it.",
    )
    observed: Annotated[dict[str, Json], AfterValidator(_without_credentials)] | None = Field(
        default=None,
        description="What GET showed, normalised: without live values, without server-side renames. A credential that "
        'the server shows in clear is "(secret)". Absent where the endpoint is not there, or needs nothing.',
    )
    fields: Rows[FieldPart] = Field(default=(), description="What differs.")
    references: ReferencesPart | None = None
    denies: Rows[DenialPart] = Field(default=(), description="Of a region policy: the endpoints that it would deny.")
    unchecked_secrets: Places = Field(
        default=frozenset(),
        description="Secrets that could not be compared when the plan was made: apply compares them and sends those "
        "that changed.",
    )
    rotates_secrets: bool = Field(default=False, description="The secrets are sent again.")
    claims: bool = Field(default=False, description="It becomes ours with this step.")
    left_behind: bool = Field(default=False, description="A throw-away endpoint of a run that died.")

    @model_validator(mode="after")
    def _is_coherent(self) -> ChangePart:
        word = self.action.word
        if (self.desired is None) != (self.action in _UNDECLARED):
            raise _fault(f"a {word} {'has no' if self.desired is not None else 'needs a'} declaration")
        if (self.standing is Standing.READY) == bool(self.blocks):
            raise _fault(f"{self.standing.word}, and {'a' if self.blocks else 'no'} block")
        if self.denies and self.id != REGION_POLICY:
            raise _fault("only a region policy denies endpoints")
        return self


class ClusterPart(Document):
    """The cluster that the plan is for."""

    uuid: str
    version: VersionText = Field(description="The version, or serverless.")


class Meaning(Document):
    """What the plan means; all that the digest is over."""

    cluster: ClusterPart | None
    scope: str = Field(description="The owner's name in the ledger; empty without a ledger.")
    environment: str = Field(
        default="", pattern=_NAME, max_length=100, description="The one of the settings file that it is for."
    )
    unseen: bool = Field(
        default=False, description="The list of endpoints failed: there may be more of ours to remove than was seen."
    )
    stops: Rows[GuardText] = Field(description="Limits that stop the whole run: such a plan does nothing.")
    changes: Rows[ChangePart] = Field(
        description="All endpoints of the files, and those that go; sorted by id. Endpoints that need nothing are "
        "among them."
    )

    @field_validator("changes")
    @classmethod
    def _is_sorted(cls, changes: tuple[ChangePart, ...]) -> tuple[ChangePart, ...]:
        ids = [change.id for change in changes]
        if sorted(set(ids)) != ids:
            raise _fault("the ids are not sorted, or one is there twice")
        return changes


class FixWords(Document):
    """Something that would lift it."""

    kind: Annotated[FixKind, AsText.of(FixKind)]
    text: str
    file: str = Field(default="", description="The one that is edited; absent where no file is.")


class Words(Document):
    """What is said of a stop or a block, and what would lift it."""

    text: str
    fixes: Rows[FixWords] = ()


class SecretWords(Document):
    """What is known of a secret."""

    path: Place
    state: Annotated[SecretState, AsText.of(SecretState)]
    since: str
    why: str


class ChangeWords(Document):
    """What is said of a change."""

    reasons: Texts = ()
    warnings: Texts = ()
    substeps: Texts = ()
    blocks: Rows[Words] = ()
    fields: Texts = Field(default=(), description="A note on each field, in their order.")
    secrets: Rows[SecretWords] = ()


class ClusterWords(Document):
    """How the cluster calls itself, and what could not be seen of it."""

    name: str
    number: str
    notes: Texts


class PlanWords(Document):
    """What the plan says to people. No part of the digest."""

    cluster: ClusterWords | None
    stops: Rows[Words]
    notes: Texts
    warnings: Texts
    unfinished: Texts = ()
    changes: dict[str, ChangeWords] = Field(description="What is said of each change, by id.")


class SavedPlan(Document):
    """What `inferctl plan --out FILE` writes and `inferctl apply FILE` does. Secrets stand in it as references."""

    format_version: Literal["2.0"]
    kind: Literal["saved-plan"]
    digest: str = Field(
        pattern=_DIGEST,
        description="SHA-256 over the canonical JSON of plan: keys sorted, no blanks, ASCII. It tells damage, it is no "
        "signature.",
    )
    plan: Meaning
    texts: PlanWords
