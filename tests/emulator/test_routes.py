"""Routes, verbs and query parameters (requests.md#routes, requests.md#parameters)."""

from __future__ import annotations

import pytest

from .api import Api, in_each, known, openai

BAD_PARAMETER = "bad_parameter_exception"

OWN = [
    ("PUT", "/_inference/ep", "create, task type from the body"),
    ("PUT", "/_inference/text_embedding/ep", "create"),
    ("PUT", "/_inference/ep/_update", "update, task type from the body"),
    ("PUT", "/_inference/text_embedding/ep/_update", "update"),
    ("DELETE", "/_inference/ep", "delete"),
    ("DELETE", "/_inference/text_embedding/ep", "delete, typed"),
    ("GET", "/_inference", "list"),
    ("GET", "/_inference/_all", "list, _all"),
    ("GET", "/_inference/*", "list, star"),
    ("GET", "/_inference/ep", "read"),
    ("GET", "/_inference/text_embedding/ep", "read, typed"),
    ("GET", "/_inference/text_embedding/_all", "list of a task type"),
    ("GET", "/_inference/text_embedding/*", "list of a task type, star"),
    ("POST", "/_inference/ep", "infer"),
    ("POST", "/_inference/text_embedding/ep", "infer, typed"),
    ("POST", "/_inference/completion/ep/_stream", "stream"),
    ("GET", "/_inference/_services", "catalogue"),
    ("GET", "/_inference/_services/completion", "catalogue of a task type"),
]


@pytest.mark.parametrize(("method", "path"), [pytest.param(m, p, id=name) for m, p, name in OWN])
@in_each()
def test_route_is_known(every: Api, method: str, path: str) -> None:
    """requests.md#routes: a handler answers, whatever it says."""
    answer = every(method, path, {} if method in {"PUT", "POST"} else None)
    assert answer.status != 405
    assert not answer.brief()[2].startswith("no handler found")


@in_each()
def test_there_is_no_list_of_a_bare_task_type(every: Api) -> None:
    """requests.md#routes: the first segment alone is an id."""
    answer = every("GET", "/_inference/text_embedding")
    reason = "Inference endpoint not found [text_embedding]"
    assert answer.brief() == (404, "resource_not_found_exception", reason)


@in_each()
def test_there_is_no_prefix_wildcard(every: Api) -> None:
    """requests.md#routes: only `_all` and `*` are wildcards."""
    every.put("text_embedding", "foo1", openai())
    assert every("GET", "/_inference/foo*").brief()[2] == "Inference endpoint not found [foo*]"


def test_no_handler_is_a_400_without_status(api: Api) -> None:
    """errors.md#plain-strings: an unknown path has a string error and no `status` key."""
    answer = api("GET", "/_inference/a/b/c/d")
    text = "no handler found for uri [/_inference/a/b/c/d] and method [GET]"
    assert (answer.status, answer.body) == (400, {"error": text})


WRONG_VERBS = [
    ("PATCH", "/_inference/ep", {"GET", "POST", "PUT", "DELETE"}, "PATCH"),
    ("POST", "/_inference", {"GET"}, "POST on the list"),
    ("POST", "/_inference/text_embedding/ep/_update", {"PUT"}, "POST on a typed _update"),
    ("GET", "/_inference/text_embedding/ep/_update", {"PUT"}, "GET on a typed _update"),
    ("PUT", "/_inference/completion/ep/_stream", {"POST"}, "PUT on _stream"),
    ("DELETE", "/_inference", {"GET"}, "DELETE on the list"),
]


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [pytest.param(m, p, a, id=name) for m, p, a, name in WRONG_VERBS]
)
@in_each()
def test_wrong_verb(every: Api, method: str, path: str, allowed: set[str]) -> None:
    """errors.md#plain-strings, emulating.md#conformance item 15: 405 with a string error and an Allow header."""
    answer = every(method, path, {"a": 1} if method in {"POST", "PUT"} else None)
    start = f"Incorrect HTTP method for uri [{path}] and method [{method}], allowed: ["
    assert answer.status == 405
    assert answer.body["status"] == 405
    assert answer.body["error"].startswith(start)
    assert set(answer.body["error"].removeprefix(start).rstrip("]").split(", ")) == allowed
    assert set((answer.header("Allow") or "").replace(" ", "").split(",")) == allowed


