"""Perform inference (inference.md): request rules (malformed.md#inference-requests) and deterministic answers."""

import hashlib
import re
from typing import Any

from . import in_cluster, region_policy
from .cluster import Cluster, Endpoint
from .errors import (
    ApiError,
    Cause,
    ChatError,
    StreamError,
    bad_request,
    endpoint_not_found,
    illegal_argument,
    licence_error,
    request_validation,
    status_error,
    timeout_error,
)
from .json_text import dumps, parse_value, without_comments
from .object_parser import INT, Entry, ObjectText, bad_value, caused_by, token
from .profiles import Profile
from .provider import ProviderFailure, vector_length
from .services.schema import DENSE

JsonObject = dict[str, Any]

INPUT_TYPES = {"ingest", "search", "classification", "clustering", "unspecified"}
CHAT_FIELDS = {
    "messages",
    "model",
    "max_completion_tokens",
    "stop",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
    "reasoning",
}
INTERNAL_INPUT_TYPES = {"internal_search", "internal_ingest"}
_TIME = re.compile(r"-?\d+(\.\d+)?(nanos|micros|ms|s|m|h|d)")


def read_request(profile: Profile, task_type: str | None, body: bytes) -> JsonObject:
    """Parse the body before anything else is looked at (malformed.md#inference-requests)."""
    value = parse_value(body, end_of_file_type=profile.end_of_file_type)
    own_rerank = profile.rerank_request and task_type == "rerank"
    parser = "RerankRequest" if own_rerank else profile.inference_parser
    if task_type == "chat_completion":
        parser = "UnifiedCompletionRequest"
    text = without_comments(body)
    request = ObjectText(parser, text, len(text) - len(text.lstrip()))
    if not isinstance(value, dict):
        raise request.error(request.at, f"Expected START_OBJECT but was: {token(value)}")
    if task_type == "chat_completion":
        _check_chat(request, value)
        return value
    known = {"input", "query", "task_settings", "timeout"}
    if profile.inference_root_fields:
        known |= {"input_type", "return_documents", "top_n"}
    if own_rerank:
        known -= {"input_type"}
    elif profile.rerank_request and task_type not in {None, "any"}:
        known -= {"query", "return_documents", "top_n"}
    for entry in request.entries():
        if entry.name not in known:
            raise request.unknown(entry, known)
        _check_field(request, entry)
    return value


def _check_field(request: ObjectText, entry: Entry) -> None:
    value = entry.value
    match entry.name:
        case "input":
            _check_input(request, entry)
        case "input_type":
            _check_input_type(request, entry)
        case "top_n":
            request.whole(entry, INT)
        case "task_settings":
            if not isinstance(value, dict):
                raise request.wrong_type(entry)
        case "return_documents":
            if not isinstance(value, bool) and value not in ("true", "false"):
                raise request.wrong_type(entry)
        case _:
            if not isinstance(value, str):
                raise request.wrong_type(entry)
            if entry.name == "timeout" and not _TIME.fullmatch(value):
                text = f"failed to parse setting [timeout] with value [{value}] as a time value: "
                raise request.failed(entry, bad_value(text + "unit is missing or unrecognized"))


def _check_input(request: ObjectText, entry: Entry) -> None:
    if not isinstance(entry.value, list):
        if not isinstance(entry.value, str):
            raise request.wrong_type(entry)
        return
    for item, start, _ in request.items(entry):
        if isinstance(item, list):
            cause = Cause("illegal_state_exception", "expected value but got [START_ARRAY]", elastic=False)
            raise request.failed(entry, cause, start)
        if item is None or isinstance(item, dict):
            words = f"Expected text at {request.place(start)} but found {token(item)}"
            raise request.failed(entry, bad_value(words), start)


def _check_input_type(request: ObjectText, entry: Entry) -> None:
    if not isinstance(entry.value, str):
        raise request.wrong_type(entry)
    word = entry.value.strip().lower()
    if word in INPUT_TYPES:
        return
    text = (
        f"Unrecognized input_type [{word}]"
        if word in INTERNAL_INPUT_TYPES
        else f"No enum constant org.elasticsearch.inference.InputType.{word.upper()}"
    )
    raise request.failed(entry, bad_value(text))


def _check_chat(request: ObjectText, value: JsonObject) -> None:
    for entry in request.entries():
        if entry.name not in CHAT_FIELDS:
            raise request.unknown(entry, CHAT_FIELDS)
        if entry.name == "messages":
            _check_messages(request, entry)
    if "messages" not in value:
        raise illegal_argument("Required [messages]")


