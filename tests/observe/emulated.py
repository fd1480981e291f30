"""The emulator's inference routes behind a client, and a log of what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from inferctl.client.sync import InferenceClient
from inferctl.emulator.call import Call, split_target
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.errors import ApiError
from inferctl.emulator.inference_routes import ROUTES
from inferctl.emulator.security import User

Reply = tuple[int, Mapping[str, str], bytes]
HEADERS = {"X-elastic-product": "Elasticsearch", "content-type": "application/json"}


def reply(status: int, body: Any) -> Reply:
    return status, HEADERS, json.dumps(body).encode()


def error(status: int, kind: str = "status_exception", reason: str = "no") -> Reply:
    cause = {"type": kind, "reason": reason}
    return reply(status, {"error": {"root_cause": [cause], **cause}, "status": status})


@dataclass
class Emulated:
    """`override` may answer in the place of the emulator."""

    version: str = "9.5"
    flavor: str = "default"
    number: str = ""
    sent: list[str] = field(default_factory=list)
    override: Callable[[str, str], Reply | None] = lambda _method, _target: None

    def __post_init__(self) -> None:
        self.cluster = Cluster.of(self.version)
        self.client = InferenceClient("http://emulator.invalid", transport=self._handle)

    def _handle(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> Reply:
        self.sent.append(f"{method} {target}")
        path, params = split_target(target)
        forced = self.override(method, target)
        if forced is not None:
            return forced
        if path == "/":
            version = {"number": self.number or f"{self.version}.0", "build_flavor": self.flavor}
            return reply(
                200, {"cluster_name": "c", "cluster_uuid": "u", "name": "n", "version": version, "tagline": "t"}
            )
        segments = [unquote(part) for part in path.strip("/").split("/")]
        for route in ROUTES:
            variables = route.match(segments) if route.method == method else None
            if variables is None:
                continue
            call = Call(self.cluster, method, path, variables, params, body or b"", User("somebody"))
            try:
                route.prepare(call)
                route.validate(call)
                answer = route.run(call)
            except ApiError as refused:
                return refused.status, HEADERS, json.dumps(refused.body()).encode()
            return reply(answer.status, answer.body)
        return error(400)
