"""What a transport is, and the errors it raises, made from a request and a few words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, runtime_checkable

from inferctl.errors import (
    ConnectionFailed,
    ConnectionLost,
    RequestTimeout,
    TlsFailed,
    TransportError,
    UnknownOutcome,
)

if TYPE_CHECKING:
    from inferctl.client.request import Request, Response

_E = TypeVar("_E", bound=TransportError)

# handler(method, target, headers, body) -> (status, headers, body); `target` is escaped path and query.
Handler: TypeAlias = Callable[
    [str, str, Mapping[str, str], bytes | None], tuple[int, Mapping[str, str], bytes | str | None]
]


@runtime_checkable
class Transport(Protocol):
    """Sends one request, once. Raises a TransportError when there is no complete answer."""

    def send(self, request: Request) -> Response: ...

    def close(self) -> None: ...


@runtime_checkable
class AsyncTransport(Protocol):
    """The same, awaited."""

    async def send(self, request: Request) -> Response: ...

    async def aclose(self) -> None: ...


def never_sent(request: Request, why: str, origin: str) -> ConnectionFailed:
    """There was no connection. `origin` is scheme, host and port, without credentials."""
    return _make(ConnectionFailed, request, f"cannot connect to {origin}, nothing was sent: {why}")


def certificate_refused(request: Request, why: str, origin: str) -> TlsFailed:
    """There was a connection, and its certificate was refused."""
    return _make(TlsFailed, request, f"the certificate of {origin} was not accepted, nothing was sent: {why}")


def handshake_failed(request: Request, why: str, origin: str) -> TlsFailed:
    """There was a connection, and no TLS came of it: what answers may speak none."""
    return _make(TlsFailed, request, f"no TLS connection to {origin}, nothing was sent: {why}")


def timed_out(request: Request) -> TransportError:
    """The request was sent and the wait is over."""
    if request.is_read:
        return _make(RequestTimeout, request, "no answer in time")
    return answer_lost(request, "no answer in time")


def answer_lost(request: Request, why: str) -> TransportError:
    """The request was sent, in part at least, and there is no complete answer."""
    if request.is_read:
        return _make(ConnectionLost, request, why)
    return _make(UnknownOutcome, request, f"{why}; the write may have happened, read before trying again")


def _make(kind: type[_E], request: Request, why: str) -> _E:
    return kind(f"{request.method} {request.path}: {why}", method=request.method, path=request.path)
