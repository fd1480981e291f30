"""`read_only`, `guarding` and `checked` give clients over the same connections, which the first one closes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from inferctl import AsyncInferenceClient, InferenceClient, LockLost, WriteRefused
from inferctl.client.request import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from inferctl.client.request import Request


class Connections:
    """Both kinds of transport: notes what was sent and how often it was closed."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed = 0

    def answer(self, request: Request) -> Response:
        self.sent.append(request.method)
        return Response(200, {"x-elastic-product": "Elasticsearch"}, b'{"trained_model_stats": []}')


class Waiting(Connections):
    def send(self, request: Request) -> Response:
        return self.answer(request)

    def close(self) -> None:
        self.closed += 1


class Awaited(Connections):
    async def send(self, request: Request) -> Response:
        return self.answer(request)

    async def aclose(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    "derive",
    [
        InferenceClient.read_only,
        lambda client: client.guarding([]),
        lambda client: client.checked(lambda: None),
        lambda client: client.guarding([]).read_only(),
        lambda client: client.read_only().guarding([]),
    ],
    ids=["read_only", "guarding", "checked", "guarding.read_only", "read_only.guarding"],
)
def test_closing_a_derived_client_closes_nothing(derive: Callable[[InferenceClient], InferenceClient]) -> None:
    connections = Waiting()
    with InferenceClient("http://e.invalid", transport=connections) as client:
        with derive(client) as derived:
            derived.get()
        assert connections.closed == 0
    assert connections.closed == 1


def test_the_same_awaited() -> None:
    connections = Awaited()

    async def run() -> None:
        async with AsyncInferenceClient("http://e.invalid", transport=connections) as client:
            for derived in (client.read_only(), client.guarding([])):
                await derived.get()
                await derived.aclose()
            with pytest.raises(WriteRefused):
                await client.guarding([]).read_only().delete(inference_id="a")
            assert connections.closed == 0

    asyncio.run(run())
    assert connections.closed == 1
    assert connections.sent == ["GET", "GET"]


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (lambda client: client.get(), False),
        (lambda client: client.delete(inference_id="a", dry_run=True), False),
        (lambda client: client.inference(inference_id="a", input="x"), False),
        (lambda client: client.trained_model_stats(), False),
        (lambda client: client.put(inference_id="a", body={}), True),
        (lambda client: client.update(inference_id="a", body={}), True),
        (lambda client: client.delete(inference_id="a"), True),
        (lambda client: client.start_deployment("m", "a"), True),
        (lambda client: client.stop_deployment("a"), True),
    ],
    ids=["get", "dry run", "inference", "stats", "put", "update", "delete", "start", "stop"],
)
def test_a_checked_client_asks_before_each_write(call: Callable[[InferenceClient], object], asked: bool) -> None:
    connections = Waiting()

    def lost() -> None:
        raise LockLost("x")

    client = InferenceClient("http://e.invalid", transport=connections).checked(lost)
    if asked:
        with pytest.raises(LockLost):
            call(client)
    else:
        call(client)
    assert len(connections.sent) == (not asked)
