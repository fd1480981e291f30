"""Who answers inferctl wants it to hang, to run out of memory, or to take nonsense for an answer.

Each row is a server. The client ends within the limit of its request and says what is wrong; a write that was sent
counts as maybe done. One process meets them all, and stays small.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from inferctl import AsyncInferenceClient, InferctlError, InferenceClient, RetryPolicy
from inferctl.cli.connection_hints import hints
from inferctl.client import request_limit
from inferctl.errors import ConnectionFailed

from .hostile_server import (
    Behaviour,
    after,
    answers,
    closes,
    drips,
    drips_before_the_handshake,
    half_closes,
    head,
    packed_zeroes,
    repeats,
    request_of,
    resets,
    sends,
    serving,
    speaks_first,
    waits,
)

if TYPE_CHECKING:
    from pathlib import Path

ONCE = RetryPolicy(attempts=1)
SOON_S = 0.1  # the limit of a request whose answer never ends
ZEROES = packed_zeroes(300)
OK = b"HTTP/1.1 200 OK\r\n"


class Hostile(NamedTuple):
    """`says` is a pattern for the error."""

    behave: Behaviour
    says: str
    limit_s: float = 10.0
    scheme: str = "http"


SERVERS = {
    "it greets as another protocol does": Hostile(
        speaks_first(b"220 mail.example ESMTP\r\n"), "head does not end", SOON_S
    ),
    "it speaks HTTP/0.9": Hostile(sends(b"<html>\nhello</html>\r\n"), "broke before"),
    "it sends a head without a status line": Hostile(sends(b"Content-Length: 2\r\n\r\n{}"), "not speak HTTP"),
    "its status line has no end": Hostile(repeats(b"HTTP/1.1 200 ", b"O"), "not speak HTTP"),
    "it sends a header byte by byte": Hostile(drips(OK + b"X-Slow: ", b"z"), "no whole answer in time", SOON_S),
    "it sends 100,000 headers": Hostile(sends(OK + b"A: b\r\n" * 100_000 + b"\r\n"), "not speak HTTP"),
    "it says 'continue' for ever": Hostile(repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "head of the answer"),
    "it says 'continue' now and then": Hostile(
        drips(b"", b"HTTP/1.1 103 Hints\r\n\r\n"), "no whole answer in time", SOON_S
    ),
    "it says nothing": Hostile(waits, "no answer in time", SOON_S),
    "it sends a chunk's size for ever": Hostile(repeats(head("Transfer-Encoding: chunked"), b"0"), "not speak HTTP"),
    "it sends chunks of one byte now and then": Hostile(
        drips(head("Transfer-Encoding: chunked"), b"1\r\n \r\n"), "does not end in time", SOON_S
    ),
    "its chunk's extension has no end": Hostile(
        repeats(head("Transfer-Encoding: chunked") + b"1;", b"x=y;"), "not speak HTTP"
    ),
    "its body has no end": Hostile(repeats(head(), b"["), "larger than (32|8) MB"),
    "its length is negative": Hostile(sends(head("Content-Length: -1") + b"{}"), "not speak HTTP"),
    "its length is larger than any disk": Hostile(
        sends(head("Content-Length: 99999999999999999999") + b"{}"), "broke before"
    ),
    "it names two lengths": Hostile(sends(head("Content-Length: 2", "Content-Length: 3") + b"{}"), "not speak HTTP"),
    "it packs zeroes": Hostile(answers(ZEROES, "Content-Encoding: gzip"), "larger than (32|8) MB"),
    "it packs zeroes three times": Hostile(
        answers(gzip.compress(gzip.compress(ZEROES)), "Content-Encoding: gzip, gzip, gzip"), "packed in a way"
    ),
    "it packs in a way that nobody asked for": Hostile(answers(b"{}", "Content-Encoding: br"), "packed in a way"),
    "it claims to pack": Hostile(answers(b"{}", "Content-Encoding: gzip"), "not the gzip"),
    "its gzip breaks off": Hostile(answers(gzip.compress(b"{}" * 99)[:-9], "Content-Encoding: gzip"), "breaks off"),
    "more stands behind its gzip": Hostile(
        answers(gzip.compress(b"{}") + gzip.compress(b"0"), "Content-Encoding: gzip"), "not the gzip"
    ),
    "it nests lists": Hostile(answers(b'{"endpoints":' + b"[" * 100_000), "nested too deeply"),
    "it nests objects": Hostile(answers(b'{"a":' * 100_000), "nested too deeply"),
    "it lists millions of nothings": Hostile(
        answers(b'{"endpoints":[' + b"{}," * 5_000_000 + b"{}]}"), "more values|larger than 8 MB"
    ),
    "it lists a million ids": Hostile(
        answers(b'{"endpoints":[' + b",".join(b'{"inference_id":"i%d"}' % n for n in range(1_000_000)) + b"]}"),
        "more values|larger than 8 MB",
    ),
    "it names a key twice": Hostile(answers(b'{"endpoints":[],"endpoints":[{}]}'), "says a key twice"),
    "it sends no number": Hostile(answers(b'{"endpoints":[NaN,-Infinity]}'), "no JSON number"),
    "it sends a number of 100,000 digits": Hostile(answers(b'{"endpoints":[' + b"9" * 100_000 + b"]}"), "too large"),
    "it sends what is no UTF-8": Hostile(answers(b'{"endpoints":["\xff\xfe"]}'), "no UTF-8"),
    "it sends zero bytes": Hostile(answers(b"\x00" * 1_000), "not a JSON object"),
    "it redirects to itself": Hostile(answers(b"", "Location: /_inference/_all", status="307 No"), "a redirect"),
    "it wants TLS": Hostile(sends(b"\x15\x03\x01\x00\x02\x02\x46"), "not speak HTTP"),
    "it has no TLS": Hostile(speaks_first(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "no TLS connection", scheme="https"),
    "its handshake has no end": Hostile(drips_before_the_handshake, "no connection in time", SOON_S, scheme="https"),
    "it closes at once": Hostile(closes, "broke before"),
    "it resets": Hostile(resets, "broke before"),
    "it closes its half in the middle": Hostile(half_closes, "broke before"),
    "it answers before it is asked": Hostile(speaks_first(head("Content-Length: 5") + b"hello"), "not a JSON object"),
    "it wants three years of patience": Hostile(
        answers(b"", "Retry-After: 99999999", status="429 No"), "429 Too Many Requests"
    ),
}


BEFORE_A_REQUEST = ("it greets as another protocol does", "it answers before it is asked", "it closes at once")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", SERVERS)
def test_it_ends_and_says_what_is_wrong(name: str) -> None:
    """A read and a write, each over a connection of its own, and a read of the async client."""
    behave, says, limit_s, scheme = SERVERS[name]
    with serving(behave) as address:
        settings: Any = {"url": f"{scheme}://{address}", "retry": ONCE, "timeout_s": limit_s, "insecure": True}
        with InferenceClient(**settings) as client, pytest.raises(InferctlError, match=says):
            client.get()
        with InferenceClient(**settings) as client, pytest.raises(InferctlError, match=says) as written:
            client.put(inference_id="a", body={"service": "x", "service_settings": {"api_key": "hunter2-hunter2"}})
        assert written.value.may_have_happened is not isinstance(written.value, ConnectionFailed)
        assert "hunter2" not in str(written.value)

        async def read() -> None:
            async with AsyncInferenceClient(**settings) as client:
                await client.get()

        with pytest.raises(InferctlError, match=says):
            asyncio.run(read())


def test_what_is_refused_is_not_asked_for_again() -> None:
    """It would come again, and take as much time each time."""
    came: list[bytes] = []

    def packs(connection: socket.socket) -> None:
        came.append(request_of(connection))
        connection.sendall(head("Content-Encoding: gzip, gzip", "Content-Length: 2") + b"{}")

    at_once = RetryPolicy(initial_s=0.0, jitter_s=0.0)
    with (
        serving(packs) as address,
        InferenceClient(f"http://{address}", retry=at_once) as client,
        pytest.raises(InferctlError, match="packed in a way") as refused,
    ):
        client.info()
    assert len(came) == 1
    assert "Kibana" in str(hints(refused.value))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_sends_its_head_byte_by_byte_ends_too(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(drips(OK + b"X-Slow: ", b"z")) as address:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://{address}")
        settings: Any = {"url": f"{scheme}://example.invalid", "retry": ONCE, "timeout_s": SOON_S, "insecure": True}
        with InferenceClient(**settings) as client, pytest.raises(InferctlError, match="no whole answer in time"):
            client.get()


class Deaf:
    """Makes no connection, as long as it may take; a clock that goes on meanwhile."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.tried: list[str] = []

    def monotonic(self) -> float:
        return self.now_s

    def connect_tcp(self, host: str, _port: int, timeout: float) -> None:
        self.tried.append(host)
        self.now_s += timeout
        raise TimeoutError


