"""The only module that works with the HTTP library. One request in, one response or one transport error out.

Redirects are never followed. Proxies, `NO_PROXY` and `SSL_CERT_FILE` of the shell are honoured. No
exception of the library leaves this module, not even as a cause: its frames hold headers and bodies.
"""

from __future__ import annotations

import math
import ssl
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from inferctl.client.answer_body import AnswerBody
from inferctl.client.request import Request, Response, headers_for
from inferctl.client.request_limit import AsyncLimitedBackend, LimitedBackend, Phase, TooLate, UnusableAnswer, begin
from inferctl.client.tls import FingerprintMismatch, PinnedCaLearned, trust
from inferctl.client.transport import (
    answer_lost,
    answer_refused,
    certificate_refused,
    handshake_failed,
    never_sent,
    timed_out,
)
from inferctl.errors import SettingsError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.client.settings import ConnectionSettings

# httpx without its own command line: `import httpx` also imports `httpx._main`, and with it rich and pygments, wherever
# they are installed: a third of the time that a plan of a few endpoints takes. Its fallback for an absent command line
# is part of httpx.
_COMMAND_LINE = "httpx._main"

_command_line_is_left_out = "httpx" not in sys.modules and _COMMAND_LINE not in sys.modules
if _command_line_is_left_out:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # None makes the import fail, as documented
try:
    import httpx
finally:
    if _command_line_is_left_out:
        del sys.modules[_COMMAND_LINE]

_LibraryClient = TypeVar("_LibraryClient", httpx.Client, httpx.AsyncClient)

READ_TIMEOUT_S = 60.0
WRITE_TIMEOUT_S = 150.0
CONNECT_TIMEOUT_S = 10.0
LARGEST_ERROR = 1024 * 1024  # the body of an answer that is no 2xx


class _RequestBuilder:
    """From our request to the library's, for both transports."""

    def __init__(self, settings: ConnectionSettings) -> None:
        parts = urlsplit(settings.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path.rstrip("/")
        self._authorization = settings.authorization
        self._timeout_s = settings.timeout_s

    def limit_s(self, request: Request) -> float:
        """Of the whole request: the call's own, else the client's, else the documented default."""
        wait = request.timeout_s
        if wait is None:
            wait = self._timeout_s
        if wait is None:
            wait = READ_TIMEOUT_S if request.is_read else WRITE_TIMEOUT_S
        if request.at_most_s is not None:
            wait = min(wait, request.at_most_s)
        return wait

    def _waits(self, request: Request) -> httpx.Timeout:
        limit_s = self.limit_s(request)
        return httpx.Timeout(None if limit_s == math.inf else limit_s, connect=min(CONNECT_TIMEOUT_S, limit_s))

    def build(self, client: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Request:
        """The library's request; the target goes out byte for byte.

        The library normalises dots in a path (`/a/..`). Where that would change the target, it is given again
        as it is; only there, since a forwarding proxy needs the whole URL, which this leaves out.
        """
        target = self._prefix + request.target
        built = client.build_request(
            request.method,
            self.origin + target,
            content=request.body,
            headers={**headers_for(request, self._authorization), "accept-encoding": "gzip"},
            timeout=self._waits(request),
        )
        if built.url.raw_path != target.encode("ascii"):
            built.extensions["target"] = target.encode("ascii")
        return built


class _Call:
    """One request under way: its limit, and what comes of it."""

    def __init__(self, request: Request, builder: _RequestBuilder, client: httpx.Client | httpx.AsyncClient) -> None:
        self._request = request
        self._origin = builder.origin
        self.built = builder.build(client, request)
        self._limit = begin(builder.limit_s(request))
        self.ca_learned = False

    def body_of(self, answer: httpx.Response) -> AnswerBody:
        """Where the pieces of its body go, as they come over the wire."""
        self._limit.head_is_complete()
        largest = self._request.largest_answer if answer.is_success else LARGEST_ERROR
        return AnswerBody(answer.headers.get("content-encoding", ""), largest)

    def response(self, answer: httpx.Response, body: AnswerBody) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, headers, body.whole())

    def failure(self, error: Exception) -> TransportError:
        """Our error for the library's, by the one question that matters: was anything sent?"""
        self.ca_learned = any(isinstance(cause, PinnedCaLearned) for cause in _causes(error))
        request, phase = self._request, self._limit.phase
        if isinstance(error, UnusableAnswer):
            return answer_refused(request, str(error))
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
            return _no_connection(request, error, self._origin)
        if isinstance(error, httpx.UnsupportedProtocol):
            return never_sent(request, "the URL's scheme is not supported", self._origin)
        if isinstance(error, TooLate | httpx.TimeoutException):
            if phase is Phase.CONNECTING:
                return never_sent(request, "no connection in time", self._origin)
            return timed_out(request, _LATE.get(phase, "no answer in time"))
        if isinstance(error, httpx.RemoteProtocolError) and not _broke_off(error):
            return answer_lost(request, f"what answers at {self._origin} does not speak HTTP as it should")
        return answer_lost(request, "the connection broke before the answer was complete")


_LATE = {
    Phase.HEAD: "no whole answer in time: its head does not end",
    Phase.BODY: "the answer does not end in time",
}


def _broke_off(error: httpx.RemoteProtocolError) -> bool:
    """Whether the server has hung up, rather than sent what is no HTTP; the library has one error for both."""
    return "without sending" in str(error)


def _no_connection(request: Request, error: httpx.TransportError, origin: str) -> TransportError:
    if isinstance(error, httpx.TimeoutException):
        return never_sent(request, "no connection in time", origin)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return certificate_refused(request, cause.verify_message, origin)
        if isinstance(cause, FingerprintMismatch):
            return certificate_refused(request, "no certificate has the given SHA-256 fingerprint", origin)
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "reason", None) or "the TLS handshake failed"
            return handshake_failed(request, reason, origin)
    if isinstance(error, httpx.ProxyError):
        return never_sent(request, "the proxy refused", origin)
    return never_sent(request, _system_reason(error), origin)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies below it."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _system_reason(error: BaseException) -> str:
    """The system's own words; the library's text could hold a proxy's address with its password."""
    reasons = [cause.strerror for cause in _causes(error) if isinstance(cause, OSError) and cause.strerror]
    return reasons[-1] if reasons else "the host cannot be reached"


