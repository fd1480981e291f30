"""Trained-model deployments over an injected clock (in-cluster.md#create, in-cluster.md#stats)."""

from dataclasses import dataclass
from typing import Any

from .errors import ApiError, request_validation

JsonObject = dict[str, Any]

NUMBER_BESIDE_ADAPTIVE = "[number_of_allocations] cannot be set if adaptive allocations is enabled"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment. `owner` is the endpoint that made it; empty for the ML API. `failed` says why it will not run."""

    deployment_id: str
    model_id: str
    task_type: str
    threads: int
    allocations: int
    adaptive: JsonObject | None
    started_at: float
    owner: str = ""
    last_used: float = 0.0
    seconds_per_allocation: float = 0.0
    ready: int = 0  # allocations that ran before the last change
    failed: str = ""

    def target(self, now: float, idle_seconds: float) -> int:
        """How many allocations are wanted; an idle adaptive deployment may sleep at zero (in-cluster.md#stats)."""
        if self.adaptive and self.adaptive.get("enabled"):
            least = int(self.adaptive.get("min_number_of_allocations") or 0)
            if least == 0 and now - max(self.last_used, self.started_at) >= idle_seconds:
                return 0
        return self.allocations

    def running(self, now: float, idle_seconds: float) -> int:
        """How many allocations are up."""
        target = self.target(now, idle_seconds)
        if self.failed:
            return 0
        if self.seconds_per_allocation <= 0:
            return target
        grown = self.ready + int((now - self.started_at) / self.seconds_per_allocation)
        return min(target, grown)

    def stats(self, now: float, idle_seconds: float) -> JsonObject:
        """`deployment_stats` (in-cluster.md#stats): the allocation state is computed from the two counts."""
        target, running = self.target(now, idle_seconds), self.running(now, idle_seconds)
        result: JsonObject = {
            "deployment_id": self.deployment_id,
            "model_id": self.model_id,
            "threads_per_allocation": self.threads,
            "number_of_allocations": target,
        }
        if self.adaptive:
            result["adaptive_allocations"] = self.adaptive
        state = "failed" if self.failed else "started" if running or not target else "starting"
        result |= {
            "queue_capacity": 10000,
            "state": state,
            **({"reason": self.failed} if self.failed else {}),
            "allocation_status": {
                "allocation_count": running,
                "target_allocation_count": target,
                "state": allocation_state(running, target),
            },
            "cache_size": "262mb",
            "priority": "normal",
            "start_time": int(self.started_at * 1000),
            "peak_throughput_per_minute": 0,
            "nodes": [],
        }
        return result


def allocation_state(running: int, target: int) -> str:
    """`starting`, `started` or `fully_allocated`; asleep at 0/0 is fully allocated (in-cluster.md#stats)."""
    if running == 0 and target > 0:
        return "starting"
    return "started" if running < target else "fully_allocated"


def check_start(threads: int, allocations: int | None, adaptive: JsonObject | None) -> ApiError | None:
    """What a deployment start refuses; the endpoint is stored by then (in-cluster.md#create)."""
    problems = []
    if threads > 32 or threads & (threads - 1):
        problems.append("[threads_per_allocation] must be a power of 2 less than or equal to 32")
    if adaptive and adaptive.get("enabled") and allocations is not None:
        problems.append(NUMBER_BESIDE_ADAPTIVE)
    problems.extend(check_adaptive(adaptive))
    return request_validation(problems) if problems else None


def check_adaptive(adaptive: JsonObject | None) -> list[str]:
    """Bad adaptive values (in-cluster.md#create)."""
    if not adaptive:
        return []
    least, most = adaptive.get("min_number_of_allocations"), adaptive.get("max_number_of_allocations")
    problems = []
    if isinstance(least, int) and least < 0:
        problems.append("[min_number_of_allocations] must be a non-negative integer or null")
    if isinstance(most, int) and most < 1:
        problems.append("[max_number_of_allocations] must be a positive integer or null")
    if isinstance(least, int) and isinstance(most, int) and least > most >= 1:
        problems.append("[min_number_of_allocations] must not be larger than [max_number_of_allocations]")
    return problems
