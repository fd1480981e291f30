"""What happens while a plan is carried out, one frozen class per event. Printers match on the union."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.applier.cause import Cause
    from inferctl.json_types import Path
    from inferctl.planner.action import Action


class Result(Enum):
    """How a step ended. Value: the word shown."""

    DONE = "done"
    NOT_READY = "not ready"  # written and read back, but the model or the probe is not there yet
    FAILED = "failed"  # refused, or the read-back differs; the server's state is known
    IGNORED = "ignored"  # 200, and the read-back shows the old value
    UNKNOWN = "unknown"  # no answer and no read-back: it may or may not be there
    HELD = "held"
    BLOCKED = "blocked"
    NOT_STARTED = "not started"


class Left(Enum):
    """What became of the endpoint of a step that is not done, where that is known."""

    DOWN = "down"  # it is gone, and nothing has its id
    MAYBE_DOWN = "maybe down"  # it is gone or may be, and whether something has its id is not known
    RESTORED = "restored"  # it was deleted, and has its old settings again
    UNTOUCHED = "as before"  # what was written is something else: a throw-away endpoint
    OTHER = "other settings"  # it is there, and not as declared


# What is there after a step, in one word each.
AS_DECLARED, NOT_READY, AS_BEFORE, ABSENT, UNKNOWN = "as declared", "not ready", "as before", "not there", "unknown"
STATES = (AS_DECLARED, NOT_READY, AS_BEFORE, ABSENT, UNKNOWN, *(left.value for left in Left if left.value != AS_BEFORE))


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A group of steps that may run together: "create and update", "replace", "delete"."""

    stage: str
    inference_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins."""

    inference_id: str
    action: Action


@dataclass(frozen=True, slots=True)
class SubStep:
    """A part of a replace begins: `what` in a few words ("creating")."""

    inference_id: str
    what: str


@dataclass(frozen=True, slots=True)
class StepWaiting:
    """Still waiting: `what` in a few words ("model download", "1 of 2 allocations"), seconds so far."""

    inference_id: str
    what: str
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class StepFinished:
    """How a step ended. `detail` is one sentence free of secrets; `leaves` are the paths that differ in the read-back,
    or that the server refused.

    `wrote` tells whether a write to `_inference` may have reached the server: it decides exit 1 or 4. `down_since` is
    when a replace began to delete what is down now: UTC, ISO 8601; "" where somebody else removed it, or nothing is
    down. `cause` is who said no.
    """

    inference_id: str
    action: Action
    result: Result
    detail: str = ""
    leaves: tuple[Path, ...] = ()
    wrote: bool = False
    elapsed_s: float = 0.0
    left: Left | None = None
    down_since: str = ""
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Somebody asked the run to end: running calls are finished, nothing new begins."""

    signal: str


Event = StageStarted | StepStarted | SubStep | StepWaiting | StepFinished | Interrupted


def nobody_hears(_event: Event) -> None:
    """Where nobody asked to hear of a run."""
