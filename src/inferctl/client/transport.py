"""What a transport is, and the errors it raises; those that need no network: a function, reads only, checked writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, runtime_checkable

from inferctl.client.request import Operation, Request, Response, headers_for
from inferctl.errors import (
    ConnectionFailed,
    ConnectionLost,
    NotTried,
    RequestTimeout,
    TlsFailed,
    TransportError,
    UnknownOutcome,
    WriteRefused,
)

if TYPE_CHECKING:
    from inferctl.secrets.secret import Secret


_E = TypeVar("_E", bound=TransportError)

# handler(method, target, headers, body) -> (status, headers, body); `target` is escaped path and query.
Handler: TypeAlias = Callable[
    [str, str, Mapping[str, str], bytes | None], tuple[int, Mapping[str, str], bytes | str | None]
]
# guide(request, send): decides when a request is sent, and what comes of it.
Guide: TypeAlias = Callable[[Request, Callable[[], Response]], Response]


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


def timed_out(request: Request, why: str = "no answer in time") -> TransportError:
    """The request was sent and the wait is over."""
    if request.is_read:
        return _make(RequestTimeout, request, why)
    return answer_lost(request, why)


def answer_refused(request: Request, why: str) -> TransportError:
    """The request was sent, and its answer is not read."""
    error = answer_lost(request, why)
    error.answer_refused = True
    return error


def answer_lost(request: Request, why: str) -> TransportError:
    """The request was sent, in part at least, and there is no complete answer."""
    if request.is_read:
        return _make(ConnectionLost, request, why)
    return _make(UnknownOutcome, request, f"{why}; the write may have happened, read before trying again")


def not_tried(request: Request, why: str) -> NotTried:
    """It was not even tried."""
    return _make(NotTried, request, f"nothing was sent: {why}")


def _make(kind: type[_E], request: Request, why: str) -> _E:
    return kind(f"{request.method} {request.path}: {why}", method=request.method, path=request.path)


class InProcessTransport:
    """Answers from `handler`. `authorization` is the header's value, if there is one."""

    def __init__(self, handler: Handler, authorization: Secret | None = None) -> None:
        self._handler = handler
        self._authorization = authorization

    def send(self, request: Request) -> Response:
        """Calls the handler once."""
        failure: TransportError
        try:
            return _response(
                *self._handler(request.method, request.target, headers_for(request, self._authorization), request.body)
            )
        except ConnectionRefusedError as error:
            failure = never_sent(request, str(error) or "connection refused", "this process")
        except TimeoutError:
            failure = timed_out(request)
        except OSError:
            failure = answer_lost(request, "connection lost")
        raise failure

    def close(self) -> None:
        """Nothing is held."""


class AsyncInProcessTransport:
    """The same for the async client; the handler is called on the event loop's thread."""

    def __init__(self, handler: Handler, authorization: Secret | None = None) -> None:
        self._inner = InProcessTransport(handler, authorization)

    async def send(self, request: Request) -> Response:
        return self._inner.send(request)

    async def aclose(self) -> None:
        """Nothing is held."""


def _response(status: int, headers: Mapping[str, str], body: bytes | str | None) -> Response:
    octets = body.encode() if isinstance(body, str) else (body or b"")
    return Response(status, {name.lower(): value for name, value in headers.items()}, octets)


def is_plain_read(request: Request) -> bool:
    """Whether the request is GET, HEAD, or DELETE of an endpoint with `dry_run=true`."""
    if request.method in {"GET", "HEAD"}:
        return True
    dry_run = [value for name, value in request.query if name == "dry_run"]
    is_plain_path = "?" not in request.path and "#" not in request.path
    return (
        request.method == "DELETE" and request.path.startswith("/_inference/") and is_plain_path and dry_run == ["true"]
    )


def refuse_writes(request: Request) -> None:
    """Raises WriteRefused for all but plain reads."""
    if is_plain_read(request):
        return
    raise WriteRefused(
        f"{request.method} {request.path}: refused, this client only reads",
        method=request.method,
        path=request.path,
    )


class ReadOnlyTransport:
    """Passes reads on to `inner`. It does not own `inner`, so closing it closes nothing."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def send(self, request: Request) -> Response:
        refuse_writes(request)
        return self._inner.send(request)

    def close(self) -> None:
        """Nothing: whoever made `inner` closes it."""


class AsyncReadOnlyTransport:
    """The same for the async client."""

    def __init__(self, inner: AsyncTransport) -> None:
        self._inner = inner

    async def send(self, request: Request) -> Response:
        refuse_writes(request)
        return await self._inner.send(request)

    async def aclose(self) -> None:
        """Nothing: whoever made `inner` closes it."""


class GuidedTransport:
    """Has `guide` send each request: it gets the request and a function that sends it to `inner`.

    Closing it closes nothing.
    """

    def __init__(self, inner: Transport, guide: Guide) -> None:
        self._inner = inner
        self._guide = guide

    def send(self, request: Request) -> Response:
        return self._guide(request, lambda: self._inner.send(request))

    def close(self) -> None:
        """Nothing: whoever made `inner` closes it."""


class CheckedTransport:
    """Asks `check` before each write that goes to `inner`; what it raises keeps the write from being sent.

    Reads and inference calls change nothing and are not asked for. Closing it closes nothing.
    """

    def __init__(self, inner: Transport, check: Callable[[], None]) -> None:
        self._inner = inner
        self._check = check

    def send(self, request: Request) -> Response:
        if request.operation not in (Operation.READ, Operation.INFERENCE):
            self._check()
        return self._inner.send(request)

    def close(self) -> None:
        """Nothing: whoever made `inner` closes it."""
