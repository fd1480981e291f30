"""Servers that are broken or mean ill, on loopback: each is a function that does to a connection what it likes.

They work on bare sockets, since no library of HTTP sends what these send. A connection's thread ends when the client
hangs up; `serving` ends when all have.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import zlib
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Behaviour: TypeAlias = Callable[[socket.socket], None]

_PRODUCT = "X-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n"
_DRIP_S = 0.005


@contextmanager
def serving(behave: Behaviour) -> Iterator[str]:
    """The address (host and port) of a server that does this to each connection."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                behave(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(10)
                assert not thread.is_alive(), "the client has not hung up"


def request_of(connection: socket.socket) -> bytes:
    """The whole request: its head, and as much body as it names."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionAbortedError
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionAbortedError
        body += piece
    return head


def sends(octets: bytes) -> Behaviour:
    """Reads each request, and answers with these bytes. Then the connection is closed."""

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(octets)

    return behave


def answers(body: bytes, *headers: str, status: str = "200 OK") -> Behaviour:
    """A well-formed answer of Elasticsearch's with this body."""
    lines = "".join(f"{header}\r\n" for header in headers)
    return sends(f"HTTP/1.1 {status}\r\n{_PRODUCT}{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def after(first: bytes, behave: Behaviour) -> Behaviour:
    """Answers the first request of each connection with this body, as Elasticsearch does, and goes on as said."""

    def begin(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(head(f"Content-Length: {len(first)}") + first)
        behave(connection)

    return begin


def repeats(start: bytes, piece: bytes) -> Behaviour:
    """Begins an answer and sends the piece as fast as it is taken, for ever."""

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(start)
        many = piece * (65_536 // len(piece) + 1)
        while True:
            connection.sendall(many)

    return behave


def drips(start: bytes, piece: bytes) -> Behaviour:
    """Begins an answer and sends the piece now and then, for ever: no wait for the next byte is long."""

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(start)
        while not select.select([connection], [], [], _DRIP_S)[0]:
            connection.sendall(piece)

    return behave


def waits(connection: socket.socket) -> None:
    """Takes the request and says nothing."""
    request_of(connection)
    connection.recv(1)


def closes(connection: socket.socket) -> None:
    """Closes what it has just accepted."""


def resets(connection: socket.socket) -> None:
    """Takes the request, and breaks the connection off with a reset."""
    request_of(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_closes(connection: socket.socket) -> None:
    """Sends half of an answer, and says that no more will come."""
    request_of(connection)
    connection.sendall(f"HTTP/1.1 200 OK\r\n{_PRODUCT}Content-Length: 100\r\n\r\n".encode() + b'{"endpoints":')
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)


def speaks_first(octets: bytes) -> Behaviour:
    """Sends before anything was asked."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(octets)
        while connection.recv(65_536):
            pass

    return behave


def drips_before_the_handshake(connection: socket.socket) -> None:
    """One TLS record that never gets whole."""
    connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
    connection.recv(65_536)
    while not select.select([connection], [], [], _DRIP_S)[0]:
        connection.sendall(b"\x00")


def head(*headers: str) -> bytes:
    """The head of an answer of Elasticsearch's."""
    return f"HTTP/1.1 200 OK\r\n{_PRODUCT}{''.join(f'{header}{chr(13)}{chr(10)}' for header in headers)}\r\n".encode()


def packed_zeroes(megabytes: int) -> bytes:
    """So much of nothing but zeroes, as gzip."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    piece = b"0" * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()
