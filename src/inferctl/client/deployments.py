"""Deployments of trained models, as the ML API starts and stops them (privilege `manage_inference` or `manage_ml`).

Builders are pure; `Deployments` joins them to a client. Source: docs/reference/server/in-cluster.md#stats.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from inferctl.client.inference_requests import answer_limit_s
from inferctl.client.payload import payload_of
from inferctl.client.request import Operation, Request, escape_one, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping


def start(
    model_id: str,
    deployment_id: str,
    *,
    allocations: int | None,
    threads: int | None,
    adaptive: Mapping[str, object] | None,
    timeout: str,
) -> Request:
    """What the inference API sends for its own endpoint, with the number of allocations left out where it adapts."""
    adapts = adaptive is not None and adaptive.get("enabled") is True
    query = {
        "deployment_id": deployment_id,
        "number_of_allocations": None if adapts else allocations,
        "threads_per_allocation": threads,
        "timeout": timeout,
        "wait_for": "started",
    }
    return Request(
        "POST",
        f"/_ml/trained_models/{escape_one(model_id)}/deployment/_start",
        parameters(query),
        body=payload_of({"adaptive_allocations": dict(adaptive)}).octets() if adaptive is not None and adapts else None,
        timeout_s=answer_limit_s(timeout),
        operation=Operation.CREATE,
    )


def stop(deployment_id: str) -> Request:
    """With `force`: without it a deployment that an endpoint uses is not stopped."""
    path = f"/_ml/trained_models/{escape_one(deployment_id)}/deployment/_stop"
    return Request("POST", path, parameters({"force": True}), operation=Operation.DELETE)


class Deployments(ABC):
    """The calls as methods. The client brings the sending."""

    @abstractmethod
    def _object(self, request: Request) -> dict[str, Any]: ...

    def start_deployment(
        self,
        model_id: str,
        deployment_id: str,
        *,
        allocations: int | None = None,
        threads: int | None = None,
        adaptive: Mapping[str, object] | None = None,
        timeout: str = "30s",
    ) -> None:
        """Start a model under this id and wait for its first allocation. `timeout` is a time value ("30s").

        Raises Conflict where a deployment has the id, DeploymentTimeout where it was not up in time and goes on.
        """
        self._object(
            start(model_id, deployment_id, allocations=allocations, threads=threads, adaptive=adaptive, timeout=timeout)
        )

    def stop_deployment(self, deployment_id: str) -> None:
        """Stop it, whoever uses it. Raises NotFound where there is none."""
        self._object(stop(deployment_id))
