"""Perform inference: answers, request rules, validation, streams (inference.md, malformed.md#inference-requests)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from inferctl.emulator.provider import ProviderRule

from .api import KEY, Api, elser, in_each, known, openai, rerank, versions

COHERE = {"service": "cohere", "service_settings": {"api_key": KEY, "model_id": "m"}}
BODIES = {
    "text_embedding": openai(),
    "sparse_embedding": elser(),
    "rerank": COHERE,
    "completion": openai(),
}


def ready(version: str, *tasks: str) -> Api:
    """A cluster with one endpoint per task type, named after it."""
    api = Api(version)
    for task in tasks or BODIES:
        api.put(task, task.replace("_", "-"), BODIES.get(task, openai()))
    return api


def infer(api: Api, task: str, body: Any, *, typed: bool = True) -> Any:
    name = task.replace("_", "-")
    return api("POST", f"/_inference/{task}/{name}" if typed else f"/_inference/{name}", body)


# --- answers


@pytest.mark.parametrize("typed", [True, False])
@in_each()
def test_shapes(version: str, typed: bool) -> None:
    """inference.md: one shape per task type, on both paths."""
    api = ready(version)
    vectors = infer(api, "text_embedding", {"input": ["a", "b"]}, typed=typed).body
    assert list(vectors) == ["text_embedding"]
    assert [len(row["embedding"]) for row in vectors["text_embedding"]] == [1536, 1536]
    assert all(isinstance(n, float) for n in vectors["text_embedding"][0]["embedding"])
    sparse = infer(api, "sparse_embedding", {"input": "some words"}, typed=typed).body
    ((row,),) = sparse.values()
    assert list(sparse) == ["sparse_embedding"]
    assert row["is_truncated"] is False
    assert set(row["embedding"]) == {"some", "words"}
    text = infer(api, "completion", {"input": "hello"}, typed=typed).body
    assert list(text) == ["completion"]
    assert isinstance(text["completion"][0]["result"], str)
    ranked = infer(api, "rerank", {"input": ["a b", "c", "c d"], "query": "c"}, typed=typed).body["rerank"]
    scores = [row["relevance_score"] for row in ranked]
    assert scores == sorted(scores, reverse=True)
    assert sorted(row["index"] for row in ranked) == [0, 1, 2]
    assert ranked[0]["index"] == 1
    assert "text" not in ranked[0]


def test_deterministic(api: Api) -> None:
    """inference.md: the same text gives the same vector, another text another one."""
    api.put("text_embedding", "ep", openai())
    one = api("POST", "/_inference/ep", {"input": ["a", "b", "a"]}).body["text_embedding"]
    assert one[0] == one[2]
    assert one[0] != one[1]
    assert api("POST", "/_inference/ep", {"input": "a"}).body["text_embedding"][0] == one[0]


@pytest.mark.parametrize(
    ("embedding_type", "name", "length"),
    [
        ("float", "text_embedding", 16),
        ("int8", "text_embedding_bytes", 16),
        ("byte", "text_embedding_bytes", 16),
        ("bit", "text_embedding_bits", 2),
        ("binary", "text_embedding_bits", 2),
    ],
)
def test_bytes_and_bits(api: Api, embedding_type: str, name: str, length: int) -> None:
    """inference.md: `text_embedding_bytes` and `text_embedding_bits`."""
    settings = {**COHERE["service_settings"], "embedding_type": embedding_type, "dimensions": 16}  # type: ignore[dict-item]
    api.put("text_embedding", "ep", {"service": "cohere", "service_settings": settings})
    body = api("POST", "/_inference/ep", {"input": "a"}).body
    assert list(body) == [name]
    numbers = body[name][0]["embedding"]
    assert len(numbers) == length
    assert all(-128 <= n <= 127 for n in numbers)


def test_embedding_task_has_its_own_names() -> None:
    """inference.md: `embeddings` for the multimodal task."""
    api = Api("9.5")
    api.put("embedding", "ep", openai())
    assert list(api("POST", "/_inference/ep", {"input": "a"}).body) == ["embeddings"]


@in_each()
def test_rerank_options(version: str) -> None:
    """inference.md: `text` only with return_documents; `top_n`; before 8.19 and 9.1 both inside task_settings."""
    api = ready(version, "rerank")
    body: dict[str, Any] = {"input": ["a", "b", "c"], "query": "b"}
    options: dict[str, Any] = {"return_documents": True, "top_n": 2}
    body |= options if known(version, "8.19/9.1") else {"task_settings": options}
    rows = infer(api, "rerank", body).body["rerank"]
    assert len(rows) == 2
    assert (rows[0]["index"], rows[0]["text"]) == (1, "b")


def test_task_settings_of_the_endpoint_count(api: Api) -> None:
    """inference.md: the in-cluster reranker returns documents by default (create.md#defaults)."""
    api.put("rerank", "ep", rerank())
    assert api("POST", "/_inference/rerank/ep", {"input": ["x"], "query": "x"}).body["rerank"][0]["text"] == "x"


def test_java_floats(api: Api) -> None:
    """inference.md: floats keep their decimal point on the wire."""
    api.put("rerank", "ep", COHERE)
    raw = api("POST", "/_inference/rerank/ep", {"input": ["a"], "query": "a"}).raw
    assert b'"relevance_score":' in raw
    assert b"." in raw.split(b'"relevance_score":')[1]


# --- request rules (inference.md, malformed.md#inference-requests)

FIELDS: list[tuple[str, str, Any, str | None]] = [
    ("input", "text_embedding", "a", None),
    ("input", "text_embedding", "", None),
    ("input", "text_embedding", ["a", "b"], None),
    ("input", "text_embedding", ["a", 1], None),
    ("input", "text_embedding", 3, "input doesn't support values of type: VALUE_NUMBER"),
    ("input", "text_embedding", None, "input doesn't support values of type: VALUE_NULL"),
    ("input", "text_embedding", True, "input doesn't support values of type: VALUE_BOOLEAN"),
    ("input", "text_embedding", {"a": 1}, "input doesn't support values of type: START_OBJECT"),
    ("input", "text_embedding", ["a", None], "failed to parse field [input]"),
    ("input", "text_embedding", ["a", ["b"]], "failed to parse field [input]"),
    ("task_settings", "text_embedding", {}, None),
    ("task_settings", "text_embedding", {"unknown": 1}, None),
    ("task_settings", "text_embedding", "x", "task_settings doesn't support values of type: VALUE_STRING"),
    ("timeout", "text_embedding", "5s", None),
    ("timeout", "text_embedding", 5, "timeout doesn't support values of type: VALUE_NUMBER"),
    ("timeout", "text_embedding", "5", "failed to parse field [timeout]"),
    ("query", "rerank", "q", None),
    ("query", "rerank", 3, "query doesn't support values of type: VALUE_NUMBER"),
    ("foo", "text_embedding", 1, "unknown field [foo]"),
    ("service_settings", "text_embedding", {}, "unknown field [service_settings] did you mean [task_settings]?"),
]
NEW_FIELDS: list[tuple[str, str, Any, str | None]] = [
    *[
        ("input_type", "text_embedding", word, None)
        for word in ("ingest", "SEARCH", "Classification", "clustering", "unspecified")
    ],
    ("input_type", "text_embedding", "zzz", "failed to parse field [input_type]"),
    ("input_type", "text_embedding", "internal_search", "failed to parse field [input_type]"),
    ("input_type", "text_embedding", None, "input_type doesn't support values of type: VALUE_NULL"),
    ("top_n", "rerank", 3, None),
    ("top_n", "rerank", "3", None),
    ("top_n", "rerank", "x", "failed to parse field [top_n]"),
    ("return_documents", "rerank", True, None),
    ("return_documents", "rerank", "true", None),
    ("return_documents", "rerank", 1, "return_documents doesn't support values of type: VALUE_NUMBER"),
    ("return_documents", "rerank", [True], "return_documents doesn't support values of type: START_ARRAY"),
]


def parser(version: str, task: str) -> str:
    if task == "rerank" and known(version, "9.5"):
        return "RerankRequest"
    return "cluster:internal/xpack/inference" if known(version, "8.18") else "cluster:monitor/xpack/inference"


def check_field(version: str, name: str, task: str, value: Any, error: str | None) -> None:
    base = {"input": "a", "query": "q"} if task == "rerank" else {"input": "a"}
    answer = infer(ready(version, task), task, {**base, name: value})
    if error is None:
        assert answer.status == 200
        return
    assert (answer.status, answer.type) == (400, "x_content_parse_exception")
    assert answer.reason.startswith("[1:")
    assert answer.reason.split("] ", 1)[1] == f"[{parser(version, task)}] {error}"


@in_each()
@pytest.mark.parametrize(("name", "task", "value", "error"), FIELDS)
def test_field(version: str, name: str, task: str, value: Any, error: str | None) -> None:
    """inference.md, malformed.md#inference-requests, emulating.md#conformance item 26."""
    check_field(version, name, task, value, error)


@in_each()
@pytest.mark.parametrize(("name", "task", "value", "error"), NEW_FIELDS)
def test_root_field(version: str, name: str, task: str, value: Any, error: str | None) -> None:
    """inference.md: at the root from 8.19 and 9.1, unknown on 8.18.0 and 9.0.0."""
    if not known(version, "8.19/9.1"):
        error = f"unknown field [{name}]"
    check_field(version, name, task, value, error)


@pytest.mark.parametrize(
    ("word", "cause"),
    [
        ("internal_search", "Unrecognized input_type [internal_search]"),
        ("internal_ingest", "Unrecognized input_type [internal_ingest]"),
        ("zzz", "No enum constant org.elasticsearch.inference.InputType.ZZZ"),
    ],
)
def test_cause_of_a_bad_input_type(word: str, cause: str) -> None:
    """malformed.md#inference-requests: the cause is named; it is no Elasticsearch exception, so it is no root cause."""
    answer = infer(ready("9.1", "text_embedding"), "text_embedding", {"input": "a", "input_type": word})
    assert answer.error["caused_by"] == {"type": "illegal_argument_exception", "reason": cause}
    assert answer.error["root_cause"][0]["type"] == "x_content_parse_exception"


@pytest.mark.parametrize(
    ("task", "body", "reason", "cause"),
    [
        ("any", b"[]", "[1:1] [cluster:internal/xpack/inference] Expected START_OBJECT but was: START_ARRAY", ""),
        ("any", b'{"input":"a",\n "foo":1}', "[2:2] [cluster:internal/xpack/inference] unknown field [foo]", ""),
        ("any", b'{ "inputs" : 1}', "[1:3] [cluster:internal/xpack/inference] unknown field [inputs] did you mean [input]?", ""),
        ("any", b'{"input":3}', "[1:10] [cluster:internal/xpack/inference] input doesn't support values of type: VALUE_NUMBER", ""),
        ("any", b'{"input":["a", null]}', "[1:16] [cluster:internal/xpack/inference] failed to parse field [input]", "Expected text at 1:16 but found VALUE_NULL"),
        ("any", b'{"input":["a",["b"]]}', "[1:15] [cluster:internal/xpack/inference] failed to parse field [input]", "expected value but got [START_ARRAY]"),
        ("any", b'{"input":"a","timeout":5}', "[1:24] [cluster:internal/xpack/inference] timeout doesn't support values of type: VALUE_NUMBER", ""),
        ("chat_completion", b'{"messages":[{"content":"a"}]}', "[1:28] [UnifiedCompletionRequest] failed to parse field [messages]", "Required [role]"),
        ("chat_completion", b'{"messages":[1]}', "[1:15] [UnifiedCompletionRequest] failed to parse field [messages]", "[1:15] [Message] Expected START_OBJECT but was: END_ARRAY"),
        ("chat_completion", b'{"messages":[{"content":"a","role":"user"}],"stream":true}', "[1:45] [UnifiedCompletionRequest] unknown field [stream]", ""),
    ],
)  # fmt: skip
def test_positions(task: str, body: bytes, reason: str, cause: str) -> None:
    """malformed.md#object-parsers: as the request classes of 9.5.3 answer these bytes."""
    route = "_stream" if task == "chat_completion" else ""
    answer = Api("9.5")("POST", f"/_inference/{task}/nobody/{route}".rstrip("/"), body)
    assert answer.status == 400
    assert reason in answer.raw.decode().replace("\\", "")
    assert cause in answer.raw.decode()


PROBLEMS: list[tuple[str, Any, str]] = [
    ("text_embedding", {}, "Field [input] cannot be null"),
    ("text_embedding", {"input": []}, "Field [input] cannot be an empty array"),
    ("rerank", {"input": "a"}, "Field [query] cannot be null for task type [rerank]"),
    ("rerank", {"input": "a", "query": ""}, "Field [query] cannot be empty for task type [rerank]"),
]


@in_each()
@pytest.mark.parametrize(("task", "body", "problem"), PROBLEMS)
def test_validation(version: str, task: str, body: Any, problem: str) -> None:
    """inference.md: after the parser, before the lookup; it uses the task type of the URL."""
    if known(version, "9.5"):  # rerank has a request of its own
        problem = problem.removesuffix(" for task type [rerank]")
    answer = Api(version)("POST", f"/_inference/{task}/nobody", body)
    assert answer.brief() == (400, "action_request_validation_exception", f"Validation Failed: 1: {problem};")


MISPLACED = [
    ("return_documents", True, "completion"),
    ("top_n", 3, "text_embedding"),
    ("top_n", 3, "sparse_embedding"),
    ("query", "q", "text_embedding"),
    ("query", "q", "completion"),
    ("input_type", "search", "completion"),
    ("input_type", "search", "sparse_embedding"),
    ("input_type", "search", "rerank"),
]


@in_each(versions("8.19/9.1"))
@pytest.mark.parametrize(("name", "value", "task"), MISPLACED)
def test_misplaced_field(version: str, name: str, value: Any, task: str) -> None:
    """inference.md: query passes on 9.1, is refused from 9.2; on 9.5 rerank's fields are unknown to the other tasks."""
    body: dict[str, Any] = {"input": "a", name: value}
    if task == "rerank":
        body["query"] = "q"
    answer = infer(ready(version, task), task, body)
    rerank_only = name in {"query", "top_n", "return_documents"}
    if name == "query" and not known(version, "9.2"):
        assert answer.status == 200
    elif known(version, "9.5") and (rerank_only or task == "rerank"):
        assert answer.type == "x_content_parse_exception"
        assert answer.reason.endswith(f"unknown field [{name}]")
    else:
        problem = f"Field [{name}] cannot be specified for task type [{task}]"
        assert answer.brief() == (400, "action_request_validation_exception", f"Validation Failed: 1: {problem};")


@in_each(versions("8.19/9.1"))
def test_unspecified_passes_everywhere(version: str) -> None:
    """malformed.md#inference-requests: the default of input_type; on 9.5 rerank does not know the key."""
    for task in ("completion", "sparse_embedding"):
        assert infer(ready(version, task), task, {"input": "a", "input_type": "unspecified"}).status == 200


@in_each(versions("8.19/9.1"))
def test_top_n_of_zero(version: str) -> None:
    """malformed.md#inference-requests: passes on 9.1; 9.5 wants one or more."""
    answer = infer(ready(version, "rerank"), "rerank", {"input": "a", "query": "q", "top_n": 0})
    if version in {"8.19", "9.1"}:
        assert answer.status == 200
    elif version == "9.5":
        assert answer.status == 400


@in_each()
def test_task_less_path_skips_rerank_checks(version: str) -> None:
    """inference.md: without the task type in the path, until 9.2.1."""
    if not known(version, "9.2"):
        assert infer(ready(version, "rerank"), "rerank", {"input": "a"}, typed=False).status == 200


# --- lookups and provider errors


@in_each()
def test_unknown_id(every: Api) -> None:
    """inference.md: as GET."""
    for path in ("/_inference/nobody", "/_inference/completion/nobody"):
        answer = every("POST", path, {"input": "a"})
        assert answer.brief() == (404, "resource_not_found_exception", "Inference endpoint not found [nobody]")


@in_each()
def test_other_task_type(version: str) -> None:
    """inference.md."""
    api = ready(version, "text_embedding")
    answer = api("POST", "/_inference/completion/text-embedding", {"input": "a"})
    reason = "Incompatible task_type, the requested type [completion] does not match the model type [text_embedding]"
    assert answer.brief() == (400, "status_exception", reason)


@in_each()
def test_no_body(every: Api) -> None:
    """malformed.md#inference-requests: POST without a body."""
    assert every("POST", "/_inference/ep").brief() == (400, "parse_exception", "request body is required")


@in_each()
def test_timeouts(version: str) -> None:
    """errors.md#status-codes: 408 up to 9.3, 504 on 9.4.0, 429 timeout_exception later."""
    api = ready(version, "completion")
    api.cluster.script_provider(ProviderRule("timeout"))
    answer = infer(api, "completion", {"input": "a"})
    if version == "9.5":
        assert (answer.status, answer.type, answer.error["timed_out"]) == (429, "timeout_exception", True)
        assert answer.header("X-Timed-Out") == "?1"
        assert answer.error["header"]["X-Timed-Out"] == "?1"
    else:
        assert answer.status == (504 if version == "9.4" else 408)


@pytest.mark.parametrize("outcome", ["401", "429", "500"])
@in_each()
def test_provider_errors(every: Api, outcome: str) -> None:
    """inference.md: here the provider's status is passed on."""
    every.put("completion", "ep", openai())
    every.cluster.script_provider(ProviderRule(outcome))
    answer = every("POST", "/_inference/ep", {"input": "a"})
    assert (answer.status, answer.type) == (int(outcome), "status_exception")
    assert f"for request from inference entity id [ep] status [{outcome}]" in answer.reason


@in_each()
def test_licence(every: Api) -> None:
    """errors.md#licence: checked for inference too."""
    every.put("completion", "ep", openai())
    every.cluster.licensed = False
    assert every("POST", "/_inference/ep", {"input": "a"}).status == 403
    first = known(every.version, "8.18", "9.2")
    assert every("POST", "/_inference/nope", {"input": "a"}).status == (403 if first else 404)


@in_each()
def test_default_endpoints_deploy_on_first_use(every: Api) -> None:
    """inference.md, read.md#preconfigured-endpoints."""
    assert every.cluster.deployments == {}
    assert every("POST", "/_inference/.elser-2-elasticsearch", {"input": "a"}).status == 200
    assert list(every.cluster.deployments) == [".elser-2-elasticsearch"]
    assert every.read(".elser-2-elasticsearch")["service_settings"]["num_allocations"] == 1


# --- streams


def events(raw: bytes) -> list[str]:
    blocks = raw.decode().removesuffix("\n\n").split("\n\n")
    rows = [block.split("\n") for block in blocks]
    assert all(row[0] == "event: message" and row[1].startswith("data: ") and len(row) == 2 for row in rows)
    return [row[1].removeprefix("data: ") for row in rows]


@in_each()
def test_completion_stream(every: Api) -> None:
    """inference.md: server-sent events with deltas, then [DONE]."""
    every.put("completion", "ep", openai())
    for path in ("/_inference/completion/ep/_stream", "/_inference/ep/_stream"):
        answer = every("POST", path, {"input": "hello"})
        *deltas, last = events(answer.raw)
        assert (answer.header("Content-Type") or "").startswith("text/event-stream")
        assert last == "[DONE]"
        assert all(list(json.loads(delta)) == ["completion"] for delta in deltas)
        assert all("delta" in json.loads(delta)["completion"][0] for delta in deltas)


CHAT = {"messages": [{"role": "user", "content": "hello"}]}


@in_each(versions("8.18"))
@pytest.mark.parametrize("content", ["hello", [{"type": "text", "text": "hello"}]])
def test_chat_stream(version: str, content: Any) -> None:
    """inference.md, malformed.md#inference-requests: chunks in the shape of OpenAI; content as text or as a list."""
    api = ready(version, "chat_completion")
    body = {"messages": [{"role": "user", "content": content}], "temperature": 0.1}
    answer = api("POST", "/_inference/chat_completion/chat-completion/_stream", body)
    assert answer.status == 200
    *chunks, last = events(answer.raw)
    assert last == "[DONE]"
    for chunk in map(json.loads, chunks):
        assert set(chunk) >= {"id", "choices", "model", "object"}
        assert chunk["object"] == "chat.completion.chunk"
        assert set(chunk["choices"][0]) >= {"delta", "index"}


CHAT_BAD = [
    ({}, "illegal_argument_exception", "Required [messages]"),
    ({"messages": []}, "action_request_validation_exception", "Field [messages] cannot be an empty array"),
    (
        {"messages": [{"content": "a"}]},
        "x_content_parse_exception",
        "[UnifiedCompletionRequest] failed to parse field [messages]",
    ),
    ({**CHAT, "stream": True}, "x_content_parse_exception", "[UnifiedCompletionRequest] unknown field [stream]"),
    ({**CHAT, "foo": 1}, "x_content_parse_exception", "[UnifiedCompletionRequest] unknown field [foo]"),
]


@in_each(versions("8.18"))
@pytest.mark.parametrize(("body", "kind", "words"), CHAT_BAD)
def test_chat_requests(version: str, body: Any, kind: str, words: str) -> None:
    """malformed.md#inference-requests: the last row."""
    api = ready(version, "chat_completion")
    answer = api("POST", "/_inference/chat_completion/chat-completion/_stream", body)
    assert answer.status == 400
    assert kind in answer.raw.decode()
    assert words in answer.raw.decode().replace("\\", "")


def test_role_is_the_cause(api: Api) -> None:
    """malformed.md#inference-requests: `Required [role]` in the cause."""
    answer = api("POST", "/_inference/chat_completion/ep/_stream", {"messages": [{"content": "a"}]})
    assert "Required [role]" in answer.error["caused_by"]["reason"]


@in_each(versions("8.18"))
def test_chat_errors_have_their_own_envelope(version: str) -> None:
    """inference.md: `code`, `message`, `type`, and no `status`."""
    answer = Api(version)("POST", "/_inference/chat_completion/nobody/_stream", CHAT)
    assert answer.status == 404
    assert answer.raw.startswith(b'event: error\ndata: {"error":{"code":"not_found",')
    assert list(answer.body) == ["error"]
    assert set(answer.error) >= {"code", "message", "type"}
    assert answer.error["message"] == "Inference endpoint not found [nobody]"
    assert answer.error["type"] == "resource_not_found_exception"


@in_each()
def test_streaming_unsupported(every: Api) -> None:
    """inference.md: 405 with the supported tasks."""
    every.put("text_embedding", "ep", openai())
    answer = every("POST", "/_inference/text_embedding/ep/_stream", {"input": "a"})
    assert (answer.status, answer.type) == (405, "status_exception")
    start = "Streaming is not allowed for service [openai] and task [text_embedding]. Supported tasks: ["
    assert answer.reason.startswith(start)
    assert answer.header("Content-Type") == "text/event-stream"
    assert re.fullmatch(rb'event: error\ndata: \{"error":\{.*\},"status":405\}\n\n', answer.raw)


@in_each()
def test_what_is_no_request_for_a_stream_is_an_event_too(every: Api) -> None:
    """inference.md#answers: once the body was read, errors are events; before, they are not."""
    path = "/_inference/completion/ep/_stream"
    refused = every("POST", path, {"input": []})
    assert (refused.status, refused.type) == (400, "action_request_validation_exception")
    assert refused.raw.startswith(b"event: error\ndata: {")
    unread = every("POST", path, {"input": 3})
    assert (unread.status, unread.header("Content-Type")) == (400, "application/json")


@in_each()
def test_data_of_events_has_no_spaces(every: Api) -> None:
    """inference.md#answers."""
    every.put("completion", "ep", openai())
    raw = every("POST", "/_inference/completion/ep/_stream", {"input": "hello"}).raw
    assert raw.startswith(b'event: message\ndata: {"completion":[{"delta":"echo: hello"}]}\n\n')