@in_each()
def test_post_on_a_task_less_update_is_an_inference_call(every: Api) -> None:
    """requests.md#routes: `{id}` is taken for a task type there."""
    answer = every("POST", "/_inference/ep/_update", {"input": "x"})
    assert answer.brief() == (400, "status_exception", "Unknown task_type [ep]")


GOOD_WORDS = ["text_embedding", "TEXT_EMBEDDING", "Text_Embedding", "%20%20text_embedding%20", "any", "ANY"]
BAD_WORDS = ["text-embedding", "_any", "nope", "textembedding"]


@pytest.mark.parametrize("word", GOOD_WORDS)
@in_each()
def test_task_type_words_that_pass(every: Api, word: str) -> None:
    """requests.md#task-types, emulating.md#conformance item 19: trimmed, in any case; `any` means not given."""
    every.put("text_embedding", "ep", openai())
    (endpoint,) = every.good("GET", f"/_inference/{word}/ep")["endpoints"]
    assert endpoint["task_type"] == "text_embedding"


@pytest.mark.parametrize("word", BAD_WORDS)
@in_each()
def test_task_type_words_that_fail(every: Api, word: str) -> None:
    """requests.md#task-types: unknown words are a 400 before anything is looked up."""
    assert every("GET", f"/_inference/{word}/ep").brief() == (400, "status_exception", f"Unknown task_type [{word}]")


@in_each()
@pytest.mark.parametrize(
    ("word", "since"),
    [
        ("text_embedding", ""),
        ("sparse_embedding", ""),
        ("rerank", ""),
        ("completion", ""),
        ("chat_completion", "8.18"),
        ("embedding", "9.3"),
    ],
)
def test_task_types_by_version(version: str, word: str, since: str) -> None:
    """requests.md#task-types: chat_completion came with 8.18 and 9.0, embedding with 9.3."""
    status = Api(version)("GET", f"/_inference/{word}/_all").status
    assert status == (200 if known(version, since) else 400)


# --- query parameters (requests.md#parameters)

PUT_PATH, UPDATE_PATH = "/_inference/completion/new", "/_inference/completion/ep/_update"
CALLS = {
    "PUT": ("PUT", PUT_PATH, openai()),
    "UPDATE": ("PUT", UPDATE_PATH, {"task_settings": {"user": "b"}}),
    "DELETE": ("DELETE", "/_inference/completion/ep", None),
    "GET": ("GET", "/_inference/completion/ep", None),
    "LIST": ("GET", "/_inference", None),
    "INFER": ("POST", "/_inference/completion/ep", {"input": "x"}),
    "SERVICES": ("GET", "/_inference/_services", None),
}
PARAMETERS = [
    ("PUT", "timeout=30s", "8.19/9.1"),
    ("UPDATE", "timeout=30s", "9.5"),
    ("UPDATE", "master_timeout=30s", ""),
    ("DELETE", "dry_run=true", ""),
    ("DELETE", "force=true", ""),
    ("DELETE", "force", ""),
    ("INFER", "timeout=30s", ""),
    ("PUT", "master_timeout=30s", None),
    ("DELETE", "master_timeout=30s", None),
    ("DELETE", "timeout=30s", None),
    ("GET", "master_timeout=30s", None),
    ("GET", "timeout=30s", None),
    ("GET", "local=true", None),
    ("LIST", "return_minimal_config=true", None),
    ("SERVICES", "timeout=30s", None),
]


def called(version: str, name: str, query: str) -> tuple[int, str, str]:
    api = Api(version)
    api.put("completion", "ep", openai())
    method, path, body = CALLS[name]
    return api(method, f"{path}?{query}", body).brief()


@in_each()
@pytest.mark.parametrize(
    ("name", "query", "since"), [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in PARAMETERS]
)
def test_parameter_by_version(version: str, name: str, query: str, since: str | None) -> None:
    """A parameter that the handler does not consume is a 400 (emulating.md#conformance item 14).

    Source: requests.md#parameters.
    """
    status, kind, reason = called(version, name, query)
    if since is not None and known(version, since):
        assert (status, kind) == (200, "")
        return
    path = CALLS[name][1]
    assert (status, kind) == (400, "illegal_argument_exception")
    start = f"request [{path}] contains unrecognized parameter: [{query.split('=', maxsplit=1)[0]}]"
    assert reason == start or reason.startswith(start + " -> did you mean")


