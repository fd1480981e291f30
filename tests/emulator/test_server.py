"""The emulator on a socket: HTTP/1.1, odd requests, lost connections, state across restarts."""

from __future__ import annotations

import http.client
import json
import socket
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest

from inferctl.emulator import adapter
from inferctl.emulator.adapter import BROKEN
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.faults import Fault
from inferctl.emulator.persist import load
from inferctl.emulator.route import Answer, Route
from inferctl.emulator.server import HOST, Server, running

from .api import KEY, openai

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
def server() -> Iterator[Server]:
    with running(Cluster.of("9.5")) as running_server:
        yield running_server


def connect(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(HOST, server.server_address[1], timeout=10)


def call(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None
) -> tuple[int, http.client.HTTPResponse, bytes]:
    data = None if body is None else json.dumps(body).encode()
    connection.request(method, path, data, HEADERS if data else {})
    response = connection.getresponse()
    return response.status, response, response.read()


def raw(server: Server, request: bytes, *, finish: bool = False) -> bytes:
    """Send bytes, optionally say that no more come, and read until the other side closes."""
    with socket.create_connection((HOST, server.server_address[1]), timeout=10) as connection:
        connection.sendall(request)
        if finish:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def test_loopback_only(server: Server) -> None:
    """It listens on 127.0.0.1."""
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_address[1]}"


def test_keep_alive(server: Server) -> None:
    """HTTP/1.1: many requests over one connection, errors among them."""
    connection = connect(server)
    connection.connect()
    port = connection.sock.getsockname()[1]
    body = openai()
    answers = [
        call(connection, "PUT", "/_inference/completion/ep", body),
        call(connection, "GET", "/_inference/ep"),
        call(connection, "GET", "/_inference/nope"),
        call(connection, "PUT", "/_inference/completion/ep", body),
        call(connection, "DELETE", "/_inference/ep"),
        call(connection, "GET", "/nope/nope/nope/nope"),
    ]
    assert [status for status, _, _ in answers] == [200, 200, 404, 400, 200, 400]
    assert connection.sock.getsockname()[1] == port
    for _, response, content in answers:
        assert response.version == 11
        assert response.getheader("X-elastic-product") == "Elasticsearch"
        assert response.getheader("Content-Length") == str(len(content))
    connection.close()


class BrokenHandler:
    """Fails as a handler with a fault would, and quotes what it was sent."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, call: Any) -> Answer:
        raise self.error


FAILURES = [
    TypeError(f"unhashable {KEY}"),
    KeyError(KEY),
    RecursionError(KEY),
    UnicodeEncodeError("utf-8", KEY, 0, 1, KEY),
]


def test_a_handler_that_fails_is_a_logged_500(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer on a connection that stays open; what the failure quotes is neither in the answer nor in the log."""
    connection = connect(server)
    connection.connect()
    port = connection.sock.getsockname()[1]
    for number, error in enumerate(FAILURES):
        route = Route("PUT", "/_inference/{task_type}/{id}", BrokenHandler(error), body=True)
        with monkeypatch.context() as patch:
            patch.setattr(adapter, "ROUTES", (route,))
            caplog.clear()
            status, response, content = call(connection, "PUT", f"/_inference/completion/ep-{number}", openai())
        assert (status, json.loads(content)["error"]["type"]) == (500, BROKEN)
        assert response.getheader("Content-Type") == "application/json"
        name = type(error).__name__
        assert name in caplog.text
        assert f"PUT /_inference/completion/ep-{number}" in caplog.text
        assert "test_server.py" in caplog.text  # where
        assert KEY not in content.decode() + caplog.text
        assert server.cluster.requests[-1].status == 500
    assert call(connection, "GET", "/")[0] == 200
    assert connection.sock.getsockname()[1] == port
    connection.close()


def test_a_body_that_no_json_can_hold_gets_an_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is written inside of the net too."""
    route = Route("GET", "/_inference", lambda _: Answer({"a": object()}))
    monkeypatch.setattr(adapter, "ROUTES", (route,))
    connection = connect(server)
    assert call(connection, "GET", "/_inference")[0] == 500
    connection.close()


def test_a_state_that_cannot_be_written_is_a_logged_500(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The disk is full, the folder is gone."""
    with running(Cluster.of("9.5"), data_file=tmp_path / "gone" / "state.json") as server:
        connection = connect(server)
        assert call(connection, "PUT", "/_inference/completion/ep", openai())[0] == 500
        assert call(connection, "GET", "/_inference/ep")[0] == 200
        connection.close()
        server.data_file = None
    assert "FileNotFoundError" in caplog.text


