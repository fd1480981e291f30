"""How an endpoint is: what the stats say of its model, and what is remembered of a run that saw it unwell. Values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol, TypeAlias

Ailment: TypeAlias = Literal["not ready", "failed start", "ignored", "refused", "failed probe", "unknown"]
_SAID: dict[Ailment, str] = {
    "not ready": "it was not ready",
    "failed start": "its model did not start",
    "ignored": "the server ignored an update",
    "refused": "the server refused an update",
    "failed probe": "its probe failed",
    "unknown": "nobody knows how a write ended",
}
_LONGEST = 200


def few_words(text: str) -> str:
    """The beginning of what a server said, on one line."""
    return " ".join(text.split())[:_LONGEST]


class Health(Enum):
    """How the deployment behind an endpoint is. Value: the word shown."""

    READY = "ready"
    ASLEEP = "asleep"  # scaled to zero: the next call wakes it
    GROWING = "growing"  # it serves, with fewer allocations than are wanted
    STARTING = "starting"
    FAILED = "failed"
    MISSING = "missing"

    @property
    def is_good(self) -> bool:
        return self in (Health.READY, Health.ASLEEP)

    @property
    def is_dead(self) -> bool:
        """Whether nothing but somebody's work brings it up."""
        return self in (Health.FAILED, Health.MISSING)


class DeploymentStats(Protocol):
    """One deployment as the stats show it. `state` is empty where there is none."""

    @property
    def deployment_id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def allocation_state(self) -> str: ...
    @property
    def allocation_count(self) -> int: ...
    @property
    def target_allocation_count(self) -> int: ...


def health_of(deployment: DeploymentStats | None) -> Health:
    """What its stats say; None is a deployment that they do not show.

    One that is being stopped is as good as gone. Source: docs/reference/server/in-cluster.md#stats.
    """
    if deployment is None or deployment.state in ("", "stopping"):
        return Health.MISSING
    if deployment.state == "failed":
        return Health.FAILED
    running, wanted = deployment.allocation_count, deployment.target_allocation_count
    if deployment.state == "started" and deployment.allocation_state == "fully_allocated" and running == wanted:
        return Health.READY if wanted else Health.ASLEEP
    return Health.GROWING if deployment.state == "started" and running > 0 else Health.STARTING


@dataclass(frozen=True, slots=True)
class SeenModel:
    """How the deployment is that an endpoint runs on. `may_replace`: if it cannot be started, replace the endpoint."""

    health: Health
    may_replace: bool = False


@dataclass(frozen=True, slots=True)
class Unwell:
    """How an endpoint was after the run that saw it last. `since` is ISO 8601, `run` the first run that saw it so.

    `what` are a few words without secrets. Of an update that was ignored or refused: `leaves` are the settings that
    stayed as they were (dotted paths), under this `service` and this exact `version` of the server.
    """

    state: Ailment
    since: str = ""
    run: str = ""
    what: str = ""
    leaves: tuple[str, ...] = ()
    service: str = ""
    version: str = ""

    def __str__(self) -> str:
        day = f" on {self.since[:10]}" if self.since else ""
        return f"{_SAID[self.state]}{day}{': ' if self.what else ''}{self.what}"

    @property
    def of_update(self) -> bool:
        """Whether an update did not do what was asked: judged by the settings, not by a look at the endpoint."""
        return self.state in ("ignored", "refused")

    def of_no_use(self, setting: str, service: str, version: str) -> str:
        """Why an update of this setting is of no use; empty where nothing speaks against it."""
        if not self.of_update or (self.service, self.version) != (service, version):
            return ""
        if not any(leaf == setting or leaf.startswith(f"{setting}.") for leaf in self.leaves):
            return ""
        return f"{version} {self.state} an update of {setting} on {self.since[:10]}, so replace"
