"""What the public types promise; read by mypy, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

from inferctl import AsyncInferenceClient, ConnectionSettings, InferenceClient, Secret

if TYPE_CHECKING:
    from inferctl import ClusterInfo


def sync_client() -> None:
    with InferenceClient("https://h", api_key=("id", Secret("key"))) as client:
        assert_type(client.get(), dict[str, Any])
        assert_type(client.put(inference_id="a", body={"service": "openai"}), dict[str, Any])
        assert_type(client.read_only(), InferenceClient)
        info: ClusterInfo = client.info()
        assert_type(info.version, str)
        client.get("rerank")  # type: ignore[call-arg]  # keyword-only
    assert_type(ConnectionSettings.from_environment({}).api_key, Secret | None)


async def async_client() -> None:
    async with AsyncInferenceClient("https://h", bearer_auth="t") as client:
        assert_type(client, AsyncInferenceClient)
        assert_type(await client.inference(inference_id="a", input=["x"]), dict[str, Any])
        assert_type(client.guarding([Secret("key")]), AsyncInferenceClient)
        client.get()  # type: ignore[unused-coroutine]  # a forgotten await is seen