def _check_messages(request: ObjectText, entry: Entry) -> None:
    if not isinstance(entry.value, list):
        raise request.wrong_type(entry)
    items = request.items(entry)
    for item, start, end in items:
        message, at, last, there = item, start, end, ""
        if not isinstance(item, dict):  # passed over: the parser takes what comes next for the message
            message, at, last = next(items, (None, request.end_of(entry), 0))
            there = token(message) if last else "END_ARRAY"
        if not isinstance(message, dict):
            wrong = ObjectText("Message", request.text).error(at, f"Expected START_OBJECT but was: {there}")
            raise request.failed(entry, caused_by(wrong), at)
        if "role" not in message:
            raise request.failed(entry, bad_value("Required [role]"), last - 1)


def validate(profile: Profile, task_type: str | None, request: JsonObject) -> None:
    """Request validation; it uses the task type of the URL (inference.md)."""
    if task_type == "chat_completion":
        if not request["messages"]:
            raise request_validation(["Field [messages] cannot be an empty array"])
        return
    problems = []
    given = request.get("input")
    if given is None:
        problems.append("Field [input] cannot be null")
    elif given == []:
        problems.append("Field [input] cannot be an empty array")
    if profile.rerank_request and task_type == "rerank":
        problems += _rerank_problems(request)
    else:
        problems += _misplaced(profile, task_type or "any", request)
    if problems:
        raise request_validation(problems)


def _rerank_problems(request: JsonObject) -> list[str]:
    """What rerank demands where it has a request of its own."""
    query = request.get("query")
    problems = [] if query else [f"Field [query] cannot be {'null' if query is None else 'empty'}"]
    if int(request.get("top_n", 1)) < 1:
        problems.append("Field [top_n] must be greater than or equal to 1")
    return problems


def _misplaced(profile: Profile, task: str, request: JsonObject) -> list[str]:
    """What rerank demands and what it alone may have."""
    problems = []
    query = request.get("query")
    if task == "rerank" and not query:
        state = "null" if query is None else "empty"
        problems.append(f"Field [query] cannot be {state} for task type [rerank]")
    elif task not in {"any", "rerank"}:
        names = ["return_documents", "top_n"] + (["query"] if profile.query_only_for_rerank else [])
        problems += [f"Field [{name}] cannot be specified for task type [{task}]" for name in names if name in request]
    unspecified = str(request.get("input_type", "unspecified")).strip().lower() == "unspecified"
    if not unspecified and task not in {"any", *DENSE}:
        problems.append(f"Field [input_type] cannot be specified for task type [{task}]")
    return problems


def infer(cluster: Cluster, task_type: str | None, inference_id: str, request: JsonObject) -> JsonObject:
    """Answer an inference request."""
    endpoint = _ready(cluster, task_type, inference_id)
    if endpoint.task_type == "chat_completion":
        raise bad_request("chat_completion is only available through the _stream route")
    length = _ask(cluster, endpoint)
    given = request["input"]
    texts = [str(item) for item in (given if isinstance(given, list) else [given])]
    match endpoint.task_type:
        case "text_embedding":
            name = "text_embedding"
            return _vectors(name, endpoint, texts, length)
        case "embedding":
            return _vectors("embeddings", endpoint, texts, length)
        case "sparse_embedding":
            return {"sparse_embedding": [_sparse(text) for text in texts]}
        case "rerank":
            return {"rerank": _rerank(endpoint, request, texts)}
        case _:
            return {"completion": [{"result": f"echo: {text}"} for text in texts]}


def stream(cluster: Cluster, task_type: str | None, inference_id: str, request: JsonObject) -> bytes:
    """Server-sent events of the `_stream` route (inference.md)."""
    try:
        endpoint = _ready(cluster, task_type, inference_id)
        service = cluster.service_of(endpoint)
        if endpoint.task_type not in service.streams or service.in_cluster:
            raise status_error(
                405,
                f"Streaming is not allowed for service [{endpoint.service}] and task [{endpoint.task_type}]. "
                f"Supported tasks: [{', '.join(t for t in service.streams if t in service.tasks)}]",
            )
        _ask(cluster, endpoint)
    except ApiError as error:
        raise refused_stream(task_type, error) from None
    if endpoint.task_type == "chat_completion":
        last = request["messages"][-1].get("content") or ""
        chunks = [_chunk({"role": "assistant", "content": f"echo: {last}"}), _chunk({})]
    else:
        given = request["input"]
        texts = given if isinstance(given, list) else [given]
        chunks = [{"completion": [{"delta": f"echo: {text}"}]} for text in texts]
    events = [f"event: message\ndata: {dumps(chunk)}\n\n" for chunk in chunks]
    return ("".join(events) + "event: message\ndata: [DONE]\n\n").encode()


