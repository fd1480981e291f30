"""One step of a plan: an endpoint, an action, its reasons and its field changes. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from inferctl.planner.action import Action, BlockKind, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.diagnostics import Span
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.references import References
    from inferctl.planner.secret_state import SecretCheck


class Absent(Enum):
    """Tells "not there" from null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A leaf that differs. `before` and `after` are ABSENT where the leaf is not there.

    A sensitive leaf carries its reference (`{"env": "NAME"}`) or nothing, never a value.
    `note` says what the server makes of it ("9.1 ignores this in an update").
    """

    path: Path
    before: Json | Absent
    after: Json | Absent
    sensitive: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Why a step will not be done, what would lift it (something to type)."""

    kind: BlockKind
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One step.

    `put_body` (create, replace) and `update_body` (update) are what will be sent, with secret
    references in the place of secrets; `secrets` are the paths in that body to resolve.
    `reasons` say why this action, one fact a line. `observed` is what the step relies on: the
    normalised leaves as they were at plan time. `references` is None where nobody asked.
    """

    inference_id: str
    task_type: str
    service: str
    action: Action
    standing: Standing = Standing.READY
    reasons: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    blocks: tuple[Block, ...] = ()
    references: References | None = None
    warnings: tuple[str, ...] = ()
    put_body: JsonObject | None = None
    update_body: JsonObject | None = None
    secrets: frozenset[Path] = frozenset()
    observed: JsonObject | None = field(default=None, repr=False)  # a server shows headers in clear
    # What the read-back must show after the write, and the leaves that may move along with it.
    expected: Mapping[Path, Json] = field(default_factory=dict)
    span: Span | None = None
    rotates_secrets: bool = False
    runs_in_cluster: bool = False
    owns_deployment: str | None = None
    shares_deployment: str | None = None
    ready_timeout_s: float = 900.0
    timeout_parameter: bool = True
    probe: JsonObject | None = None
    # What the ledger will hold afterwards; `noted`: it holds just that already; `claims`: it is not ours yet.
    declared: JsonObject | None = None
    protect: frozenset[str] = frozenset()
    noted: bool = True
    claims: bool = False
    secret_fields: frozenset[Path] = frozenset()
    # What its file says: a saved plan is made again from it, so that it cannot hold a step that no file leads to.
    desired: DesiredEndpoint | None = None
    # What is known of each secret; those that could not be compared may have to be sent when they can be.
    secret_checks: tuple[SecretCheck, ...] = ()
    unchecked_secrets: frozenset[Path] = frozenset()
    # What a replace consists of, in order; and a throw-away endpoint that a run of ours left when it died.
    substeps: tuple[str, ...] = ()
    left_behind: bool = False

    @property
    def will_run(self) -> bool:
        return self.standing is Standing.READY and self.action is not Action.NOOP

    @property
    def counts(self) -> bool:
        """Does `--detailed-exitcode` see it? Everything but a no-op: held and blocked ones included."""
        return self.action is not Action.NOOP
