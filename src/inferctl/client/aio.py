"""The client for programs on an asyncio event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from inferctl.client.client_base import ClientBase
from inferctl.client.exchange import Step, StepResult, Wait, json_object
from inferctl.client.transport import AsyncInProcessTransport, AsyncReadOnlyTransport, AsyncTransport, Handler
from inferctl.errors import TransportError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from inferctl.client.request import Request, Response
    from inferctl.client.settings import ConnectionSettings


class AsyncInferenceClient(ClientBase[AsyncTransport, Coroutine[Any, Any, dict[str, Any]]]):
    """The five documented verbs, awaited; parameters, errors and limits are those of `InferenceClient`.

    Use it as an async context manager, or `await aclose()`.
    """

    async def aclose(self) -> None:
        """Close the connections."""
        if self._owns_transport:
            await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def raw(self, request: Request) -> Response:
        """The answer to any request, with retries. Raises an InferctlError unless it is 2xx."""
        steps = self._exchange(request)
        step = next(steps)
        while True:
            result = await self._do(step)
            try:
                step = steps.send(result)
            except StopIteration as done:
                response: Response = done.value
                return response

    async def _do(self, step: Step) -> StepResult:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return StepResult(time.monotonic())
        outcome: Response | TransportError
        try:
            outcome = await self._transport.send(step.request)
        except TransportError as failure:
            outcome = failure
        return StepResult(time.monotonic(), outcome)

    async def _object(self, request: Request) -> dict[str, Any]:
        return json_object(request, await self.raw(request), self._known_secrets)

    def _transport_for(
        self, settings: ConnectionSettings, transport: AsyncTransport | Handler | None
    ) -> AsyncTransport:
        if transport is None:
            from inferctl.client.http_transport import AsyncHttpTransport  # noqa: PLC0415 (slow)

            return AsyncHttpTransport(settings)
        if isinstance(transport, AsyncTransport):
            return transport
        return AsyncInProcessTransport(transport, settings.authorization)

    def _read_only_transport(self) -> AsyncTransport:
        return AsyncReadOnlyTransport(self._transport)