def refused_stream(task_type: str | None, error: ApiError) -> ApiError:
    """The same error, as an event. Chat completions have an envelope of their own."""
    body = ChatError(error.status, error.kind, error.reason).body() if task_type == "chat_completion" else error.body()
    return StreamError(error, f"event: error\ndata: {dumps(body)}\n\n".encode())


def _chunk(delta: JsonObject) -> JsonObject:
    choice = {"delta": delta, "index": 0}
    return {"id": "emulated", "choices": [choice], "model": "emulated", "object": "chat.completion.chunk"}


def _ready(cluster: Cluster, task_type: str | None, inference_id: str) -> Endpoint:
    if cluster.profile.licence_before_lookup and not cluster.licensed:
        raise licence_error()
    endpoint = cluster.endpoint(inference_id)
    if endpoint is None:
        raise endpoint_not_found(inference_id)
    if task_type not in {None, "any", endpoint.task_type}:
        raise bad_request(
            f"Incompatible task_type, the requested type [{task_type}] does not match "
            f"the model type [{endpoint.task_type}]"
        )
    if cluster.service(endpoint.service) is None:
        raise bad_request(f"Unknown service [{endpoint.service}] for model [{inference_id}]")
    if not cluster.licensed and endpoint.service != "elastic":
        raise licence_error()
    return endpoint


def _ask(cluster: Cluster, endpoint: Endpoint) -> int:
    service = cluster.service_of(endpoint)
    settings = endpoint.service_settings
    if service.in_cluster:
        in_cluster.use(cluster, endpoint)
        return int(settings.get("dimensions") or vector_length(settings, service.vector))
    try:
        region_policy.check(cluster, endpoint.inference_id, service.name, settings)
        answer = cluster.ask_provider(
            "inference", endpoint.inference_id, service.name, endpoint.secrets, timeout_s=30.0
        )
    except ProviderFailure as failure:
        if failure.timed_out:
            raise timeout_error(cluster.profile.timeout_status, str(failure)) from None
        raise status_error(failure.status, failure.cause.reason) from None
    return int(answer.dimensions or settings.get("dimensions") or vector_length(settings, service.vector))


def _numbers(text: str, count: int) -> list[int]:
    """Bytes that depend on the text only: the same text always gives the same vector."""
    result: list[int] = []
    block = 0
    while len(result) < count:
        result.extend(hashlib.sha256(f"{block}:{text}".encode()).digest())
        block += 1
    return result[:count]


def _vectors(name: str, endpoint: Endpoint, texts: list[str], length: int) -> JsonObject:
    settings = endpoint.service_settings
    kind = settings.get("embedding_type") or settings.get("element_type") or "float"
    if kind in {"bit", "binary"}:
        rows = [[n - 128 for n in _numbers(text, max(length // 8, 1))] for text in texts]
        return {f"{name}_bits": [{"embedding": row} for row in rows]}
    if kind in {"byte", "int8"}:
        rows = [[n - 128 for n in _numbers(text, length)] for text in texts]
        return {f"{name}_bytes": [{"embedding": row} for row in rows]}
    floats = [[(n - 127.5) / 127.5 for n in _numbers(text, length)] for text in texts]
    return {name: [{"embedding": [round(n, 6) for n in row]} for row in floats]}


def _sparse(text: str) -> JsonObject:
    words = dict.fromkeys(re.findall(r"\w+", text.lower()))
    weights = {word: round(0.5 + _numbers(word, 1)[0] / 256, 4) for word in words}
    ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return {"is_truncated": False, "embedding": dict(ordered)}


def _rerank(endpoint: Endpoint, request: JsonObject, texts: list[str]) -> list[JsonObject]:
    wanted = set(re.findall(r"\w+", str(request.get("query", "")).lower()))
    task_settings = endpoint.task_settings | (request.get("task_settings") or {})
    documents = request.get("return_documents", task_settings.get("return_documents", False))
    rows = []
    for index, text in enumerate(texts):
        words = set(re.findall(r"\w+", text.lower()))
        overlap = len(words & wanted) / (len(words | wanted) or 1)
        row: JsonObject = {"index": index, "relevance_score": round(overlap + _numbers(text, 1)[0] / 10000, 6)}
        if str(documents).lower() == "true":
            row["text"] = text
        rows.append(row)
    rows.sort(key=lambda row: -row["relevance_score"])
    top = int(request.get("top_n") or task_settings.get("top_n") or 0)
    return rows[:top] if top else rows
