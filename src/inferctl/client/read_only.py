"""Transports that look at a request before it is sent: one refuses every write, one asks before each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.errors import WriteRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.request import Request, Response
    from inferctl.client.transport import AsyncTransport, Transport


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


class CheckedTransport:
    """Asks `check` before each write that goes to `inner`; what it raises keeps the write from being sent.

    Inference calls (POST) change nothing and are not asked for. Closing it closes nothing.
    """

    def __init__(self, inner: Transport, check: Callable[[], None]) -> None:
        self._inner = inner
        self._check = check

    def send(self, request: Request) -> Response:
        if request.method != "POST" and not is_plain_read(request):
            self._check()
        return self._inner.send(request)

    def close(self) -> None:
        """Nothing: whoever made `inner` closes it."""
