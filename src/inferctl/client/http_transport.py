"""The only module that works with the HTTP library. One request in, one response or one transport error out.

Redirects are never followed. Proxies, `NO_PROXY` and `SSL_CERT_FILE` of the environment are honoured. No
exception of the library leaves this module, not even as a cause: its frames hold headers and bodies.
"""

from __future__ import annotations

import math
import ssl
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inferctl.client.headers import headers_for
from inferctl.client.httpx_without_cli import httpx
from inferctl.client.request import Request, Response
from inferctl.client.tls import FingerprintMismatch, PinnedCaLearned, trust
from inferctl.client.transport_errors import answer_lost, certificate_refused, handshake_failed, never_sent, timed_out
from inferctl.errors import SettingsError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.client.settings import ConnectionSettings

READ_TIMEOUT_S = 60.0
WRITE_TIMEOUT_S = 150.0
CONNECT_TIMEOUT_S = 10.0
# Read timeouts bound the wait for each piece; these bound the whole, unpacked, of an answer that does not end.
LARGEST_ANSWER = 256 * 1024 * 1024
LONGEST_ANSWER_S = 300.0


class _Wire:
    """What both transports share: from our request to the library's, from its errors to ours."""

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


class _Body:
    """The pieces of one answer as they come in. Raises EndlessAnswer for too many, or too late."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._began_s = time.monotonic()

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > LARGEST_ANSWER or time.monotonic() - self._began_s > LONGEST_ANSWER_S:
            raise EndlessAnswer

    def of(self, answer: httpx.Response) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, headers, b"".join(self._pieces))


class EndlessAnswer(Exception):  # noqa: N818  an error is named by what happened
    """An answer that is larger than any of Elasticsearch's, or does not come to its end."""


def _failure(request: Request, problem: httpx.HTTPError | httpx.StreamError, origin: str) -> TransportError:
    """Our error for the library's, by the one question that matters: was anything sent?"""
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        for inner in _below(problem):
            if isinstance(inner, ssl.SSLCertVerificationError):
                return certificate_refused(request, inner.verify_message, origin)
            if isinstance(inner, FingerprintMismatch):
                return certificate_refused(request, "no certificate has the given SHA-256 fingerprint", origin)
            if isinstance(inner, ssl.SSLError):
                words = getattr(inner, "reason", None) or "the TLS handshake failed"
                return handshake_failed(request, words, origin)
        if isinstance(problem, httpx.ProxyError):
            return never_sent(request, "the proxy refused", origin)
        if isinstance(problem, httpx.TimeoutException):
            return never_sent(request, "no connection in time", origin)
        return never_sent(request, _os_words(problem), origin)
    if isinstance(problem, httpx.UnsupportedProtocol):
        return never_sent(request, "the URL's scheme is not supported", origin)
    if isinstance(problem, httpx.TimeoutException):
        return timed_out(request)
    return answer_lost(request, "the connection broke before the answer was complete")


def _below(problem: BaseException) -> Iterator[BaseException]:
    inner: BaseException | None = problem
    while inner is not None:
        yield inner
        inner = inner.__cause__ or inner.__context__


def _os_words(problem: BaseException) -> str:
    """The system's own words; the library's text could hold a proxy's address with its password."""
    words = [inner.strerror for inner in _below(problem) if isinstance(inner, OSError) and inner.strerror]
    return words[-1] if words else "the host cannot be reached"


def _learned(problem: BaseException) -> bool:
    return any(isinstance(inner, PinnedCaLearned) for inner in _below(problem))


def _unusable() -> SettingsError:
    return SettingsError("the proxy settings of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) cannot be used")


class HttpTransport:
    """Requests over one pool of connections. Safe to share between threads."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._wire = _Wire(settings)
        context = trust(settings)
        try:
            self._client = httpx.Client(verify=True if context is None else context, follow_redirects=False)
        except (ValueError, ImportError, httpx.InvalidURL):
            failed = True
        else:
            failed = False
        if failed:
            raise _unusable()

    def send(self, request: Request) -> Response:
        """Sends once; a handshake that only taught us the pinned CA is done again."""
        for last in (False, True):
            try:
                return self._once(request)
            except EndlessAnswer:
                failure, again = answer_lost(request, "the answer does not end"), False
            except (httpx.HTTPError, httpx.StreamError) as problem:
                failure, again = _failure(request, problem, self._wire.origin), _learned(problem)
            if last or not again:
                break
        raise failure

    def _once(self, request: Request) -> Response:
        answer = self._client.send(self._wire.build(self._client, request), stream=True)
        try:
            body = _Body()
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
        self._wire = _Wire(settings)
        context = trust(settings)
        try:
            self._client = httpx.AsyncClient(verify=True if context is None else context, follow_redirects=False)
        except (ValueError, ImportError, httpx.InvalidURL):
            failed = True
        else:
            failed = False
        if failed:
            raise _unusable()

    async def send(self, request: Request) -> Response:
        """Sends once; a handshake that only taught us the pinned CA is done again."""
        for last in (False, True):
            try:
                return await self._once(request)
            except EndlessAnswer:
                failure, again = answer_lost(request, "the answer does not end"), False
            except (httpx.HTTPError, httpx.StreamError) as problem:
                failure, again = _failure(request, problem, self._wire.origin), _learned(problem)
            if last or not again:
                break
        raise failure

    async def _once(self, request: Request) -> Response:
        answer = await self._client.send(self._wire.build(self._client, request), stream=True)
        try:
            body = _Body()
            async for piece in answer.aiter_bytes():
                body.add(piece)
            return body.of(answer)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Closes the pool."""
        await self._client.aclose()
