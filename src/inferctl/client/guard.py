"""Reads only: the transport that planning gets. It refuses before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.errors import WriteRefused

if TYPE_CHECKING:
    from inferctl.client.request import Request, Response
    from inferctl.client.seam import AsyncTransport, Transport


def refuse_writes(request: Request) -> None:
    """Raises WriteRefused unless the request is GET, HEAD, or DELETE of an endpoint with `dry_run=true`."""
    if request.method in {"GET", "HEAD"}:
        return
    dry = [value for name, value in request.query if name == "dry_run"]
    plain = "?" not in request.path and "#" not in request.path
    if request.method == "DELETE" and request.path.startswith("/_inference/") and plain and dry == ["true"]:
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