def _library_client(kind: type[_LibraryClient], settings: ConnectionSettings) -> _LibraryClient:
    context = trust(settings)
    with suppress(ValueError, ImportError, httpx.InvalidURL):  # their texts may hold a proxy's password
        client = kind(verify=True if context is None else context, follow_redirects=False)
        _limit_waits(client)
        return client
    raise SettingsError("the proxy settings of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) cannot be used")


def _limit_waits(client: httpx.Client | httpx.AsyncClient) -> None:
    """Wraps what makes its connections; the library takes one from outside only where it reads no proxy settings."""
    limited = LimitedBackend if isinstance(client, httpx.Client) else AsyncLimitedBackend
    transports: list[Any] = [client._transport, *client._mounts.values()]  # noqa: SLF001  its version is bounded
    for transport in transports:
        if transport is not None:  # None: of an address that NO_PROXY names
            pool = transport._pool  # noqa: SLF001
            pool._network_backend = limited(pool._network_backend)  # noqa: SLF001


def _refuse_closed(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise UsageError("the client is closed, so nothing was sent: make a new one, or close it later")


_FAILURES = (UnusableAnswer, TooLate, httpx.HTTPError, httpx.StreamError)


class HttpTransport:
    """Requests over one pool of connections. Safe to share between threads."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._builder = _RequestBuilder(settings)
        self._client = _library_client(httpx.Client, settings)

    def send(self, request: Request) -> Response:
        """Sends once; a handshake that only taught us the pinned CA is done again. Raises UsageError when closed."""
        for last in (False, True):
            _refuse_closed(self._client)
            call = _Call(request, self._builder, self._client)
            try:
                return self._once(call)
            except _FAILURES as error:
                failure = call.failure(error)
            if last or not call.ca_learned:
                break
        raise failure

    def _once(self, call: _Call) -> Response:
        answer = self._client.send(call.built, stream=True)
        try:
            body = call.body_of(answer)
            for piece in answer.iter_raw():
                body.add(piece)
            return call.response(answer, body)
        finally:
            answer.close()

    def close(self) -> None:
        """Closes the pool."""
        self._client.close()


class AsyncHttpTransport:
    """The same for the async client."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._builder = _RequestBuilder(settings)
        self._client = _library_client(httpx.AsyncClient, settings)

    async def send(self, request: Request) -> Response:
        """Sends once; a handshake that only taught us the pinned CA is done again. Raises UsageError when closed."""
        for last in (False, True):
            _refuse_closed(self._client)
            call = _Call(request, self._builder, self._client)
            try:
                return await self._once(call)
            except _FAILURES as error:
                failure = call.failure(error)
            if last or not call.ca_learned:
                break
        raise failure

    async def _once(self, call: _Call) -> Response:
        answer = await self._client.send(call.built, stream=True)
        try:
            body = call.body_of(answer)
            async for piece in answer.aiter_raw():
                body.add(piece)
            return call.response(answer, body)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Closes the pool."""
        await self._client.aclose()
