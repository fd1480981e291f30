# ruff: noqa: N815, A002  (names of the standard library's server)
"""A real HTTP server on loopback that writes down what it gets and answers as told."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

PRODUCT = {"X-elastic-product": "Elasticsearch", "Content-Type": "application/json"}


@dataclass
class Seen:
    """One request as it came: `target` is the raw request target."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def essence(self) -> tuple[str, str, list[tuple[str, str]], object]:
        """What must be equal: method, raw path, ordered query, JSON body."""
        path, _, query = self.target.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        return self.method, path, pairs, json.loads(self.body) if self.body else None


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Recorder:
    """`answers` are used up first, then `answer` for ever."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answers: list[Answer | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    answer: Answer = (200, PRODUCT, b"{}")

    def last(self) -> Seen:
        return self.seen[-1]


@contextmanager
def recording(context: ssl.SSLContext | None = None) -> Iterator[Recorder]:
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.seen.append(Seen(self.command, self.path, headers, body))
            answer = recorder.answers.pop(0) if recorder.answers else recorder.answer
            if callable(answer):
                answer(self)
                return
            status, extra, text = answer
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            self.wfile.flush()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    recorder.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """An answer that never comes."""
    handler.close_connection = True


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """An answer that breaks off in its body."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":')
    handler.wfile.flush()
    handler.close_connection = True
