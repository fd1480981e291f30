"""A real Elasticsearch node for the session, or the cluster that INFERCTL_LIVE_URL names.

The node is real in HTTP, documents, pipelines, mappings and the search for references; storage of endpoints
is doubled (realnode/README.md).
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
_BOOT_LIMIT_S = 300  # the first run fetches the jars


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Node:
    """A cluster by its address. Sends exactly the headers it is given."""

    url: str
    api_key: str = ""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=30)
        try:
            connection.putrequest(method, parts.path + target, skip_accept_encoding=True)
            own = {"Authorization": f"ApiKey {self.api_key}"} if self.api_key else {}
            length = {} if body is None else {"Content-Length": str(len(body))}
            for name, value in {**own, **length, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer to a request that must succeed."""
        octets = None if body is None else json.dumps(body).encode()
        headers = {} if octets is None else {"Content-Type": "application/json"}
        answer = self.send(method, path, headers, octets)
        assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:500]!r}"
        return answer.json() if answer.body else None

    @property
    def version(self) -> str:
        """Major and minor: "9.1"."""
        return ".".join(str(self.call("GET", "/")["version"]["number"]).split(".")[:2])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _BOOT_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        if b"\nREADY" in b"\n" + log.read_bytes():
            return
        time.sleep(0.1)
    told = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
    pytest.fail(f"the node did not start (exit code {process.poll()}):\n{told}")


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    given = os.environ.get("INFERCTL_LIVE_URL")
    if given:
        yield Node(given.rstrip("/"), os.environ.get("INFERCTL_LIVE_API_KEY", ""))
        return
    port, folder = _free_port(), tmp_path_factory.mktemp("realnode")
    log = folder / "log"
    # A file, not a pipe: a node that says much must not wait for a reader.
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(HERE / "realnode" / "run"), str(port), str(folder / "data")], stdout=said, stderr=said
        )
        try:
            _wait_for_ready(process, log)
            yield Node(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture
def prefix(node: Node) -> Iterator[str]:
    """A fresh name; whatever starts with it is removed at the end."""
    name = f"live-{uuid.uuid4().hex[:10]}"
    yield name
    for index in _keys(node, f"/{name}*/_mapping"):
        node.send("DELETE", f"/{index}", {}, None)
    for pipeline in _keys(node, f"/_ingest/pipeline/{name}*"):
        node.send("DELETE", f"/_ingest/pipeline/{pipeline}", {}, None)
    for endpoint in node.call("GET", "/_inference/_all")["endpoints"]:
        if endpoint["inference_id"].startswith(name):
            node.send("DELETE", f"/_inference/{endpoint['inference_id']}?force=true", {}, None)


def _keys(node: Node, path: str) -> list[str]:
    answer = node.send("GET", path, {}, None)
    return list(answer.json()) if answer.status == 200 else []
