"""The emulator on a socket: HTTP/1.1 on the loopback interface, one thread a connection."""

import contextlib
import re
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .adapter import Reply, broken, handle, refused
from .cluster import Cluster
from .errors import ApiError, EmptyError, illegal_argument
from .persist import load, save
from .request_head import Head, body_length, read_head

HOST = "127.0.0.1"
_MAX_BODY = 100 * 1024 * 1024  # http.max_content_length of a real node
_LINGER_S = 0.5


class Server(ThreadingHTTPServer):
    """A cluster behind a port. `data_file` is written after each request that may have changed something."""

    daemon_threads = True
    request_queue_size = 128  # bursts of connections wait instead of being refused

    def __init__(self, cluster: Cluster, port: int = 0, data_file: Path | None = None) -> None:
        self.cluster = cluster
        self.data_file = data_file
        self._saved = cluster.changes
        self._saving = threading.Lock()
        super().__init__((HOST, port), Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.server_address[1]}"

    def keep(self) -> None:
        """Write the state if it changed since the last time."""
        if self.data_file is None:
            return
        with self._saving:
            if self.cluster.changes != self._saved:
                self._saved = self.cluster.changes
                save(self.cluster, self.data_file)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  the base class's
        """A client that went away is no news; anything else is logged."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, OSError):
            broken(self.cluster, "a connection", error)


class Handler(BaseHTTPRequestHandler):
    """Reads one request, hands it to the cluster, writes the answer."""

    protocol_version = "HTTP/1.1"
    server: Server
    wbufsize = -1  # one packet an answer, not one a header
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read one request, whatever its method, and answer it. What is no request gets an answer too."""
        self.close_connection = True
        self.command = self.requestline = ""
        self.request_version = self.protocol_version
        try:
            head = read_head(self.rfile.readline)
            if head is None:
                return
            self.command, self.path, self.request_version = head.method, head.target, head.version
            self.close_connection = not head.keeps_open
            body = self._body(head)
        except ApiError as error:
            self._end_with(refused(self.server.cluster, error))
            return
        self._write(self._reply(head, body))

    def _reply(self, head: Head, body: bytes) -> Reply:
        cluster = self.server.cluster
        try:
            reply = handle(cluster, head.method, head.target, head.headers, body)
            if head.method not in {"GET", "HEAD"}:
                self.server.keep()
        except Exception as error:  # noqa: BLE001  the last resort
            return broken(cluster, f"{head.method} {head.target.partition('?')[0]}", error)
        return reply

    def _body(self, head: Head) -> bytes:
        """The whole body, or an error: half of one is never acted on, which a real server may do."""
        length = body_length(head.headers)
        if length > _MAX_BODY:
            raise EmptyError(413)
        wish = head.headers.get("expect", "").lower()
        if wish == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        elif wish:
            raise EmptyError(417)
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        return self._read(length)

    def _read(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise _broken_off()
        return body

    def _chunks(self) -> bytes:
        body = b""
        while size := self._chunk_size():
            if len(body) + size > _MAX_BODY:
                raise EmptyError(413)
            body += self._read(size)
            if self.rfile.readline(3).strip():
                raise _broken_off()
        while self.rfile.readline(65537).strip():
            pass  # trailers
        return body

    def _chunk_size(self) -> int:
        text = self.rfile.readline(65537).split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", text):
            raise _broken_off()
        return int(text, 16)

    def _end_with(self, reply: Reply) -> None:
        """The last answer on this connection. What still comes is read: closed over it, the answer could get lost."""
        self.close_connection = True
        self._write(reply)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_S)
            for _ in range(_MAX_BODY // 65536):
                if not self.rfile.read1(65536):
                    break

    def _write(self, reply: Reply) -> None:
        if reply.ending == "cut":
            self._reset()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.ending == "truncated":
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.wfile.flush()
            self._reset()
            return
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Close with a reset, as a proxy or a dying node does."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Silent: the request log is under /_emulator/requests."""


def _broken_off() -> ApiError:
    return illegal_argument("the body of the request broke off")


@contextmanager
def running(cluster: Cluster, port: int = 0, data_file: Path | None = None) -> Iterator[Server]:
    """A server in a thread of this process."""
    server = Server(cluster, port, data_file)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        server.keep()
        thread.join()


def serve(*, port: int, version: str, data_file: str | None, announce: Callable[[str], None]) -> int:
    """Run until SIGINT or SIGTERM; the first line announced holds the address. Returns the exit code.

    Raises KeyError for an unknown version, StateError for an unusable file, OSError for a taken port.
    """
    path = Path(data_file) if data_file else None
    cluster = load(path, version) if path and path.exists() else Cluster.of(version)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running(cluster, port, path) as server:
        kept = f", state in {path.as_posix()}" if path else ""
        announce(f"{server.url} is an emulated Elasticsearch {version}{kept}. Ctrl-C ends it.")
        stop.wait()
    return 0
