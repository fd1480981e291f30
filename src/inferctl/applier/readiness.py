"""Is it usable? Trained-model stats for models in the cluster, an inference call where a probe is given.

Source: docs/reference/server/in-cluster.md#stats; a deployment scaled to zero is ready, and asleep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.applier.events import StepWaiting
from inferctl.errors import ApiError, InferctlError
from inferctl.planner.action import Action
from inferctl.planner.health import Health, health_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.applier.events import Event
    from inferctl.client.cluster_reads import ModelDeployment
    from inferctl.client.sync import InferenceClient
    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.change import Change
    from inferctl.planner.health import Ailment

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0
_SAY_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`note` is empty, or one sentence: why not, or that it sleeps. `unwell` names what is remembered of it.

    `error` is what a call said.
    """

    ready: bool
    note: str = ""
    unwell: Ailment | None = None
    error: InferctlError | None = None


@dataclass(frozen=True, slots=True)
class Waiter:
    """Waits for one endpoint at a time. `clock` is monotonic seconds; `stopped` ends the wait early."""

    client: InferenceClient
    emit: Callable[[Event], None]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    stopped: Callable[[], bool]

    def until_ready(self, change: Change, after: ObservedEndpoint | None) -> Readiness:
        """Deployment first, then the probe."""
        found = Readiness(True)
        if change.runs_in_cluster and after is not None:
            found = self._deployment(change, after)
        if found.ready and change.probe is not None:
            found = probe(self.client, change)
        return found

    def _deployment(self, change: Change, after: ObservedEndpoint) -> Readiness:
        model_id = str(after.service_settings.get("model_id", ""))
        start = last_said = self.clock()
        pause = _FIRST_PAUSE_S
        while True:
            try:
                stats = self.client.trained_model_stats(model_id)
            except ApiError:
                return ask(self.client, change, "its deployment cannot be looked at")
            except InferctlError as error:
                return Readiness(False, f"its deployment could not be read: {error}", "unknown", error)
            mine = next((d for d in stats if d.deployment_id == after.deployment_id), None)
            found, what = _judged(change, mine)
            if found is not None:
                return found
            now = self.clock()
            if now - start >= change.ready_timeout_s:
                why = f"not ready after {change.ready_timeout_s:g} s: waiting for {what}"
                return Readiness(False, why, "not ready")
            if self.stopped():
                return Readiness(False, f"interrupted while waiting for {what}", "not ready")
            if now - last_said >= _SAY_EVERY_S:
                self.emit(StepWaiting(change.inference_id, what, now - start))
                last_said = now
            self.sleep(min(pause, change.ready_timeout_s - (now - start)))
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def ask(client: InferenceClient, change: Change, why: str) -> Readiness:
    """The second way, where stats are not to be had: a real call."""
    try:
        client.inference(
            inference_id=change.inference_id,
            task_type=change.task_type,
            input="ready?",
            query="ready?" if change.task_type == "rerank" else None,
        )
    except InferctlError as error:
        return Readiness(False, f"{why}, and it did not answer: {error}", "failed probe", error)
    return Readiness(True)


def probe(client: InferenceClient, change: Change) -> Readiness:
    """Make the step's inference call, and hold its answer against what the file expects."""
    expected = change.probe or {}
    try:
        answer = client.inference(
            inference_id=change.inference_id,
            task_type=change.task_type,
            body={name: expected[name] for name in ("input", "query") if expected.get(name) is not None},
        )
    except InferctlError as error:
        gone = "\nthe new secret was stored and the old one is gone" if change.rotates_secrets else ""
        return Readiness(False, f"the probe failed: {error}{gone}", "failed probe", error)
    wanted = expected.get("dimensions")
    if wanted is not None:
        length = _vector_length(answer)
        if length is None:
            return Readiness(False, f"the probe's answer holds no vector, so no {wanted} dimensions", "failed probe")
        if length != wanted:
            return Readiness(False, f"the probe's vector has {length} dimensions, not {wanted}", "failed probe")
    return Readiness(True)


def _judged(change: Change, deployment: ModelDeployment | None) -> tuple[Readiness | None, str]:
    """How the wait ends, or None and what it waits for."""
    health = health_of(deployment)
    if health.is_good:
        note = "scaled to zero: the first call will wait" if health is Health.ASLEEP else ""
        return Readiness(True, note), ""
    if deployment is not None and health is Health.FAILED:
        return Readiness(False, f"its deployment failed: {deployment.reason}", "failed start"), ""
    if health is Health.MISSING and change.action in (Action.VERIFY, Action.REPAIR, Action.ADOPT):
        return Readiness(False, "its deployment is missing", "failed start"), ""
    if deployment is None or not deployment.state:
        return None, "its deployment to appear"
    return None, f"{deployment.allocation_count} of {deployment.target_allocation_count} allocations"


def _vector_length(answer: Any) -> int | None:
    """The length of the first vector of an inference answer, or None. Bits come eight to a number.

    Source: docs/reference/server/inference.md.
    """
    if not isinstance(answer, dict):
        return None
    for name, listed in answer.items():
        if isinstance(listed, list) and listed and isinstance(listed[0], dict):
            vector = listed[0].get("embedding")
            if isinstance(vector, list):
                return len(vector) * (8 if name.endswith("_bits") else 1)
    return None
