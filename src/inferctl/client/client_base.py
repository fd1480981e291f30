"""What both clients share: how one is made, what it is made into, and the five documented verbs.

A verb gives back what sending gives back: the answer's JSON object (`InferenceClient`), or a coroutine of it
(`AsyncInferenceClient`). So its signature, its documentation and its request stand once.
"""

from __future__ import annotations

import random
import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from inferctl.client import inference_requests
from inferctl.client.exchange import Exchange, exchange
from inferctl.client.known_secrets import KnownSecrets
from inferctl.client.payload import merged, one_of
from inferctl.client.region_policy import Answer, RegionPolicyVerbs
from inferctl.client.retry import RetryPolicy
from inferctl.client.settings import ApiKey, BasicAuth, ConnectionSettings, sealed, sealed_key, sealed_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from inferctl.client.request import Request
    from inferctl.client.transport import Handler
    from inferctl.secrets.secret import Secret

AnyTransport = TypeVar("AnyTransport")  # Transport, or AsyncTransport


class ClientBase(RegionPolicyVerbs[Answer], Generic[AnyTransport, Answer]):
    """A client without the sending. `InferenceClient` says what the parameters mean."""

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
        transport: AnyTransport | Handler | None = None,
    ) -> None:
        api_key = sealed_key(api_key)
        basic_auth = sealed_pair(basic_auth)
        bearer_auth = sealed(bearer_auth)
        settings = ConnectionSettings(
            url=url,
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
        transport: AnyTransport | Handler | None = None,
    ) -> Self:
        """A client for settings made elsewhere (`ConnectionSettings.from_environment`)."""
        client = cls.__new__(cls)
        client._open(settings, retry, transport)  # noqa: SLF001 (our own)
        return client

    def _open(
        self, settings: ConnectionSettings, retry: RetryPolicy | None, transport: AnyTransport | Handler | None
    ) -> None:
        known_secrets = KnownSecrets(settings.secrets)
        self._hold(settings, retry or RetryPolicy(), self._transport_for(settings, transport), known_secrets)

    def _hold(
        self,
        settings: ConnectionSettings,
        retry: RetryPolicy,
        transport: AnyTransport,
        known_secrets: KnownSecrets,
        *,
        owns_transport: bool = True,
    ) -> None:
        self._settings = settings
        self._retry = retry
        self._transport = transport
        self._known_secrets = known_secrets
        self._owns_transport = owns_transport

    def __repr__(self) -> str:
        settings: ConnectionSettings | None = getattr(self, "_settings", None)
        return f"{type(self).__name__}({settings.url if settings else ''!r})"

    @property
    def settings(self) -> ConnectionSettings:
        """What the client was made with; its secrets cannot be printed."""
        return self._settings

    @property
    def known_secrets(self) -> KnownSecrets:
        """What no error of this client, and of those made of it, shows, whatever the request carried."""
        return self._known_secrets

    def back_off_s(self, attempt: int) -> float:
        """Seconds to wait after this attempt, counted from 1, of what its caller itself does again."""
        return min(self._retry.initial_s * 2.0 ** (attempt - 1), self._retry.longest_s)

    def read_only(self) -> Self:
        """A client over the same connections that refuses, before sending, all but GET, HEAD and dry runs.

        Closing it closes nothing; close the client it came from.
        """
        return self._over(self._read_only_transport())

    def guarding(self, secrets: Iterable[Secret]) -> Self:
        """A client over the same connections whose errors show none of `secrets`, whichever request they answer.

        A provider may quote a key that an earlier request carried. Closing it closes nothing.
        """
        return self._over(self._transport, secrets)

    def _over(self, transport: AnyTransport, secrets: Iterable[Secret] = ()) -> Self:
        """The same client over `transport`, which it does not close; its errors show none of `secrets` either."""
        client = type(self).__new__(type(self))
        known_secrets = KnownSecrets(secrets, beside=self._known_secrets) if secrets else self._known_secrets
        client._hold(self._settings, self._retry, transport, known_secrets, owns_transport=False)  # noqa: SLF001 (our own)
        return client

    def get(
        self,
        *,
        task_type: str | None = None,
        inference_id: str | None = None,
        error_trace: bool | None = None,
        filter_path: str | Sequence[str] | None = None,
        human: bool | None = None,
        pretty: bool | None = None,
    ) -> Answer:
        """Endpoints, as `{"endpoints": [{"inference_id", "task_type", "service", "service_settings", ...}]}`.

        A list even for one id; sorted by id, at most 10,000, never a secret. `inference_id` may be `_all` or
        `*`; with `task_type` alone all of that type, with neither all. Raises NotFound for an unknown id,
        InvalidRequest when `task_type` is not the endpoint's. Source: docs/reference/server/read.md.
        """
        query = {"error_trace": error_trace, "filter_path": filter_path, "human": human, "pretty": pretty}
        return self._object(inference_requests.get(task_type=task_type, inference_id=inference_id, query=query))

    def put(
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
    ) -> Answer:
        """Create an endpoint; its object without secrets is the answer.

        `inference_config` (or `body`, the same thing by another name: exactly one of the two, else TypeError
        or ValueError before anything is sent) is `{"service", "service_settings", "task_settings",
        "chunking_settings"}`. `timeout` is a time value ("60s"), the server's limit, known to 8.19, 9.1 and
        later; the client waits 15 s longer, 150 s without it. Strictly create-only: raises AlreadyExists,
        never overwrites. Raises ProviderRefused when the provider rejects the settings, UnknownOutcome when
        it was sent and the answer was lost: it is never sent twice. Source: docs/reference/server/create.md.
        """
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
        return self._object(request)

    def update(
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
    ) -> Answer:
        """Change an endpoint in place; the changed object without secrets is the answer.

        `inference_config` (or `body`: exactly one) holds any of `service_settings`, `task_settings`, from 9.5
        `chunking_settings`, and `task_type`; `service` is refused. Up to 9.4 the server ignores what it
        cannot change and answers 200: read back and compare. Give `task_type`: versions before 8.18 need it
        in the path, later ones in path or body. `timeout` is known to 9.5. The documented 8.17 client sends
        POST here, which no server accepts; PUT is sent, as every server version expects. Repeated on 429 and
        503 only. Source: docs/reference/server/update.md.
        """
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
        return self._object(request)

    def delete(
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
    ) -> Answer:
        """Remove an endpoint: `{"acknowledged", "pipelines", "indexes"}`.

        With `dry_run` nothing is removed, and the answer (acknowledged false in all cases) names what refers
        to it. `force` removes a referenced or reserved endpoint. Raises Referenced with the names, NotFound
        (also for the second delete), Conflict while it is being updated. Source: docs/reference/server/delete.md.
        """
        query = {
            "dry_run": dry_run,
            "error_trace": error_trace,
            "filter_path": filter_path,
            "force": force,
            "human": human,
            "pretty": pretty,
        }
        return self._object(inference_requests.delete(inference_id=inference_id, task_type=task_type, query=query))

    def inference(
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
    ) -> Answer:
        """Run the model: the answer's one key is the task's (`text_embedding`, `rerank`, `completion`, ...).

        `input` is one text or several, `query` is for rerank, `input_type` since 8.19 and 9.1; `body` may
        hold all of them instead (a field given in both is a ValueError). `timeout` is a time value, 30 s on
        the server; the client waits 15 s longer, 150 s without it. Raises Throttled (429) and Unavailable
        (503) after the policy's attempts. Source: docs/reference/server/inference.md.
        """
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
        return self._object(request)

    def _exchange(self, request: Request) -> Exchange:
        """The steps of one request, with retries (`client.exchange`)."""
        return exchange(
            request,
            self._retry,
            started_s=time.monotonic(),
            jitter=random.random,
            known_secrets=self._known_secrets,
        )

    @abstractmethod
    def _transport_for(
        self, settings: ConnectionSettings, transport: AnyTransport | Handler | None
    ) -> AnyTransport: ...

    @abstractmethod
    def _read_only_transport(self) -> AnyTransport: ...

    @abstractmethod
    def _object(self, request: Request) -> Answer:
        """Sends `request`, with retries; its answer's JSON object."""
