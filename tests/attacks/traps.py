"""An address of the attacker on loopback: it takes what it is sent, counts it, and answers nothing."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Trap:
    """`host` is `127.0.0.1:PORT`. `got` is all that came in, in the order of the connections; `visits` counts these."""

    host: str
    visits: int = 0
    got: bytearray = field(default_factory=bytearray)


@contextmanager
def trap() -> Iterator[Trap]:
    """Listens until the block ends. Each connection is read once, then closed: nobody waits for an answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    caught = Trap("127.0.0.1:{1}".format(*listener.getsockname()))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                caught.visits += 1
                caught.got += connection.recv(65_536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield caught
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
