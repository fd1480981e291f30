"""A saved plan as a document: what `plan --out` writes, and `show` and `apply PLAN` read (docs/reference/plan-file.md).

Two parts. `plan` is what the plan means; the digest is over that part and nothing else: no times, no version of this
tool, no names of files. `texts` is what it says to people. Secrets stand in it as references.

What only follows from the rest is not in it (bodies, what the read-back must show, what the ledger will hold): apply
decides that anew from each declaration (`plan.saved`). What is as usual is left out of the file.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from inferctl.json_types import Json, Path, canonical
from inferctl.model.ids import is_id
from inferctl.model.versions import Version
from inferctl.plan.action import Action, BlockKind, Standing
from inferctl.plan.change import ABSENT
from inferctl.plan.document_types import Otherwise, Word, fault, one_of
from inferctl.plan.plan import Guard
from inferctl.plan.redacted import in_clear, redacted
from inferctl.plan.references import UserKind
from inferctl.plan.rotation import SecretState

KIND: Final = "saved-plan"
FORMAT: Final = "2.0"
_CREDENTIAL: Final = "it holds a credential in clear"
_DIGEST: Final = r"^sha256:[0-9a-f]{64}$"
# What has no file: the rest is there because a file declares it.
_UNDECLARED = frozenset({Action.DELETE, Action.FORGET})


def digest(meaning: Json) -> str:
    """SHA-256 over the canonical JSON of the meaning: keys sorted, no blanks, ASCII."""
    return f"sha256:{sha256(canonical(meaning).encode('ascii')).hexdigest()}"


def _id(text: str) -> str:
    if not is_id(text):
        raise fault("it is not the id of an endpoint that could be ours")
    return text


def _version(text: str) -> Version:
    version = Version(9, 5, serverless=True) if text == "serverless" else Version.parse(text)
    if str(version) != text:
        raise ValueError
    return version


def _without_credentials(observed: dict[str, Json]) -> dict[str, Json]:
    if redacted(observed) != observed:
        raise fault(_CREDENTIAL)
    return observed


def _sorted(paths: frozenset[Path]) -> list[list[str | int]]:
    return sorted((list(path) for path in paths), key=canonical)


# JSON has no tuples and no sets: such a field takes a list, and everything in it is strict again.
_LISTED: Any = Field(strict=False)
Texts = Annotated[tuple[str, ...], _LISTED]
Place = Annotated[
    tuple[Annotated[str | int, Otherwise("a key or a position is expected")], ...],
    Field(strict=False, min_length=1, description="Keys and list positions from the endpoint's root."),
]
Places = Annotated[frozenset[Place], _LISTED, PlainSerializer(_sorted)]
# Stale is what a plan becomes, not what it is when it is saved.
Block = Annotated[BlockKind, one_of(kind for kind in BlockKind if kind is not BlockKind.STALE)]
Limit = Annotated[Guard, one_of(guard for guard in Guard if guard is not Guard.STALE)]
VersionLine = Annotated[
    Version,
    Word(_version, str, "a version such as 9.1, or serverless,", {"pattern": r"^([0-9]+\.[0-9]+|serverless)$"}),
]


class Part(BaseModel):
    """An object of the document: these keys and no other, each of just its type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


class FieldPart(Part):
    """A leaf that differs. A side is absent where the setting is not there."""

    path: Place
    sensitive: bool = Field(default=False, description='Both sides hold the reference, null or "(secret)".')
    before: Any = Field(default_factory=lambda: ABSENT, description="Absent where the setting is not there.")
    after: Any = Field(default_factory=lambda: ABSENT, description="Absent where the setting goes.")

    @field_validator("before", "after")
    @classmethod
    def _hides_secrets(cls, value: Any, info: ValidationInfo) -> Any:
        known = info.data
        if "path" in known and in_clear(known["path"], value, sensitive=known.get("sensitive", False)):
            raise fault(_CREDENTIAL)
        return value


class UsePart(Part):
    """One place that uses an endpoint."""

    kind: Annotated[UserKind, one_of(UserKind)]
    name: str
    how: str
    through: str


