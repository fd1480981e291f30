"""The only module that works with the HTTP library. One request in, one response or one transport error out.

Redirects are never followed. Proxies, `NO_PROXY` and `SSL_CERT_FILE` of the environment are honoured. No
exception of the library leaves this module, not even as a cause: its frames hold headers and bodies.
"""

from __future__ import annotations

import math
import ssl
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from inferctl.client.request import Request, Response, headers_for
from inferctl.client.tls import FingerprintMismatch, PinnedCaLearned, trust
from inferctl.client.transport import answer_lost, certificate_refused, handshake_failed, never_sent, timed_out
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
# Read timeouts bound the wait for each piece; these bound the whole, unpacked, of an answer that does not end.
LARGEST_ANSWER = 256 * 1024 * 1024
LONGEST_ANSWER_S = 300.0


class _RequestBuilder:
    """From our request to the library's, for both transports."""

    def __init__(self, settings: ConnectionSettings) -> None:
        parts = urlsplit(settings.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path.rstrip("/")
        self._authorization = settings.authorization
        self._timeout_s = settings.timeout_s

    def limits(self, request: Request) -> httpx.Timeout:
        """The wait for an answer: the call's own, else the client's, else the documented default."""
        wait = request.timeout_s
        if wait is None:
            wait = self._timeout_s
        if wait is None:
            wait = READ_TIMEOUT_S if request.is_read else WRITE_TIMEOUT_S
        if request.at_most_s is not None:
            wait = min(wait, request.at_most_s)
        limit = None if wait == math.inf else wait
        connect = CONNECT_TIMEOUT_S if limit is None else min(CONNECT_TIMEOUT_S, limit)
        return httpx.Timeout(limit, connect=connect)

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
            headers=headers_for(request, self._authorization),
            timeout=self.limits(request),
        )
        if built.url.raw_path != target.encode("ascii"):
            built.extensions["target"] = target.encode("ascii")
        return built


class _AnswerBody:
    """The pieces of one answer as they come in. Raises EndlessAnswer for too many, or too late."""

    def __init__(self, at_most_s: float | None) -> None:
        self._longest_s = LONGEST_ANSWER_S if at_most_s is None else min(at_most_s, LONGEST_ANSWER_S)
        self._pieces: list[bytes] = []
        self._size = 0
        self._began_s = time.monotonic()

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > LARGEST_ANSWER or time.monotonic() - self._began_s > self._longest_s:
            raise EndlessAnswer

    def of(self, answer: httpx.Response) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, headers, b"".join(self._pieces))


class EndlessAnswer(Exception):  # noqa: N818  an error is named by what happened
    """An answer that is larger than any of Elasticsearch's, or does not come to its end."""


def _failure(
    request: Request, error: EndlessAnswer | httpx.HTTPError | httpx.StreamError, origin: str
) -> TransportError:
    """Our error for the library's, by the one question that matters: was anything sent?"""
    if isinstance(error, EndlessAnswer):
        return answer_lost(request, "the answer does not end")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return _no_connection(request, error, origin)
    if isinstance(error, httpx.UnsupportedProtocol):
        return never_sent(request, "the URL's scheme is not supported", origin)
    if isinstance(error, httpx.TimeoutException):
        return timed_out(request)
    return answer_lost(request, "the connection broke before the answer was complete")


def _no_connection(request: Request, error: httpx.TransportError, origin: str) -> TransportError:
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
    if isinstance(error, httpx.TimeoutException):
        return never_sent(request, "no connection in time", origin)
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


def _is_ca_learned(error: BaseException) -> bool:
    return any(isinstance(cause, PinnedCaLearned) for cause in _causes(error))


def _library_client(kind: type[_LibraryClient], settings: ConnectionSettings) -> _LibraryClient:
    context = trust(settings)
    with suppress(ValueError, ImportError, httpx.InvalidURL):  # their texts may hold a proxy's password
        return kind(verify=True if context is None else context, follow_redirects=False)
    raise SettingsError("the proxy settings of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) cannot be used")


def _refuse_closed(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise UsageError("the client is closed, so nothing was sent: make a new one, or close it later")


class HttpTransport:
    """Requests over one pool of connections. Safe to share between threads."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._builder = _RequestBuilder(settings)
        self._client = _library_client(httpx.Client, settings)

    def send(self, request: Request) -> Response:
        """Sends once; a handshake that only taught us the pinned CA is done again. Raises UsageError when closed."""
        for last in (False, True):
            try:
                return self._once(request)
            except (EndlessAnswer, httpx.HTTPError, httpx.StreamError) as error:
                failure, ca_learned = _failure(request, error, self._builder.origin), _is_ca_learned(error)
            if last or not ca_learned:
                break
        raise failure

    def _once(self, request: Request) -> Response:
        _refuse_closed(self._client)
        answer = self._client.send(self._builder.build(self._client, request), stream=True)
        try:
            body = _AnswerBody(request.at_most_s)
            for piece in answer.iter_bytes():
                body.add(piece)
            return body.of(answer)
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
            try:
                return await self._once(request)
            except (EndlessAnswer, httpx.HTTPError, httpx.StreamError) as error:
                failure, ca_learned = _failure(request, error, self._builder.origin), _is_ca_learned(error)
            if last or not ca_learned:
                break
        raise failure

    async def _once(self, request: Request) -> Response:
        _refuse_closed(self._client)
        answer = await self._client.send(self._builder.build(self._client, request), stream=True)
        try:
            body = _AnswerBody(request.at_most_s)
            async for piece in answer.aiter_bytes():
                body.add(piece)
            return body.of(answer)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Closes the pool."""
        await self._client.aclose()