def test_a_name_with_many_addresses_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = Deaf()
    addresses = [f"192.0.2.{n}" for n in range(100)]
    found = [(None, None, None, "", (address, 9200)) for address in addresses]
    monkeypatch.setattr(request_limit, "time", deaf)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    request_limit.begin(60.0)
    with pytest.raises(TimeoutError):
        request_limit.LimitedBackend(deaf).connect_tcp("many.example", 9200, timeout=10.0)
    assert deaf.tried == addresses
    assert deaf.now_s == pytest.approx(1010.0)


# Plans against each address; how each ended, and how large the process has become.
_PLANS = """
import io, json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from inferctl.cli.app import run
from inferctl.client.retry import RetryPolicy

RetryPolicy.wait_s = lambda *arguments, **more: None
ended = []
for address in sys.argv[1:]:
    limit_s, _, os.environ["ELASTICSEARCH_URL"] = address.partition(" ")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as words:
        code = run(["plan", "endpoint.yaml", "--manage", "*", "--allow-delete", "--insecure", "--request-timeout", limit_s])
    ended.append([int(code), words.getvalue()])
status = Path("/proc/self/status")
peak = status.read_text().partition("VmHWM:")[2].split()[0] if status.exists() else 0  # only Linux knows
print(json.dumps([ended, int(peak) // 1024]))
"""
_ENDPOINT = """\
inference_id: mine
task_type: text_embedding
service: hugging_face
service_settings: {url: "https://example.org", api_key: {env: KEY}}
"""
_INFO = json.dumps({"cluster_name": "c", "cluster_uuid": "u", "version": {"number": "9.1.0"}}).encode()
# As large in memory as an answer may get: a process is at its largest that takes it.
_FULL = b'{"endpoints":[' + b",".join([b'{"k":1}'] * 480_000) + b"]}"
LISTS = {
    "it lists words": (b'{"endpoints":"all"}', "no list of endpoints"),
    "it lists numbers": (b'{"endpoints":[1,2]}', "unknown shape"),
    "it lists lists": (b'{"endpoints":[[],[[]]]}', "unknown shape"),
    "it lists an endpoint whose names are lists": (b'{"endpoints":[{"inference_id":["a"]}]}', "unknown shape"),
    "it lists more endpoints than any server does": (_FULL, "more endpoints"),
}


def test_a_plan_ends_says_what_is_wrong_and_stays_below_300_mb(tmp_path: Path) -> None:
    """One process of the real command meets all that send much, or odd things, in the place of the list."""
    (tmp_path / "endpoint.yaml").write_text(_ENDPOINT)
    servers = {name: row for name, row in SERVERS.items() if row.scheme == "http" and name not in BEFORE_A_REQUEST}
    servers |= {name: Hostile(answers(body), says) for name, (body, says) in LISTS.items()}
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with ExitStack() as stack:
        addresses = [
            f"{row.limit_s} http://{stack.enter_context(serving(after(_INFO, row.behave)))}" for row in servers.values()
        ]
        finished = subprocess.run(
            [sys.executable, "-c", _PLANS, *addresses],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**environment, "KEY": "hunter2-hunter2"},
        )
    assert finished.returncode == 0, finished.stderr
    ended, peak_mb = json.loads(finished.stdout)
    for (name, row), (code, words) in zip(servers.items(), ended, strict=True):
        assert (code, bool(re.search(row.says, words))) == (1, True), (name, words)
    assert peak_mb < 300
