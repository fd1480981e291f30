"""What stands between the command and an emulated cluster, and spoils one request or all from one on.

HTTP/1.1 on 127.0.0.1, a thread a connection. Requests are counted from 0 as they arrive. Behind it the emulator
answers in this process, so that the tests can see what it holds, keys included.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from inferctl.emulator.adapter import Reply, handle

from .fast_time import SPEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from inferctl.emulator.cluster import Cluster

HOST = "127.0.0.1"


@dataclass
class Exchange:
    """One request at the proxy, and what can be done with it."""

    number: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    proxy: Proxy
    _connection: _Connection
    struck: bool = False
    statuses: list[int] = field(default_factory=list)  # what the cluster answered, each time that it got this

    def __str__(self) -> str:
        return f"{self.number} {self.line}"

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"

    @property
    def is_write(self) -> bool:
        """Whether it could change an endpoint."""
        path, _, query = self.target.partition("?")
        return path.startswith("/_inference/") and (
            self.method in {"PUT", "DELETE"} or path.endswith("/_update")
        ) and "dry_run=true" not in query  # fmt: skip

    @property
    def changes(self) -> bool:
        """Whether it could change anything: an endpoint, a document, an index."""
        return self.is_write or (self.method in {"PUT", "POST", "DELETE"} and "/inferctl-ledger" in self.target)

    @property
    def inference_id(self) -> str:
        """The endpoint of a request to the inference API: the last part of its path, without `_update`."""
        parts = self.target.partition("?")[0].removesuffix("/_update").split("/")
        return parts[-1] if parts[1] == "_inference" else ""

    def execute(self) -> Reply:
        reply = handle(self.proxy.cluster, self.method, self.target, self.headers, self.body)
        self.statuses.append(reply.status)
        return reply

    def later(self, seconds: float) -> None:
        """The cluster does it after so long, whoever is still there."""
        timer = threading.Timer(seconds / SPEED, self.execute)
        timer.daemon = True
        timer.start()
        self.proxy.pending.append(timer)

    def answer(self, reply: Reply) -> None:
        self.send(head(reply) + (b"" if self.method == "HEAD" else reply.body))

    def send(self, octets: bytes) -> None:
        with suppress(OSError):
            self._connection.wfile.write(octets)
            self._connection.wfile.flush()

    def leave(self, seconds: float) -> None:
        """Answer this one, and take no connection for so long (-1: until the end)."""
        reply = self.execute()
        self.proxy.deaf(seconds, but=self._connection.connection)
        self.answer(Reply(reply.status, {**reply.headers, "Connection": "close"}, reply.body))
        self.close()

    def close(self) -> None:
        """The end of the connection, politely."""
        self._connection.close_connection = True

    def reset(self) -> None:
        """The end of the connection, as of a process that died."""
        self._connection.close_connection = True
        with suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self._connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._connection.connection.shutdown(socket.SHUT_RD)


def head(reply: Reply) -> bytes:
    """Status line and headers, with the length of the whole body."""
    lines = [f"HTTP/1.1 {reply.status} Status", *(f"{k}: {v}" for k, v in reply.headers.items())]
    return ("\r\n".join([*lines, f"Content-Length: {len(reply.body)}"]) + "\r\n\r\n").encode()


@dataclass
class Strike:
    """Which requests are spoiled: of those that match `among`, `times` (-1: all) from that `number` on."""

    act: Callable[[Exchange], None]
    number: int
    times: int = 1
    among: str = ""
    _passed: int = 0

    def takes(self, exchange: Exchange) -> bool:
        if not re.search(self.among, exchange.line):
            return False
        self._passed += 1
        if self._passed <= self.number or self.times == 0:
            return False
        self.times -= 1
        return True


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) == length:
            self.server.pass_on(self, self.command, self.path, dict(self.headers.items()), body)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()


@dataclass
class Proxy:
    """One cluster behind one port, for one story. `process` is whom signals go to."""

    cluster: Cluster
    strike: Strike | None = None
    slow: str = "^$"  # requests that match it are answered after `slow_s` of the command's seconds
    slow_s: float = 0.0
    log: list[Exchange] = field(default_factory=list)
    kill: Callable[[int], None] = lambda _number: None
    pending: list[threading.Timer] = field(default_factory=list)  # what the cluster is still at work on
    over: threading.Event = field(default_factory=threading.Event)  # nobody waits any longer for a delayed answer
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _busy: int = 0  # requests at work
    _open: set[socket.socket] = field(default_factory=set)
    _listener: socket.socket | None = None
    _hears_again: threading.Timer | None = None
    port: int = 0

    def __post_init__(self) -> None:
        self._rests = threading.Condition(self._lock)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def listen(self) -> None:
        listener = _bound(self.port)
        listener.listen(128)
        self._listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def deaf(self, seconds: float = -1.0, *, but: socket.socket | None = None) -> None:
        """Nobody listens for so long (-1: until `calm`), and connections other than `but` are closed."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in self._open - {but}:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if seconds >= 0:
            self._hears_again = threading.Timer(seconds, self.listen)
            self._hears_again.daemon = True
            self._hears_again.start()

    def calm(self) -> list[Exchange]:
        """No fault any more; what was seen so far, and a new log."""
        if self._hears_again is not None:
            self._hears_again.cancel()
            self._hears_again.join()
            self._hears_again = None
        if self._listener is None:
            self.listen()
        for timer in self.pending:
            timer.join()
        self.pending.clear()
        self.over.set()
        with self._lock:
            self._rests.wait_for(lambda: self._busy == 0, timeout=10)
            self.over.clear()
            self.strike = None
            seen, self.log = self.log, []
        return seen

    def pass_on(self, connection: Any, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        with self._lock:
            exchange = Exchange(len(self.log), method, target, headers, body, self, connection)
            self.log.append(exchange)
            strike = self.strike
            exchange.struck = strike is not None and strike.takes(exchange)
            self._busy += 1
        try:
            if strike is not None and exchange.struck:
                strike.act(exchange)
            else:
                reply = exchange.execute()
                if re.search(self.slow, exchange.line):
                    self.over.wait(self.slow_s / SPEED)
                exchange.answer(reply)
        finally:
            with self._lock:
                self._busy -= 1
                self._rests.notify_all()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection, address), daemon=True).start()

    def _converse(self, connection: socket.socket, address: Any) -> None:
        self._open.add(connection)
        try:
            with suppress(OSError):
                server: Any = self  # what it asks of a server is `pass_on`
                _Connection(connection, address, server)
        finally:
            self._open.discard(connection)
            connection.close()


def _bound(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for _ in range(100):
        with suppress(OSError):
            listener.bind((HOST, port))
            return listener
        time.sleep(0.01)  # somebody else has it for a moment
    raise OSError(f"port {port} is taken")


@contextmanager
def proxy_of(cluster: Cluster) -> Iterator[Proxy]:
    proxy = Proxy(cluster)
    proxy.listen()
    try:
        yield proxy
    finally:
        proxy.calm()
        proxy.deaf()
