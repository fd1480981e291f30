"""The seam between the brain and the wire: what a transport is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from inferctl.client.request import Request, Response

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
