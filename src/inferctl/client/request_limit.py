"""One limit over a whole request: connecting, the handshake, sending, the answer's head and its body.

The HTTP library limits each wait by itself. A server that sends a byte now and then never meets such a limit, so each
wait gets at most what is left of the request's. The library's streams are wrapped for that, where they are made.
"""

from __future__ import annotations

import math
import socket
import time
from contextvars import ContextVar
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

LONGEST_BODY_S = 300.0  # where the request itself has no limit
LARGEST_HEAD = 256 * 1024  # of all that comes before a body; the library takes 100 KB for one head


class Phase(Enum):
    """How far a request has come."""

    CONNECTING = "connecting"
    SENT = "sent, in part at least"
    HEAD = "the answer has begun"
    BODY = "the answer's head is complete"


class TooLate(Exception):  # noqa: N818  an error is named by what happened
    """The time of the request is over."""


class UnusableAnswer(Exception):  # noqa: N818
    """An answer that is not read. The text says why, and quotes nothing of it."""


class RequestLimit:
    """What one request may take. `seconds` counts from now; infinity is no limit."""

    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds
        self._head_left = LARGEST_HEAD
        self.phase = Phase.CONNECTING

    def wait_s(self, wait_s: float | None) -> float | None:
        """How long the next wait may be that would be so long by itself; None: no limit. Raises TooLate."""
        left_s = self._end_s - time.monotonic()
        if left_s <= 0:
            raise TooLate
        if wait_s is not None:
            left_s = min(left_s, wait_s)
        return None if left_s == math.inf else left_s

    def sends(self) -> None:
        """Bytes go out from now on."""
        if self.phase is Phase.CONNECTING:
            self.phase = Phase.SENT

    def head_is_complete(self) -> None:
        """The body comes now; it may not take for ever, even if the wait for the head could."""
        self.phase = Phase.BODY
        if self._end_s == math.inf:
            self._end_s = time.monotonic() + LONGEST_BODY_S

    def received(self, octets: bytes) -> None:
        """Raises UnusableAnswer for a head that is larger than any."""
        if self.phase is Phase.BODY:
            return
        if octets and self.phase is Phase.SENT:
            self.phase = Phase.HEAD
        self._head_left -= len(octets)
        if self._head_left < 0:
            raise UnusableAnswer("the head of the answer does not end")


# Of this thread's or this task's request: the streams of a pool are handed from one request to the next.
_current: ContextVar[RequestLimit] = ContextVar("request limit")


def begin(seconds: float) -> RequestLimit:
    """The limit of the request that this thread or task makes next."""
    limit = RequestLimit(seconds)
    _current.set(limit)
    return limit


class _Wrapped:
    """What a stream and a backend have beside their waits."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class LimitedStream(_Wrapped):
    """A connection of the sync library."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limit = _current.get()
        octets: bytes = self._inner.read(max_bytes, limit.wait_s(timeout))
        limit.received(octets)
        return octets

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        limit = _current.get()
        wait_s = limit.wait_s(timeout)
        limit.sends()
        self._inner.write(buffer, wait_s)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> LimitedStream:
        return LimitedStream(self._inner.start_tls(ssl_context, server_hostname, _current.get().wait_s(timeout)))


def _addresses(host: str, port: int) -> list[str]:
    """The host itself where it has none: the library then says why."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [host]
    return [*dict.fromkeys(str(address[0]) for *_, address in found)] or [host]


class LimitedBackend(_Wrapped):
    """What makes the connections of the sync library."""

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **options: Any) -> LimitedStream:
        """Each address of the host gets its share of the time, so that all are tried within it."""
        end_s = time.monotonic() + (math.inf if timeout is None else timeout)
        addresses = _addresses(host, port)
        for left in range(len(addresses), 0, -1):
            share_s = _current.get().wait_s((end_s - time.monotonic()) / left)
            try:
                return LimitedStream(self._inner.connect_tcp(addresses[-left], port, timeout=share_s, **options))
            except Exception:  # the library's, whatever they are called
                if left == 1:
                    raise
        raise AssertionError("a host has an address, or is one")


class AsyncLimitedStream(_Wrapped):
    """A connection of the async library."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limit = _current.get()
        octets: bytes = await self._inner.read(max_bytes, limit.wait_s(timeout))
        limit.received(octets)
        return octets

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        limit = _current.get()
        wait_s = limit.wait_s(timeout)
        limit.sends()
        await self._inner.write(buffer, wait_s)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> AsyncLimitedStream:
        wait_s = _current.get().wait_s(timeout)
        return AsyncLimitedStream(await self._inner.start_tls(ssl_context, server_hostname, wait_s))


class AsyncLimitedBackend(_Wrapped):
    """What makes the connections of the async library."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        **options: Any,
    ) -> AsyncLimitedStream:
        wait_s = _current.get().wait_s(timeout)
        return AsyncLimitedStream(await self._inner.connect_tcp(host, port, timeout=wait_s, **options))