class ReferencesPart(Part):
    """Who used it when the plan was made. Apply asks again."""

    asked: bool = Field(description="False: no privilege for a dry run, own scan only.")
    pipelines: Texts
    indexes: Texts
    scan: Annotated[tuple[UsePart, ...], _LISTED] | None
    unseen: Texts


class ChangePart(Part):
    """One endpoint. What is as usual (empty, or the default given here) is left out."""

    id: Annotated[str, AfterValidator(_id)] = Field(
        json_schema_extra={"pattern": r"^[a-z0-9](?:[a-z0-9_\-.]*[a-z0-9])?$"}  # as `is_id`
    )
    task_type: str
    service: str
    action: Annotated[Action, one_of(Action)]
    standing: Annotated[Standing, one_of(Standing)] = Field(
        description="held waits for a permission. Only ready steps are done."
    )
    blocks: Annotated[tuple[Block, ...], _LISTED] = Field(
        default=(), description="Why it is held or blocked; the words on each are in texts."
    )
    desired: dict[str, Json] | None = Field(
        default=None,
        description="What the endpoint's file says, in the words of an endpoint file (inferctl schema), without the "
        "id. What apply sends is decided anew from it.",
    )
    observed: Annotated[dict[str, Json], AfterValidator(_without_credentials)] | None = Field(
        default=None,
        description="What GET showed, normalised: without live values, without server-side renames. A credential that "
        'the server shows in clear is "(secret)". Absent where the endpoint is not there, or needs nothing.',
    )
    fields: Annotated[tuple[FieldPart, ...], _LISTED] = Field(default=(), description="What differs.")
    references: ReferencesPart | None = None
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
            raise fault(f"a {word} {'has no' if self.desired is not None else 'needs a'} declaration")
        if (self.standing is Standing.READY) == bool(self.blocks):
            raise fault(f"{self.standing.word}, and {'a' if self.blocks else 'no'} block")
        return self


class ClusterPart(Part):
    """The cluster that the plan is for."""

    uuid: str
    version: VersionLine = Field(description="The minor version, or serverless.")


class Meaning(Part):
    """What the plan means; all that the digest is over."""

    cluster: ClusterPart | None
    scope: str = Field(description="The owner's name in the ledger; empty without a ledger.")
    stops: Annotated[tuple[Limit, ...], _LISTED] = Field(
        description="Limits that stop the whole run: such a plan does nothing."
    )
    changes: Annotated[tuple[ChangePart, ...], _LISTED] = Field(
        description="All endpoints of the files, and those that go; sorted by id. Endpoints that need nothing are "
        "among them."
    )

    @field_validator("changes")
    @classmethod
    def _is_sorted(cls, changes: tuple[ChangePart, ...]) -> tuple[ChangePart, ...]:
        ids = [change.id for change in changes]
        if sorted(set(ids)) != ids:
            raise fault("the ids are not sorted, or one is there twice")
        return changes


class Words(Part):
    """What is said of a stop or a block, and what would lift it."""

    text: str
    fix: str


class SecretWords(Part):
    """What is known of a secret."""

    path: Place
    state: Annotated[SecretState, one_of(SecretState)]
    since: str
    why: str


class ChangeWords(Part):
    """What is said of a change."""

    reasons: Texts = ()
    warnings: Texts = ()
    substeps: Texts = ()
    blocks: Annotated[tuple[Words, ...], _LISTED] = ()
    fields: Texts = Field(default=(), description="A note on each field, in their order.")
    secrets: Annotated[tuple[SecretWords, ...], _LISTED] = ()


class ClusterWords(Part):
    """How the cluster calls itself, and what could not be seen of it."""

    name: str
    number: str
    notes: Texts


class PlanWords(Part):
    """What the plan says to people. No part of the digest."""

    cluster: ClusterWords | None
    stops: Annotated[tuple[Words, ...], _LISTED]
    notes: Texts
    warnings: Texts
    changes: dict[str, ChangeWords] = Field(description="What is said of each change, by id.")


class SavedPlan(Part):
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
