"""Requests and answers, kept as they pass between a client and the emulator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inferctl.emulator.adapter import handle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.emulator.cluster import Cluster


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, bodies decoded. None is no body."""

    version: str
    method: str
    target: str
    body: Any
    status: int
    answer: Any


@dataclass
class Recorder:
    """A cluster as a handler for our clients, with a memory."""

    cluster: Cluster
    seen: list[Exchange] = field(default_factory=list)

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        reply = handle(self.cluster, method, target, headers, body)
        asked = json.loads(body) if body else None
        told = json.loads(reply.body) if reply.body else None
        self.seen.append(Exchange(self.cluster.profile.name, method, target, asked, reply.status, told))
        return reply.status, reply.headers, reply.body
