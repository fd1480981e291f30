"""The client for programs on an asyncio event loop. The same brain as `sync`, the same signatures."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

from inferctl.client import inference_requests
from inferctl.client.exchange import Exchange, Step, StepResult, Wait, exchange, json_object
from inferctl.client.in_process_transport import AsyncInProcessTransport
from inferctl.client.payload import merged, one_of
from inferctl.client.read_only import AsyncReadOnlyTransport
from inferctl.client.retry import RetryPolicy
from inferctl.client.settings import ApiKey, BasicAuth, ConnectionSettings, sealed, sealed_key, sealed_pair
from inferctl.client.transport_protocol import AsyncTransport, Handler
from inferctl.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from inferctl.client.request import Request, Response
    from inferctl.secrets.secret import Secret


class AsyncInferenceClient:
    """The five documented verbs, awaited; parameters, errors and limits are those of `InferenceClient`.

    Use it as an async context manager, or `await aclose()`.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: ApiKey | None = None,
        basic_auth: BasicAuth | None = None,
        bearer_auth: str | Secret | None = None,
        ca_certs: str | None = None,
        ca_fingerprint: str | None = None,
        insecure: bool = False,
        timeout_s: float | None = None,
        retry: RetryPolicy | None = None,
        transport: AsyncTransport | Handler | None = None,
    ) -> None:
        api_key = sealed_key(api_key)
        basic_auth = sealed_pair(basic_auth)
        bearer_auth = sealed(bearer_auth)
        settings = ConnectionSettings.of(
            url,
            api_key=api_key,
            basic_auth=basic_auth,
            bearer_auth=bearer_auth,
            ca_certs=ca_certs,
            ca_fingerprint=ca_fingerprint,
            insecure=insecure,
            timeout_s=timeout_s,
        )
        self._open(settings, retry, transport)

    @classmethod
    def from_settings(
        cls,
        settings: ConnectionSettings,
        *,
        retry: RetryPolicy | None = None,
        transport: AsyncTransport | Handler | None = None,
    ) -> AsyncInferenceClient:
        """A client for settings made elsewhere (`ConnectionSettings.from_environment`)."""
        client = cls.__new__(cls)
        client._open(settings, retry, transport)  # noqa: SLF001 (our own)
        return client

    def _open(
        self,
        settings: ConnectionSettings,
        retry: RetryPolicy | None,
        transport: AsyncTransport | Handler | None,
    ) -> None:
        self._settings = settings
        self._retry = retry if retry is not None else RetryPolicy()
        self._own = settings.secrets
        self._transport: AsyncTransport = _transport(settings, transport)

    def __repr__(self) -> str:
        settings: ConnectionSettings | None = getattr(self, "_settings", None)
        return f"{type(self).__name__}({settings.url if settings else ''!r})"

    @property
    def settings(self) -> ConnectionSettings:
        """What the client was made with; its secrets cannot be printed."""
        return self._settings

    def read_only(self) -> AsyncInferenceClient:
        """A client over the same connections that refuses, before sending, all but GET, HEAD and dry runs.

        Closing it closes nothing; close the client it came from.
        """
        return AsyncInferenceClient.from_settings(
            self._settings, retry=self._retry, transport=AsyncReadOnlyTransport(self._transport)
        )

    def guarding(self, secrets: Iterable[Secret]) -> AsyncInferenceClient:
        """A client over the same connections whose errors show none of `secrets`, whichever request they answer.

        A provider may quote a key that an earlier request carried. Closing it closes nothing.
        """
        guarded = AsyncInferenceClient.from_settings(self._settings, retry=self._retry, transport=self._transport)
        guarded._own = self._own | frozenset(secrets)  # noqa: SLF001 (our own)
        return guarded

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> AsyncInferenceClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def get(
        self,
        *,
        task_type: str | None = None,
        inference_id: str | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
    ) -> dict[str, Any]:
        """As `InferenceClient.get`, awaited."""
        query = {"error_trace": error_trace, "filter_path": filter_path, "human": human, "pretty": pretty}
        return await self._object(inference_requests.get(task_type=task_type, inference_id=inference_id, query=query))

    async def put(
        self,
        *,
        inference_id: str,
        inference_config: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        task_type: str | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
        timeout: str | int | None = None,
    ) -> dict[str, Any]:
        """As `InferenceClient.put`, awaited."""
        payload = one_of(inference_config, body)
        del inference_config, body  # no frame of a traceback may show them
        query = {
            "error_trace": error_trace,
            "filter_path": filter_path,
            "human": human,
            "pretty": pretty,
            "timeout": timeout,
        }
        request = inference_requests.put(inference_id=inference_id, payload=payload, task_type=task_type, query=query)
        return await self._object(request)

    async def update(
        self,
        *,
        inference_id: str,
        inference_config: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        task_type: str | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
        timeout: str | int | None = None,
    ) -> dict[str, Any]:
        """As `InferenceClient.update`, awaited."""
        payload = one_of(inference_config, body)
        del inference_config, body  # no frame of a traceback may show them
        query = {
            "error_trace": error_trace,
            "filter_path": filter_path,
            "human": human,
            "pretty": pretty,
            "timeout": timeout,
        }
        request = inference_requests.update(
            inference_id=inference_id, payload=payload, task_type=task_type, query=query
        )
        return await self._object(request)

    async def delete(
        self,
        *,
        inference_id: str,
        task_type: str | None = None,
        dry_run: bool | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        force: bool | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
    ) -> dict[str, Any]:
        """As `InferenceClient.delete`, awaited."""
        query = {
            "dry_run": dry_run,
            "error_trace": error_trace,
            "filter_path": filter_path,
            "force": force,
            "human": human,
            "pretty": pretty,
        }
        return await self._object(
            inference_requests.delete(inference_id=inference_id, task_type=task_type, query=query)
        )

    async def inference(
        self,
        *,
        inference_id: str,
        input: str | Sequence[str] | None = None,  # noqa: A002 (the documented name)
        body: Mapping[str, Any] | None = None,
        task_type: str | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        input_type: str | None = None,
        pretty: bool | None = None,
        query: str | None = None,
        task_settings: Mapping[str, Any] | None = None,
        timeout: str | int | None = None,
    ) -> dict[str, Any]:
        """As `InferenceClient.inference`, awaited."""
        fields = {"input": input, "input_type": input_type, "query": query, "task_settings": task_settings}
        payload = merged(fields, body)
        del fields, input, body, query, task_settings  # no frame of a traceback may show them
        parameters = {
            "error_trace": error_trace,
            "filter_path": filter_path,
            "human": human,
            "pretty": pretty,
            "timeout": timeout,
        }
        request = inference_requests.inference(
            inference_id=inference_id, payload=payload, task_type=task_type, query=parameters
        )
        return await self._object(request)

    async def raw(self, request: Request) -> Response:
        """The answer to any request, with retries. Raises an InferctlError unless it is 2xx."""
        steps: Exchange = exchange(
            request, self._retry, started_s=time.monotonic(), jitter=random.random, own=self._own
        )
        step = next(steps)
        while True:
            told = await self._do(step)
            try:
                step = steps.send(told)
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
        except TransportError as problem:
            outcome = problem
        return StepResult(time.monotonic(), outcome)

    async def _object(self, request: Request) -> dict[str, Any]:
        return json_object(request, await self.raw(request), self._own)


def _transport(settings: ConnectionSettings, given: AsyncTransport | Handler | None) -> AsyncTransport:
    if given is None:
        from inferctl.client.http_transport import AsyncHttpTransport  # noqa: PLC0415 (slow)

        return AsyncHttpTransport(settings)
    if isinstance(given, AsyncTransport):
        return given
    return AsyncInProcessTransport(given, settings.authorization)
