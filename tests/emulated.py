"""An emulated cluster behind a client, in this process: for every room that needs a server.

`override` may answer in the place of the emulator, before anything happens in it; `after` may change what it
answered. `Cut` raised by either is an answer that never arrives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inferctl.client.retry import RetryPolicy
from inferctl.client.sync import InferenceClient
from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.faults import Fault

Reply = tuple[int, Mapping[str, str], bytes]
HEADERS = {"X-elastic-product": "Elasticsearch", "content-type": "application/json"}
# As often as in real life, without the waits.
AT_ONCE = RetryPolicy(initial_s=0.0, jitter_s=0.0, retry_after_s=0.0)


class Cut(ConnectionResetError):  # noqa: N818  what happened, as the errors of the package are named
    """The connection broke off before the answer."""


def reply(status: int, body: Any) -> Reply:
    """An answer with a JSON body."""
    return status, HEADERS, json.dumps(body).encode()


def error(status: int, kind: str = "status_exception", reason: str = "no", **more: Any) -> Reply:
    """An error answer in the server's envelope (docs/reference/server/errors.md#envelope)."""
    cause = {"type": kind, "reason": reason}
    return reply(status, {"error": {"root_cause": [cause], **cause, **more}, "status": status})


@dataclass
class Emulated:
    """One cluster, one client, and a log of what was sent ("METHOD target")."""

    version: str = "9.5"
    flavor: str = "default"
    number: str = ""
    override: Callable[[str, str], Reply | None] = lambda _method, _target: None
    after: Callable[[str, str, Reply], Reply] = lambda _method, _target, answer: answer
    sent: list[str] = field(default_factory=list)
    last_body: bytes = field(default=b"", repr=False)  # it may hold a key

    def __post_init__(self) -> None:
        self.cluster = Cluster.of(self.version, name="c", uuid="u", sleep=lambda _seconds: None)
        self.client = InferenceClient("http://emulator.invalid", transport=self.answer, retry=AT_ONCE)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """One request of ours: into the log, past the hooks, to the cluster. Raises Cut."""
        self.sent.append(f"{method} {target}")
        self.last_body = body or b""
        forced = self.override(method, target)
        if forced is not None:
            return forced
        if target == "/" and (self.number or self.flavor != "default"):
            version = {"number": self.number or f"{self.version}.0", "build_flavor": self.flavor}
            return reply(200, {"cluster_name": "c", "cluster_uuid": "u", "version": version})
        answer = handle(self.cluster, method, target, headers, body)
        if answer.ending:
            raise Cut
        return self.after(method, target, (answer.status, answer.headers, answer.body))

    def call(self, method: str, target: str, body: Any = None) -> Any:
        """A request of somebody else: not in the log, and no fault strikes it."""
        octets = None if body is None else json.dumps(body).encode()
        with self.cluster.lock:
            faults, self.cluster.faults = self.cluster.faults, []
            answer = handle(
                self.cluster, method, target, {"content-type": "application/json"} if octets else {}, octets
            )
            self.cluster.faults = faults
        assert answer.status < 300, answer.body
        return json.loads(answer.body)

    def calm(self) -> None:
        """Take away all that disturbs: hooks, faults, the provider's script."""
        self.override, self.after = lambda _method, _target: None, lambda _method, _target, answer: answer
        self.cluster.faults.clear()
        self.cluster.provider_rules.clear()

    def fault(self, kind: str, method: str = ".*", path: str = ".*", **more: Any) -> None:
        """Script a fault (`inferctl.emulator.faults`)."""
        self.cluster.script_faults(Fault(kind, method, path, **more))

    def shown(self, inference_id: str) -> Any:
        """The endpoint as GET shows it, or None."""
        return self.live().get(inference_id)

    def live(self) -> dict[str, Any]:
        """The endpoints that are there, without the server's own."""
        listed = self.call("GET", "/_inference/_all")["endpoints"]
        return {e["inference_id"]: e for e in listed if not e["inference_id"].startswith(".")}

    @property
    def writes(self) -> list[str]:
        """What was sent that could change something."""
        return [line for line in self.sent if is_write(line)]


def is_write(line: str) -> bool:
    """Anything but GET, HEAD, dry runs and inference calls."""
    return not line.startswith(("GET ", "HEAD ", "POST /_inference/")) and "dry_run=true" not in line
