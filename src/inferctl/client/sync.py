"""The client for programs that wait: one thread, one call. Safe to share between threads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from inferctl.client.bounds import BoundedTransport
from inferctl.client.client_base import ClientBase
from inferctl.client.cluster_reads import ClusterReads
from inferctl.client.deployments import Deployments
from inferctl.client.documents import Documents
from inferctl.client.exchange import Step, StepResult, Wait, json_object
from inferctl.client.transport import (
    CheckedTransport,
    GuidedTransport,
    Handler,
    InProcessTransport,
    ReadOnlyTransport,
    Transport,
)
from inferctl.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from inferctl.client.bounds import Bounds
    from inferctl.client.request import Request, Response
    from inferctl.client.settings import ConnectionSettings
    from inferctl.client.transport import Guide
    from inferctl.secrets.secret import Secret


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return True


class InferenceClient(ClientBase[Transport, dict[str, Any]], ClusterReads, Documents, Deployments):
    """The five documented verbs of the inference API, typed errors, and what a reconciler needs beside them.

    `url` has no user information. `api_key` is the encoded text, an (id, key) pair, or a Secret; at most one
    kind of credentials. `ca_certs` is a PEM file or directory, `ca_fingerprint` the SHA-256 of the server's
    or its CA's certificate; at most one of these and `insecure`. `timeout_s` is the longest wait for an
    answer (None: 60 s for reads, 150 s for writes and inference); a call's own `timeout` plus 15 s goes
    before it. `retry` says how often and how long a request may be repeated; which may be is not negotiable
    (`client.retry`). `transport` replaces the network: a Transport, or a function `handler(method, target,
    headers, body) -> (status, headers, body)`.

    Raises SettingsError (a ValueError) for settings that cannot work. Use it as a context manager, or `close`
    it.
    """

    _pause: Callable[[float], bool] = staticmethod(_sleep)

    def checked(self, check: Callable[[], None]) -> Self:
        """A client over the same connections that calls `check` before each write; what it raises stops the write.

        Closing it closes nothing.
        """
        return self._over(CheckedTransport(self._transport, check))

    def guided(self, guide: Guide) -> Self:
        """A client over the same connections that has `guide` send each request, when it will and as often as it may.

        Closing it closes nothing.
        """
        return self._over(GuidedTransport(self._transport, guide))

    def bounded(self, bounds: Bounds) -> Self:
        """A client over the same connections that sends only what `bounds` allow, and waits only as they do.

        Closing it closes nothing.
        """
        client = self._over(BoundedTransport(self._transport, bounds))
        client._pause = bounds.pause  # noqa: SLF001 (our own)
        return client

    def close(self) -> None:
        """Close the connections."""
        if self._owns_transport:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _over(self, transport: Transport, secrets: Iterable[Secret] = ()) -> Self:
        client = super()._over(transport, secrets)
        client._pause = self._pause  # noqa: SLF001 (our own)
        return client

    def raw(self, request: Request) -> Response:
        """The answer to any request, with retries. Raises an InferctlError unless it is 2xx."""
        steps = self._exchange(request)
        step = next(steps)
        while True:
            result = self._do(step)
            try:
                step = steps.send(result)
            except StopIteration as done:
                response: Response = done.value
                return response

    def _do(self, step: Step) -> StepResult:
        if isinstance(step, Wait):
            goes_on = self._pause(step.seconds)
            return StepResult(time.monotonic(), gave_up=not goes_on)
        outcome: Response | TransportError
        try:
            outcome = self._transport.send(step.request)
        except TransportError as failure:
            outcome = failure
        return StepResult(time.monotonic(), outcome)

    def _object(self, request: Request) -> dict[str, Any]:
        return json_object(request, self.raw(request), self._known_secrets)

    def _transport_for(self, settings: ConnectionSettings, transport: Transport | Handler | None) -> Transport:
        if transport is None:
            from inferctl.client.http_transport import HttpTransport  # noqa: PLC0415 (slow)

            return HttpTransport(settings)
        if isinstance(transport, Transport):
            return transport
        return InProcessTransport(transport, settings.authorization)

    def _read_only_transport(self) -> Transport:
        return ReadOnlyTransport(self._transport)