def test_connection_close(server: Server) -> None:
    """Closed when the client asks for it."""
    answer = raw(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"tagline"' in answer


def test_http_1_0(server: Server) -> None:
    """An old client gets its answer and the end of the connection."""
    assert b" 200 " in raw(server, b"GET / HTTP/1.0\r\n\r\n").split(b"\r\n")[0]


def test_pipelined_requests(server: Server) -> None:
    """Two requests in one packet."""
    one = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /_inference/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = raw(server, one + last)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 404 " in answer


def test_head(server: Server) -> None:
    """HEAD: the headers of GET, no body, and the connection stays usable."""
    connection = connect(server)
    status, response, content = call(connection, "HEAD", "/")
    assert (status, content) == (200, b"")
    assert response.getheader("X-elastic-product") == "Elasticsearch"
    assert call(connection, "GET", "/")[0] == 200
    connection.close()


def test_chunked_body(server: Server) -> None:
    """Transfer-Encoding: chunked, with an extension and a trailer."""
    body = json.dumps(openai()).encode()
    half = len(body) // 2
    chunks = b"".join(
        (
            f"{half:x};note=1\r\n".encode() + body[:half] + b"\r\n",
            f"{len(body) - half:X}\r\n".encode() + body[half:] + b"\r\n",
            b"0\r\nX-Trailer: 1\r\n\r\n",
        )
    )
    head = (
        b"PUT /_inference/completion/ep HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    assert raw(server, head + chunks).startswith(b"HTTP/1.1 200 ")
    assert "ep" in server.cluster.endpoints


def test_expect_100_continue(server: Server) -> None:
    """A client that waits for permission gets it."""
    body = json.dumps(openai()).encode()
    head = (
        f"PUT /_inference/completion/ep HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    ).encode()
    answer = raw(server, head + body)
    assert answer.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 200 " in answer


PARTIAL = [
    ("a body shorter than promised", b"Content-Length: 500\r\n\r\n" + json.dumps(openai()).encode()),
    ("half of a chunk", b"Transfer-Encoding: chunked\r\n\r\nff\r\n" + json.dumps(openai()).encode()),
    ("no last chunk", None),
]


@pytest.mark.parametrize("rest", [pytest.param(rest, id=name) for name, rest in PARTIAL])
def test_a_request_that_breaks_off_does_nothing(server: Server, rest: bytes | None) -> None:
    """A body that did not arrive whole is not acted on, even if it reads as JSON."""
    if rest is None:
        body = json.dumps(openai()).encode()
        rest = f"Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n"
    head = b"PUT /_inference/completion/ep HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = raw(server, head + rest, finish=True)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert server.cluster.endpoints == {}
    assert server.cluster.requests == []


HOSTED = b"Host: x\r\nConnection: close\r\n"
BODY = b"PUT /_inference/completion/ep HTTP/1.1\r\n" + HOSTED + b"Content-Type: application/json\r\n"
ROOT = b"GET / HTTP/1.1\r\n" + HOSTED
CHUNKED = BODY + b"Transfer-Encoding: chunked\r\n\r\n"
NO_HTTP = "text is empty (possibly HTTP/0.9)"

BAD_NAME = (
    'a header name can only contain "token" characters, but found invalid character 0x20 at index 3 of '
    "header 'Bad Name'."
)

# Answers of 9.1.0. Of the rows with a star it says nothing, or acts on half of a body.
NO_REQUESTS = [
    (b"GARBAGE\r\n\r\n", 400, NO_HTTP),
    (b"GET /\r\n\r\n", 400, NO_HTTP),
    (b" / HTTP/1.1\r\n\r\n", 400, NO_HTTP),
    (b"GET / HTTP/9.9\r\n\r\n", 400, "Unexpected http protocol version: HTTP/9.9"),
    (b"GET / foo\r\n\r\n", 400, "invalid version format: FOO"),
    (b"GET / x HTTP/1.1\r\n\r\n", 400, "invalid version format: X HTTP/1.1"),
    (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 400, "An HTTP line is larger than 4096 bytes."),
    (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 400, "An HTTP line is larger than 4096 bytes."),
    (ROOT + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 400, "HTTP header is larger than 16384 bytes."),
    (ROOT + b"no colon here\r\n\r\n", 400, "No colon found"),
    (ROOT + b": x\r\n\r\n", 400, "empty headers are not allowed []"),
    (
        ROOT + b"Bad Name: x\r\n\r\n",
        400,
        BAD_NAME,
    ),
    (ROOT + b"X: a\0b\r\n\r\n", 400, "Validation failed for header 'X'"),
    (ROOT + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "Multiple Content-Length values found: [1, 2]"),
    (BODY + b"Content-Length: -5\r\n\r\n", 400, "Content-Length value is not a number: -5"),
    (BODY + b"Content-Length: +2\r\n\r\n{}", 400, "Content-Length value is not a number: +2"),
    (BODY + b"Content-Length: many\r\n\r\n", 400, "Content-Length value is not a number: many"),  # *
    (BODY + b"Content-Length:\r\n\r\n", 400, "Content-Length value is not a number: "),  # *
    (BODY + b"Content-Length: 2, 2\r\n\r\n{}", 400, "Content-Length value is not a number: 2, 2"),  # *
    (BODY + b"Content-Length: 104857601\r\n\r\n", 413, ""),
    (BODY + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n", 413, ""),  # *
    (BODY + b"Content-Length: 2\r\nExpect: foo\r\n\r\n{}", 417, ""),
    (CHUNKED + b"xyz\r\n", 400, "the body of the request broke off"),  # *
    (CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", 400, "the body of the request broke off"),  # *
    (CHUNKED + b"2\r\n{}\r\nxyz\r\n", 400, "the body of the request broke off"),  # *
    (CHUNKED + b"7fffffff\r\n{}\r\n", 413, ""),  # *
    (b"\r\n" + ROOT + b"\r\n", 200, ""),
    (ROOT.replace(b"\r\n", b"\n") + b"\n", 200, ""),
    (ROOT + b"X: a\r\n b\r\n\r\n", 200, ""),
    (ROOT + b"".join(b"X%d: a\r\n" % number for number in range(150)) + b"\r\n", 200, ""),
    (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 200, ""),
]


def test_what_is_no_request_gets_an_answer(server: Server) -> None:
    """malformed.md#bytes-that-are-no-request: in JSON, then the connection ends; nothing is done."""
    wrong = {}
    for request_bytes, status, reason in NO_REQUESTS:
        head, _, content = raw(server, request_bytes).partition(b"\r\n\r\n")
        said = json.loads(content)["error"]["reason"] if content and status >= 400 else ""
        if not head.startswith(b"HTTP/1.1 %d " % status) or said != reason:
            wrong[request_bytes[:80]] = (head[:40], said)
    assert wrong == {}
    assert server.cluster.endpoints == {}


@pytest.mark.parametrize("request_bytes", [b"\r\n", b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost"])
def test_no_http_does_no_harm(server: Server, request_bytes: bytes) -> None:
    """A connection that ends before a request is there; the server answers the next one."""
    raw(server, request_bytes, finish=True)
    connection = connect(server)
    assert call(connection, "GET", "/")[0] == 200
    connection.close()


def test_cut_connections(server: Server) -> None:
    """Scripted: no answer before or after the operation; the next connection works."""
    for kind, done in (("cut_before", False), ("cut_after", True)):
        server.cluster.script_faults(Fault(kind, "PUT"))
        connection = connect(server)
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            call(connection, "PUT", f"/_inference/completion/{kind.replace('_', '-')}", openai())
        connection.close()
        assert (kind.replace("_", "-") in server.cluster.endpoints) == done


def test_truncated_answer(server: Server) -> None:
    """Scripted: half of the body under the full Content-Length."""
    server.cluster.script_faults(Fault("truncate", "GET"))
    connection = connect(server)
    connection.request("GET", "/_inference")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        connection.getresponse().read()
    connection.close()
    connection = connect(server)
    assert call(connection, "GET", "/_inference")[0] == 200
    connection.close()


def test_many_at_once(server: Server) -> None:
    """create.md#already-exists: of racing PUTs exactly one wins."""
    statuses: list[int] = []

    def put() -> None:
        connection = connect(server)
        statuses.append(call(connection, "PUT", "/_inference/completion/ep", openai())[0])
        connection.close()

    threads = [threading.Thread(target=put) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 11


def test_an_open_connection_does_not_block_others(server: Server) -> None:
    """One thread a connection."""
    with socket.create_connection((HOST, server.server_address[1]), timeout=10) as idle:
        idle.sendall(b"PUT /_inference/completion/ep HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
        connection = connect(server)
        assert call(connection, "GET", "/")[0] == 200
        connection.close()


def test_state_across_restarts(tmp_path: Path) -> None:
    """`--data`: written after each change, mode 0600, read back."""
    path = tmp_path / "state.json"
    with running(Cluster.of("9.1"), data_file=path) as server:
        connection = connect(server)
        assert call(connection, "GET", "/")[0] == 200
        assert not path.exists()
        assert call(connection, "PUT", "/_inference/completion/ep", openai())[0] == 200
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        _, _, before = call(connection, "GET", "/_inference")
        connection.close()
    with running(load(path, "9.1"), data_file=path) as server:
        connection = connect(server)
        assert call(connection, "GET", "/_inference")[2] == before
        assert call(connection, "DELETE", "/_inference/ep")[0] == 200
        connection.close()
    assert load(path, "9.1").endpoints == {}


def test_a_refused_write_writes_no_state(tmp_path: Path) -> None:
    """Only changes are kept."""
    path = tmp_path / "state.json"
    with running(Cluster.of("9.5"), data_file=path) as server:
        connection = connect(server)
        assert call(connection, "PUT", "/_inference/completion/EP", openai())[0] == 400
        connection.close()
    assert not path.exists()