@pytest.mark.parametrize("name", CALLS)
def test_parameters_of_the_framework(name: str) -> None:
    """requests.md#parameters: pretty, human, error_trace, filter_path and format go with every call."""
    assert called("9.5", name, "pretty&human&error_trace=true&filter_path=**&format=json")[0] == 200


def test_several_unknown_parameters(api: Api) -> None:
    """requests.md#parameters: the plural."""
    status, kind, reason = api("GET", "/_inference?foo=1&zzz=2").brief()
    assert (status, kind) == (400, "illegal_argument_exception")
    assert reason == "request [/_inference] contains unrecognized parameters: [foo], [zzz]"


def test_did_you_mean(api: Api) -> None:
    """requests.md#parameters: a similar parameter is suggested."""
    reason = api("PUT", "/_inference/text_embedding/ep?timeuot=3s", openai()).reason
    path = "/_inference/text_embedding/ep"
    assert reason == f"request [{path}] contains unrecognized parameter: [timeuot] -> did you mean [timeout]?"


@pytest.mark.parametrize("name", ["dry_run", "force"])
@pytest.mark.parametrize(
    ("value", "good"), [("true", True), ("false", True), ("", True), ("maybe", False), ("1", False), ("TRUE", False)]
)
@in_each()
def test_boolean_parameters(every: Api, name: str, value: str, good: bool) -> None:
    """requests.md#parameters: true, false and empty; anything else is a 400 before the lookup."""
    answer = every("DELETE", f"/_inference/ep?{name}={value}")
    if good:
        assert answer.status == 404
    else:
        reason = f"Failed to parse value [{value}] as only [true] or [false] are allowed."
        assert answer.brief() == (400, "illegal_argument_exception", reason)


def test_force_without_a_value_is_true(api: Api) -> None:
    """requests.md#parameters: `?force` deletes a default endpoint."""
    assert api("DELETE", "/_inference/.elser-2-elasticsearch?force").status == 200


@pytest.mark.parametrize(("value", "status"), [("30s", 200), ("2m", 200), ("500ms", 200), ("5", 400), ("soon", 400)])
def test_time_values(api: Api, value: str, status: int) -> None:
    """requests.md#parameters: `timeout` is a time value with a unit."""
    assert api("PUT", f"/_inference/completion/ep?timeout={value}", openai()).status == status


def test_filter_path_on_answers_and_errors(api: Api) -> None:
    """requests.md#parameters: good answers are filtered, errors are not."""
    api.put("completion", "ep", openai())
    path = "filter_path=endpoints.inference_id"
    assert api.good("GET", f"/_inference/completion/_all?{path}") == {"endpoints": [{"inference_id": "ep"}]}
    assert api.good("GET", "/_inference/ep?filter_path=-endpoints.service_settings,-endpoints.service") == {
        "endpoints": [{"inference_id": "ep", "task_type": "completion"}]
    }
    for path in ("error.type,status", "endpoints"):
        missing = api("GET", f"/_inference/nope?filter_path={path}")
        assert missing.status == 404
        assert missing.body["error"]["reason"] == "Inference endpoint not found [nope]"


def test_pretty(api: Api) -> None:
    """requests.md#parameters: `pretty` prints over several lines."""
    api.put("completion", "ep", openai())
    assert api("GET", "/_inference/ep").raw.count(b"\n") == 0
    assert api("GET", "/_inference/ep?pretty").raw.count(b"\n") > 5


def test_error_trace(api: Api) -> None:
    """errors.md#envelope: stack traces appear on request only."""
    assert "stack_trace" not in api("GET", "/_inference/nope").error
    assert isinstance(api("GET", "/_inference/nope?error_trace=true").error["stack_trace"], str)


