"""Inference, and what is refused before a model is asked."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import elser, openai

from .endpoints import SPARSE
from .row import Ask, Row

REFUSED = "action_request_validation_exception"
PARSE = "x_content_parse_exception"
CHAT = Ask("PUT", "/_inference/chat_completion/ep", openai(model_id="gpt-4o-mini"))
COMPLETION = Ask("PUT", "/_inference/completion/ep", openai(model_id="gpt-4o-mini"))
VECTORS = Ask("PUT", "/_inference/text_embedding/ep", openai())
RERANK = Ask("PUT", "/_inference/rerank/ep", elser(model_id=".rerank-v1"))
WORD = {"query": "q", "input": ["a", "b"]}


def ask(task: str, body: Any, inference_id: str = "ep") -> Ask:
    return Ask("POST", f"/_inference/{task}/{inference_id}", body)


def refused(text: str) -> str:
    return f"Validation Failed: 1: {text};"


ROWS = [
    Row("one input", "request", ask("text_embedding", {"input": "a"}), shows={"text_embedding.#": 1}, first=(VECTORS,)),
    Row(
        "several inputs",
        "dense",
        ask("text_embedding", {"input": ["a", "b", "c"]}),
        shows={"text_embedding.#": 3},
        first=(VECTORS,),
    ),
    Row(
        "no input",
        "request",
        ask("text_embedding", {}),
        400,
        REFUSED,
        refused("Field [input] cannot be null"),
        first=(VECTORS,),
    ),
    Row(
        "an empty list of inputs",
        "request",
        ask("text_embedding", {"input": []}),
        400,
        REFUSED,
        refused("Field [input] cannot be an empty array"),
        first=(VECTORS,),
    ),
    Row("rerank", "request", ask("rerank", WORD), shows={"rerank.#": 2}, first=(RERANK,)),
    Row(
        "rerank without a query",
        "request",
        ask("rerank", {"input": ["a"]}),
        400,
        REFUSED,
        refused("Field [query] cannot be null for task type [rerank]"),
        until="9.4",
        first=(RERANK,),
    ),
    Row(
        "rerank with an empty query",
        "request",
        ask("rerank", {"input": ["a"], "query": ""}),
        400,
        REFUSED,
        refused("Field [query] cannot be empty for task type [rerank]"),
        until="9.4",
        first=(RERANK,),
    ),
    Row(
        "rerank of its own without a query",
        "rerank",
        ask("rerank", {"input": ["a"]}),
        400,
        REFUSED,
        refused("Field [query] cannot be null"),
        since="9.5",
        first=(RERANK,),
    ),
    Row(
        "rerank of its own with an empty query",
        "rerank",
        ask("rerank", {"input": ["a"], "query": ""}),
        400,
        REFUSED,
        refused("Field [query] cannot be empty"),
        since="9.5",
        first=(RERANK,),
    ),
    Row(
        "rerank of its own with no documents wanted",
        "rerank",
        ask("rerank", {**WORD, "top_n": 0}),
        400,
        REFUSED,
        refused("Field [top_n] must be greater than or equal to 1"),
        since="9.5",
        first=(RERANK,),
    ),
    Row(
        "rerank of its own with three mistakes",
        "rerank",
        ask("rerank", {"input": [], "top_n": -1}),
        400,
        REFUSED,
        "Validation Failed: 1: Field [input] cannot be an empty array;2: Field [query] cannot be null;"
        "3: Field [top_n] must be greater than or equal to 1;",
        since="9.5",
        first=(RERANK,),
        inferred="the order",
    ),
    Row(
        "rerank with no documents wanted, in older versions",
        "inference classes",
        ask("rerank", {**WORD, "top_n": 0}),
        since="8.19/9.1",
        until="9.4",
        first=(RERANK,),
        inferred="9.3 and 9.4, which could not be run",
    ),
    Row(
        "rerank of its own takes no input_type",
        "rerank",
        ask("rerank", {**WORD, "input_type": "search"}),
        400,
        PARSE,
        "[RerankRequest] unknown field [input_type]",
        since="9.5",
        first=(RERANK,),
        inferred="the text: the request has no such field",
    ),
    Row(
        "documents to rerank come with a number",
        "request of rerank",
        ask("rerank", {**WORD, "top_n": 1, "return_documents": True}),
        shows={"rerank.#": 1},
        since="8.19/9.1",
        first=(RERANK,),
    ),
    Row(
        "no number at the root yet",
        "inference classes",
        ask("rerank", {**WORD, "top_n": 1}),
        400,
        PARSE,
        "unknown field [top_n]",
        until="8.18/9.0",
        first=(RERANK,),
    ),
    Row(
        "a query without rerank passes",
        "inference classes",
        ask("text_embedding", {"input": "a", "query": "q"}),
        until="9.1",
        first=(VECTORS,),
    ),
    Row(
        "a query without rerank is refused",
        "query",
        ask("text_embedding", {"input": "a", "query": "q"}),
        400,
        REFUSED,
        "Field [query] cannot be specified for task type [text_embedding]",
        since="9.2",
        until="9.4",
        first=(VECTORS,),
        inferred="the release: two stored states of the suite have the text, the pull request was not found",
    ),
    Row(
        "a query without rerank is not known",
        "rerank",
        ask("text_embedding", {"input": "a", "query": "q"}),
        400,
        PARSE,
        "[cluster:internal/xpack/inference] unknown field [query]",
        since="9.5",
        first=(VECTORS,),
        inferred="the text: the request has no such field",
    ),
    Row(
        "a number without rerank",
        "request of rerank",
        ask("text_embedding", {"input": "a", "top_n": 1}),
        400,
        REFUSED,
        "Field [top_n] cannot be specified for task type [text_embedding]",
        since="8.19/9.1",
        until="9.4",
        first=(VECTORS,),
    ),
    Row(
        "documents without rerank",
        "request of rerank",
        ask("text_embedding", {"input": "a", "return_documents": True}),
        400,
        REFUSED,
        "Field [return_documents] cannot be specified for task type [text_embedding]",
        since="8.19/9.1",
        until="9.4",
        first=(VECTORS,),
    ),
    Row(
        "an input type for vectors",
        "input type",
        ask("text_embedding", {"input": "a", "input_type": "search"}),
        since="8.19/9.1",
        first=(VECTORS,),
        inferred="from which release",
    ),
    Row(
        "an input type for tokens",
        "input type",
        Ask("POST", "/_inference/sparse_embedding/ep", {"input": "a", "input_type": "search"}),
        400,
        REFUSED,
        "Field [input_type] cannot be specified for task type [sparse_embedding]",
        since="8.19/9.1",
        first=(Ask("PUT", "/_inference/sparse_embedding/ep", SPARSE),),
        inferred="from which release, and the words: a later state of the request's suite has them",
    ),
    Row(
        "an input type of the inside",
        "input type",
        ask("text_embedding", {"input": "a", "input_type": "internal_search"}),
        400,
        PARSE,
        "failed to parse field [input_type]",
        since="8.19/9.1",
        first=(VECTORS,),
        inferred="the outer text, and that a type of the inside is refused: no stored suite asks",
    ),
    Row(
        "another task type than the endpoint's",
        "transport",
        ask("sparse_embedding", {"input": "a"}),
        400,
        "status_exception",
        "Incompatible task_type, the requested type [sparse_embedding] does not match the model type [text_embedding]",
        first=(VECTORS,),
        inferred="the type",
    ),
    Row(
        "the parser has the name of the action",
        "inference classes",
        ask("text_embedding", {"input": "a", "foo": 1}),
        400,
        PARSE,
        "[cluster:monitor/xpack/inference] unknown field [foo]",
        until="8.17",
        first=(VECTORS,),
    ),
    Row(
        "the parser has the name of the inner action",
        "inference classes",
        ask("text_embedding", {"input": "a", "foo": 1}),
        400,
        PARSE,
        "[cluster:internal/xpack/inference] unknown field [foo]",
        since="8.18",
        first=(VECTORS,),
        inferred="9.3 and 9.4, which could not be run",
    ),
    Row(
        "a stream of completion",
        "crud",
        Ask("POST", "/_inference/completion/ep/_stream", {"input": ["a", "b"]}),
        reason="event: message\ndata: ",
        first=(COMPLETION,),
    ),
    Row(
        "a stream ends with a word",
        "crud",
        Ask("POST", "/_inference/completion/ep/_stream", {"input": ["a", "b"]}),
        reason="data: [DONE]\n\n",
        first=(COMPLETION,),
    ),
    Row(
        "a stream of chat completion",
        "crud",
        Ask(
            "POST",
            "/_inference/chat_completion/ep/_stream",
            {"messages": [{"role": "user", "content": "a"}]},
        ),
        reason="chat.completion.chunk",
        since="8.18",
        first=(CHAT,),
    ),
    Row(
        "a chat without messages",
        "chat",
        Ask("POST", "/_inference/chat_completion/ep/_stream", {"messages": []}),
        400,
        REFUSED,
        refused("Field [messages] cannot be an empty array"),
        since="8.18",
        first=(CHAT,),
    ),
    Row(
        "a provider that refuses the key",
        "openai",
        ask("completion", {"input": "a"}),
        401,
        "status_exception",
        "Received an authentication error status code for request from inference entity id [ep] status [401]",
        first=(COMPLETION, Ask("POST", "/_emulator/provider", {"outcome": "401"})),
        inferred="the text, and that the provider's status is passed on: the suite asks for it in a stream",
    ),
]
for _status, _since, _until in ((408, "8.17", "9.3"), (504, "9.4", "9.4.0"), (429, "9.4.1", "")):
    ROWS.append(
        Row(
            f"a provider that is too slow, answered with {_status}",
            {408: "timeout 408", 504: "timeout 504", 429: "timeout 429"}[_status],
            ask("completion", {"input": "a"}),
            _status,
            since=_since,
            until=_until,
            first=(COMPLETION, Ask("POST", "/_emulator/provider", {"outcome": "timeout"})),
            inferred="which patch of the line has it first: 429 was back-ported to 9.4 (#148142) and 9.3 (#148204) in May 2026; 8.17 may answer 503 too",
        )
    )
