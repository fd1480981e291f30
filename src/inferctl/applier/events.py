"""What happens while a plan is carried out, one frozen class per event. Printers match on the union."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """How a step ended. `detail` is one sentence free of secrets; `leaves` are the paths that differ in the read-back.

    `wrote` tells whether a write to `_inference` may have reached the server: it decides exit 1 or 4.
    """

    inference_id: str
    action: Action
    result: Result
    detail: str = ""
    leaves: tuple[Path, ...] = ()
    wrote: bool = False
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Somebody asked the run to end: running calls are finished, nothing new begins."""

    signal: str


Event = StageStarted | StepStarted | SubStep | StepWaiting | StepFinished | Interrupted


def nobody_hears(_event: Event) -> None:
    """Where nobody asked to hear of a run."""