ESCAPES = [
    ("/_inference/%zz", "illegal_argument_exception", "invalid escape sequence `%zz' at index 12 of: /_inference/%zz"),
    ("/_inference/%", "illegal_argument_exception", "unterminated escape sequence at end of string: /_inference/%"),
    ("/_inference/a%4", "illegal_argument_exception", "partial escape sequence at end of string: /_inference/a%4"),
    ("/nope/a/b/%zz", "illegal_argument_exception", "invalid escape sequence `%zz' at index 10 of: /nope/a/b/%zz"),
    ("/_inference?pretty=%zz", BAD_PARAMETER, "invalid escape sequence `%zz' at index 0 of: %zz"),
    ("/_inference/%zz?%=1", BAD_PARAMETER, "unterminated escape sequence at end of string: %"),
]


@pytest.mark.parametrize(("target", "kind", "reason"), ESCAPES)
def test_escapes_that_are_none(api: Api, target: str, kind: str, reason: str) -> None:
    """malformed.md#headers-and-routes: the query is read before the path."""
    java = "java.lang.IllegalArgumentException: " if kind == BAD_PARAMETER else ""
    assert api("GET", target).brief() == (400, kind, java + reason)


FOUND = "Inference endpoint not found [{}]"
PATHS = [
    ("/_inference/%ff", 404, FOUND.format("\ufffd")),
    ("/_inference/%00", 404, FOUND.format("\0")),
    ("/_inference/\xff", 404, FOUND.format("\xff")),
    ("/_inference/a%2Fb", 404, FOUND.format("a/b")),
    ("/_inference/a+b", 404, FOUND.format("a+b")),
    ("/_inference/x#y", 404, FOUND.format("x")),
    ("/_inference/x;y=1", 404, FOUND.format("x;y=1")),
    ("/_inference/x/", 404, FOUND.format("x")),
    ("//_inference", 400, "no handler found for uri [//_inference] and method [GET]"),
    ("http://x/_inference", 400, "no handler found for uri [http://x/_inference] and method [GET]"),
    ("/_inference//x", 400, "Unknown task_type []"),
    ("/_inference/../_inference", 400, "Unknown task_type [..]"),
    ("/_inference/x?=y", 400, "request [/_inference/x] contains unrecognized parameter: [y]"),
    ("/_inference/x?a+b=1", 400, "request [/_inference/x] contains unrecognized parameter: [a b]"),
    ("/_inference/x?pretty;a", 400, "request [/_inference/x] contains unrecognized parameter: [a]"),
    ("/_inference/x?&&", 404, FOUND.format("x")),
    ("/_inference/x?error_trace=y", 400, "Failed to parse value [y] as only [true] or [false] are allowed."),
]


@pytest.mark.parametrize(("target", "status", "reason"), PATHS)
def test_odd_paths_and_queries(api: Api, target: str, status: int, reason: str) -> None:
    """malformed.md#headers-and-routes."""
    code, _, text = api("GET", target).brief()
    assert (code, text) == (status, reason)


METHODS = [
    ("OPTIONS", "/_inference", 200, "GET", None),
    ("OPTIONS", "/nope/a/b/c", 200, None, None),
    (
        "TRACE",
        "/_inference",
        405,
        "GET",
        "Incorrect HTTP method for uri [/_inference] and method [TRACE], allowed: [GET]",
    ),
    ("TRACE", "/nope/a/b/c", 400, None, "no handler found for uri [/nope/a/b/c] and method [TRACE]"),
    ("FOO", "/_inference", 405, "GET", "Unexpected http method: FOO, allowed: [GET]"),
    ("FOO", "/nope/a/b/c", 405, None, "Unexpected http method: FOO"),
    ("get", "/_inference", 405, "GET", "Unexpected http method: get, allowed: [GET]"),
    (
        "HEAD",
        "/_inference",
        405,
        "GET",
        "Incorrect HTTP method for uri [/_inference] and method [HEAD], allowed: [GET]",
    ),
]


@pytest.mark.parametrize(("method", "path", "status", "allow", "text"), METHODS)
def test_odd_methods(api: Api, method: str, path: str, status: int, allow: str | None, text: str | None) -> None:
    """malformed.md#headers-and-routes."""
    answer = api(method, path)
    assert (answer.status, answer.header("Allow")) == (status, allow)
    assert (answer.body["error"] if answer.raw else None) == text
    assert answer.header("Content-Type") == ("text/plain; charset=UTF-8" if text is None else "application/json")
