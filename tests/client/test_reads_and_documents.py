"""The reconciler's calls: what they send, how they read the answer, and that planning can only read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inferctl import InferenceClient, WriteRefused, errors
from inferctl.client.request import Request
from inferctl.planner.health import Health, health_of
from inferctl.planner.passthrough import LiveCatalogue, LiveService

PRODUCT = {"X-elastic-product": "Elasticsearch"}


def client_for(*answers: tuple[int, Any]) -> tuple[InferenceClient, list[tuple[str, str, bytes | None]]]:
    seen: list[tuple[str, str, bytes | None]] = []
    left = list(answers)

    def handler(method: str, target: str, headers: object, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
        seen.append((method, target, body))
        status, value = left.pop(0)
        return status, PRODUCT, json.dumps(value).encode()

    return InferenceClient("http://x", transport=handler), seen


def found(*hits: dict[str, Any]) -> dict[str, Any]:
    """The whole answer of a search."""
    counted = {"total": {"value": len(hits), "relation": "eq"}, "hits": [*hits]}
    return {"hits": counted, "timed_out": False, "_shards": {"total": 2, "successful": 2, "failed": 0}}


def test_info() -> None:
    version = {"number": "9.1.0", "build_flavor": "serverless"}
    client, seen = client_for((200, {"cluster_name": "c", "cluster_uuid": "u", "version": version}), (200, {}))
    info = client.info()
    assert (info.name, info.uuid, info.version, info.is_serverless) == ("c", "u", "9.1.0", True)
    assert info.major_minor == (9, 1)
    assert seen[0][:2] == ("GET", "/")
    with pytest.raises(errors.UnexpectedAnswer, match="Elasticsearch"):
        client.info()


def test_absent_is_empty() -> None:
    missing = {"error": {"type": "resource_not_found_exception", "reason": "no"}, "status": 404}
    no_index = {"error": {"type": "index_not_found_exception", "reason": "no", "index": "i"}, "status": 404}
    client, _ = client_for((404, {}), (404, missing), (404, missing), (404, no_index))
    assert (client.pipelines(), client.index_templates(), client.component_templates()) == ({}, (), ())
    assert client.mappings(index="i") == {}
    client, _ = client_for((404, missing), (404, {"_id": "d", "found": False}), (404, no_index))
    assert (client.trained_model_stats("m"), client.get_document("i", "d"), client.get_document("i", "d")) == (
        (),
        None,
        None,
    )
    client, _ = client_for((404, {"_id": "d", "result": "not_found"}))
    assert client.delete_document("i", "d") is None


@pytest.mark.parametrize("call", ["search", "get_document", "delete_document", "pipelines", "trained_model_stats"])
def test_the_page_of_a_proxy_does_not_say_that_something_is_absent(call: str) -> None:
    page = (404, {"content-type": "text/html"}, b"<html>no route</html>")
    client = InferenceClient("http://x", transport=lambda *_: page)
    arguments = {"search": ["i"], "get_document": ["i", "d"], "delete_document": ["i", "d"]}.get(call, [])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        getattr(client, call)(*arguments)
    assert caught.value.may_have_happened is (call == "delete_document")


def test_services_and_models() -> None:
    status = {"allocation_count": 0, "target_allocation_count": 0, "state": "fully_allocated"}
    stats = {"deployment_id": "d", "state": "started", "allocation_status": status}
    client, _ = client_for(
        (200, [{"service": "openai"}]),
        (200, {"trained_model_stats": [{"model_id": "m", "deployment_stats": stats}, {"model_id": "n"}]}),
    )
    assert client.services("rerank") == ({"service": "openai"},)
    ready, absent = client.trained_model_stats()
    assert (health_of(ready), ready.deployment_id, absent.state, health_of(absent)) == (
        Health.ASLEEP,
        "d",
        "",
        Health.MISSING,
    )


def test_what_a_newer_server_adds_to_its_answers_is_let_by() -> None:
    """A chat without a stream, and `features` of services (docs/reference/server/requests.md, services.md)."""
    chat = {
        "id": "c", "object": "chat.completion", "model": "m", "usage": {"total_tokens": 3},
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}],
    }  # fmt: skip
    service = {"service": "openai", "task_types": ["chat_completion"], "features": {"chat_completion": ["tools"]}}
    client, _ = client_for((200, chat), (200, [service]), (200, {"services": [service], "features": {}}))
    messages = {"messages": [{"role": "user", "content": "x"}]}
    assert client.inference(task_type="chat_completion", inference_id="a", body=messages) == chat
    for _ in range(2):
        (listed,) = client.services()
        assert listed == service
        known = LiveCatalogue.read([listed]).services["openai"]
        assert known == LiveService("openai", frozenset({"chat_completion"}))


def test_privileges() -> None:
    answer = {
        "username": "u",
        "has_all_requested": False,
        "cluster": {"monitor": True, "manage_inference": False},
        "index": {"a*": {"read": False}},
    }
    client, seen = client_for((200, answer))
    held = client.has_privileges(cluster=["monitor"], index={"a*": ["read"]})
    assert (held.has_all, held.missing) == (False, ("a*: read", "manage_inference"))
    assert seen[0][0] == "GET"


def test_documents() -> None:
    written = {"_id": "d", "result": "created", "_seq_no": 3, "_primary_term": 1}
    client, seen = client_for(
        (201, {**written, "_id": "a/b"}),
        (200, written),
        (200, {"_id": "d", "_source": {"a": 1}, "_seq_no": 3, "_primary_term": 1}),
        (200, {"items": [{"index": {"_id": "d", "status": 409, "error": {"type": "t", "reason": "r"}}}]}),
        (200, found({"_id": "d", "_source": {}, "_seq_no": 1, "_primary_term": 1})),
        (409, {"error": {"type": "version_conflict_engine_exception", "reason": "x"}}),
    )
    assert client.create_document("i", "a/b", {"a": 1}, refresh="wait_for").result == "created"
    assert client.index_document("i", "d", {}, if_seq_no=3, if_primary_term=1).seq_no == 3
    document = client.get_document("i", "d")
    assert document is not None
    assert document.source == {"a": 1}
    (item,) = client.bulk([{"index": {"_id": "d"}}, {"a": 1}], index="i")
    assert (item.is_success, item.error) == (False, "t: r")
    assert len(client.search("i")) == 1
    with pytest.raises(errors.Conflict):
        client.create_document("i", "d", {})
    assert seen[0][1] == "/i/_create/a%2Fb?refresh=wait_for"
    assert seen[1][1] == "/i/_doc/d?if_primary_term=1&if_seq_no=3"
    assert seen[3][2] == b'{"index":{"_id":"d"}}\n{"a":1}\n'


@pytest.mark.parametrize(
    "part",
    [
        found() | {"timed_out": True},
        found() | {"_shards": {"total": 2, "successful": 1, "failed": 1}},
        found() | {"hits": {"total": {"value": 0, "relation": "eq"}}},
        found() | {"hits": {"total": {"value": 0, "relation": "eq"}, "hits": {}}},
        {},
    ],
)
def test_part_of_the_hits_is_no_answer(part: dict[str, Any]) -> None:
    client, _ = client_for((200, part))
    with pytest.raises(errors.UnexpectedAnswer):
        client.search("i")


def test_no_hits_are_an_answer() -> None:
    client, _ = client_for((200, found()))
    assert client.search("i") == ()


def test_planning_only_reads() -> None:
    client, seen = client_for((200, {}), (200, {}))
    reader = client.read_only()
    reader.get()
    reader.delete(inference_id="a", dry_run=True)
    sent = len(seen)
    for write in (
        lambda: reader.put(inference_id="a", body={}),
        lambda: reader.update(inference_id="a", body={}),
        lambda: reader.delete(inference_id="a"),
        lambda: reader.delete(inference_id="a", dry_run=False, force=True),
        lambda: reader.inference(inference_id="a", input="x"),
        lambda: reader.delete_document("i", "d"),
        lambda: reader.raw(Request("DELETE", "/i/_doc/d", (("dry_run", "true"),))),
        lambda: reader.raw(Request("DELETE", "/_inference/a", (("dry_run", "true"), ("dry_run", "false")))),
        lambda: reader.raw(Request("DELETE", "/_inference/a?x", (("dry_run", "true"),))),
        lambda: reader.raw(Request("POST", "/_search")),
    ):
        with pytest.raises(WriteRefused):
            write()
    assert len(seen) == sent
