"""Files, a plan against an emulated cluster, a run of it, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.factories import desired

from inferctl.applier.interrupt import StopSignal
from inferctl.applier.runner import Options, Run
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.secrets.reference import SecretRef
from inferctl.secrets.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.emulated import Emulated

    from inferctl.applier.events import Event, StepFinished
    from inferctl.applier.outcome import Outcome
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.endpoint import Probe
    from inferctl.planner.change import Change
    from inferctl.planner.plan import Plan

CANARY = "canary-V4u5W6"
KEY = SecretRef("env", "K")
SECRETS = {KEY: Secret(CANARY)}
ELSER: dict[str, Any] = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}


def remote(
    inference_id: str = "a",
    *,
    model: str = "m",
    user: str | None = None,
    service: str = "openai",
    task_type: str = "completion",
    chunking: dict[str, Any] | None = None,
    protect: tuple[str, ...] = (),
    probe: Probe | None = None,
    **settings: Any,
) -> DesiredEndpoint:
    """An endpoint of a provider."""
    return desired(
        inference_id,
        task_type=task_type,
        service=service,
        settings={"model_id": model, "api_key": {"env": "K"}, **settings},
        task={"user": user} if user else None,
        chunking=chunking,
        protect=protect,
        probe=probe,
    )


def local(
    inference_id: str = "a", *, ready_timeout_s: float = 900.0, probe: Probe | None = None, **settings: Any
) -> DesiredEndpoint:
    """ELSER in the cluster; with `deployment_id` on somebody else's deployment."""
    wanted = settings if "deployment_id" in settings else {**ELSER, **settings}
    return desired(
        inference_id,
        task_type="sparse_embedding",
        service="elasticsearch",
        settings=wanted,
        ready_timeout_s=ready_timeout_s,
        probe=probe,
    )


def plan_for(emulated: Emulated, *endpoints: DesiredEndpoint, **permissions: Any) -> Plan:
    """Everything that starts with a or b is ours, everything is allowed; the log starts anew."""
    allowed = {
        "manage": ("a*", "b*"),
        "allow_delete": True,
        "allow_replace": True,
        "max_deletes": "100%",
        **permissions,
    }
    plan = plan_cluster(emulated.client.read_only(), DesiredSet(tuple(endpoints)), Permissions(**allowed))
    emulated.sent.clear()
    return plan


SCAN = (
    "GET /_ingest/pipeline?",
    "GET /*/_mapping?",
    "GET /*/_settings/",
    "GET /_index_template?",
    "GET /_component_template?",
    "GET /_security/user/_has_privileges",
)


def without_scan(sent: list[str]) -> list[str]:
    """What was sent, without the reads of our own search for users: they go out in any order."""
    return [line for line in sent if not line.startswith(SCAN)]


def only(plan: Plan) -> Change:
    (change,) = plan.steps
    return change


class Patience(StopSignal):
    """Sleeps without waiting: its own clock and the cluster's move on. `on_sleep` may do something meanwhile."""

    def __init__(self, emulated: Emulated, on_sleep: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.now_s = 0.0
        self.slept: list[float] = []
        self._emulated, self._on_sleep = emulated, on_sleep

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
        self._emulated.cluster.advance(seconds)
        self._on_sleep()

    def sleep_through(self, seconds: float) -> None:
        self.sleep(seconds)


@dataclass
class Ran:
    """What a run said and how it ended."""

    outcome: Outcome
    events: list[Event] = field(default_factory=list)

    @property
    def code(self) -> int:
        return self.outcome.exit_code

    def __getitem__(self, inference_id: str) -> StepFinished:
        return {result.inference_id: result for result in self.outcome.results}[inference_id]


def carried_out(
    emulated: Emulated,
    plan: Plan,
    *,
    secrets: Mapping[SecretRef, Secret] = SECRETS,
    parallelism: int = 4,
    force: frozenset[str] = frozenset(),
    stop: StopSignal | None = None,
    emit: Callable[[Event], None] = lambda _: None,
) -> Ran:
    """Run the plan. No run of any test may say the secret."""
    events: list[Event] = []

    def hear(event: Event) -> None:
        events.append(event)
        emit(event)

    stop = stop or Patience(emulated)
    clock = stop.clock if isinstance(stop, Patience) else (lambda: 0.0)
    run = Run(plan, emulated.client, secrets, hear, stop, Options(parallelism, force, clock))
    ended = Ran(run.carry_out(), events)
    assert CANARY not in repr((ended, plan, run))
    return ended


def applied(emulated: Emulated, *endpoints: DesiredEndpoint, **permissions: Any) -> Ran:
    """Plan and run in one go; the log starts anew."""
    ended = carried_out(emulated, plan_for(emulated, *endpoints, **permissions))
    emulated.sent.clear()
    return ended
