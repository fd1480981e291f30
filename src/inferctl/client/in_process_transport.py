"""A plain function as a transport: an emulator in this process, or a fake in a test. No socket.

The function may raise the standard errors a socket would: ConnectionRefusedError (nothing was sent),
TimeoutError and any other OSError (the answer is lost). Transport errors of our own pass through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.client.headers import headers_for
from inferctl.client.request import Request, Response
from inferctl.client.transport import answer_lost, never_sent, timed_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.client.transport import Handler
    from inferctl.errors import TransportError
    from inferctl.secrets.secret import Secret


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
