"""Bytes that are not what the API expects: bodies, numbers, media types.

Source: malformed.md, errors.md#media-types.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .api import KEY, Api, in_each, known, openai

PUT, UPDATE, INFER = (
    ("PUT", "/_inference/completion/new"),
    ("PUT", "/_inference/completion/ep/_update"),
    ("POST", "/_inference/completion/ep"),
)
CALLS = {"put": PUT, "update": UPDATE, "infer": INFER}
NO_OBJECT = "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes"


def send(version: str, call: str, text: bytes) -> Any:
    api = Api(version)
    api.put("completion", "ep", openai())
    method, path = CALLS[call]
    return api(method, path, text, {"content-type": "application/json"})


@pytest.mark.parametrize("call", CALLS)
@in_each()
def test_no_body(every: Api, call: str) -> None:
    """malformed.md#bodies: 400 parse_exception."""
    method, path = CALLS[call]
    answer = every(method, path)
    assert answer.brief() == (400, "parse_exception", "request body is required")


@in_each()
@pytest.mark.parametrize("call", ["put", "update"])
@pytest.mark.parametrize("text", [b"[]", b"null", b'"x"', b'/* c */ {"a": 1}', b"  ", b"3"])
def test_no_object(version: str, call: str, text: bytes) -> None:
    """malformed.md#bodies, emulating.md#conformance item 23: 500 up to 9.1; from 9.2 read as `{}`."""
    answer = send(version, call, text)
    if not known(version, "9.2"):
        assert answer.brief() == (500, "not_x_content_exception", NO_OBJECT)
    elif call == "update":
        assert answer.brief() == (400, "status_exception", "Request body is empty")
    else:
        reason = "Inference endpoint configuration is missing the [service] setting"
        assert answer.brief() == (400, "status_exception", reason)


@in_each()
def test_empty_object(version: str) -> None:
    """malformed.md#bodies."""
    assert send(version, "put", b"{}").reason == "Inference endpoint configuration is missing the [service] setting"
    assert send(version, "update", b"{}").reason == "Request body is empty"


MALFORMED = [
    ("duplicate key", b'{"a": 1, "a": 2}', "Duplicate field 'a'"),
    ("duplicate key deep inside", b'{"x": {"y": [{"a": 1, "a": 2}]}}', "Duplicate field 'a'"),
    ("NaN", b'{"a": NaN}', "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"),
    ("leading zero", b'{"a": 01}', "Invalid numeric value: Leading zeroes not allowed"),
    (
        "trailing comma",
        b'{"a": 1,}',
        "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
    ),
    ("single quotes", b"{'a': 1}", "Unexpected character (''' (code 39))"),
    ("bare word", b'{"a": word}', ""),
    ("no colon", b'{"a" 1}', ""),
    ("minus alone", b'{"a": -}', ""),
    ("control character", b'{"a": "x\ny"}', ""),
]


@in_each()
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("text", "message"), [pytest.param(t, m, id=name) for name, t, m in MALFORMED])
def test_malformed(version: str, call: str, text: bytes, message: str) -> None:
    """The same shape for all of them; the reason quotes the body.

    Source: malformed.md#bodies, emulating.md#conformance item 24.
    """
    answer = send(version, call, text)
    error = answer.error
    assert (answer.status, answer.type) == (400, "x_content_parse_exception")
    assert error["reason"].startswith("[1:")
    position, _, rest = error["reason"].partition("] ")
    line, column = position.removeprefix("[").split(":")
    assert rest.startswith(message)
    assert rest.endswith(f'\n at [Source: (byte[])"{text.decode()}"; line: {line}, column: {column}]')
    assert error["caused_by"] == {"type": "json_parse_exception", "reason": rest}
    assert error["root_cause"] == [{"type": "x_content_parse_exception", "reason": error["reason"]}]


@in_each()
@pytest.mark.parametrize("text", [b'{"a":1', b"{", b'{"a": [1, 2', b'{"a": "x', b'{"a"', b'{"a":'])
def test_truncated(version: str, text: bytes) -> None:
    """malformed.md#bodies, create.md#body: x_content_e_o_f_exception from 9.2."""
    answer = send(version, "put", text)
    assert answer.status == 400
    if known(version, "9.2"):
        assert answer.type == "x_content_e_o_f_exception"
        assert answer.reason.startswith("[1:")
        assert answer.reason.endswith("] Unexpected end of file")
    else:
        assert answer.type == "x_content_parse_exception"
        assert 'at [Source: (byte[])"' in answer.reason


@in_each()
def test_the_reason_quotes_secrets(every: Api) -> None:
    """malformed.md#bodies: so nobody may show it as it is."""
    text = json.dumps(openai()).encode()[:-1] + b",}"
    assert KEY in every("PUT", "/_inference/completion/ep", text).reason


def test_position_over_several_lines(api: Api) -> None:
    """malformed.md#bodies: line and column."""
    assert api("PUT", "/_inference/completion/ep", b'{\n  "a": 1,\n  x\n}').reason.startswith("[3:3] ")


@in_each()
@pytest.mark.parametrize("rest", [b" x", b"{}", b"}", b'{"service": "nope"}', b", 1", b"\n\n[]"])
def test_text_after_the_object(version: str, rest: bytes) -> None:
    """malformed.md#bodies, emulating.md#conformance item 24: ignored."""
    assert send(version, "put", json.dumps(openai()).encode() + rest).status == 200
    assert send(version, "update", b'{"task_settings": {"user": "b"}}' + rest).status == 200
    assert send(version, "infer", b'{"input": "a"}' + rest).status == 200


@in_each()
@pytest.mark.parametrize("start", [b"  ", b"\n\t", b"\xef\xbb\xbf"])
def test_leading_blanks_and_byte_order_mark(version: str, start: bytes) -> None:
    """malformed.md#bodies: accepted."""
    assert send(version, "put", start + json.dumps(openai()).encode()).status == 200


@in_each()
@pytest.mark.parametrize("number", ["1e400", "9223372036854775808", "1" * 40])
def test_big_numbers(version: str, number: str) -> None:
    """malformed.md#bodies: read; a setting that wants an integer then refuses the type."""
    text = json.dumps(openai(organization_id="N")).replace('"N"', number).encode()
    assert "field [organization_id] is not of the expected type." in send(version, "put", text).reason
    text = json.dumps(openai(rate_limit={"requests_per_minute": "N"})).replace('"N"', number).encode()
    answer = send(version, "put", text)
    assert answer.status == 400
    assert "[requests_per_minute]" in answer.reason


@in_each()
@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**20])
def test_integers_have_32_bits(version: str, number: int) -> None:
    """malformed.md#bodies: `dimensions` is a Java Integer."""
    answer = Api(version)("PUT", "/_inference/text_embedding/ep", openai(dimensions=number))
    reason = f"field [dimensions] is not of the expected type. The value [{number}] cannot be converted to a [Integer]"
    assert (answer.status, answer.type) == (400, "validation_exception")
    assert reason in answer.reason


@in_each()
def test_unicode_survives(every: Api) -> None:
    """malformed.md#bodies: names and values beyond ASCII come back as they were sent."""
    user = 'Zoë 😀 \u2028 " \\ \t'
    assert every.put("completion", "ep", openai({"user": user}))["task_settings"] == {"user": user}
    assert every.read("ep")["task_settings"] == {"user": user}


@in_each()
def test_invalid_utf_8_is_no_crash(every: Api) -> None:
    """malformed.md#bodies: answered, one way or the other."""
    text = json.dumps(openai({"user": "X"})).encode().replace(b"X", b"\xff\xfe")
    assert every("PUT", "/_inference/completion/ep", text).status in {200, 400}


@in_each()
def test_deep_nesting_is_no_crash(every: Api) -> None:
    """malformed.md#bodies: a bomb gets a 400."""
    bomb = b'{"a":' * 20_000
    answer = every("PUT", "/_inference/completion/ep", bomb)
    assert answer.status == 400


# --- words


@pytest.mark.parametrize("word", ["cosine", "COSINE", " Cosine "])
@in_each()
def test_similarity_words(every: Api, word: str) -> None:
    """malformed.md#inference-requests: trimmed and read in any case."""
    shown = every.put("text_embedding", "ep", openai(similarity=word))
    assert shown["service_settings"]["similarity"] == "cosine"


# --- media types (errors.md#media-types)


def vendor(major: int) -> str:
    return f"application/vnd.elasticsearch+json;compatible-with={major}"


def typed(version: str, content: str | None, accept: str | None, body: Any = None) -> Any:
    headers = {"content-type": content, "accept": accept}
    api = Api(version)
    sent = {name: value for name, value in headers.items() if value is not None}
    if content is None and body is not None:
        sent["content-type"] = ""
    path = "/_inference/completion/ep"
    return api("PUT" if body is not None else "GET", path if body is not None else "/_inference", body, sent)


@in_each()
@pytest.mark.parametrize("content", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_unsupported_type(version: str, content: str) -> None:
    """malformed.md#headers-and-routes, emulating.md#conformance item 27: 406 with a string error."""
    answer = typed(version, content, None, openai())
    assert answer.status == 406
    assert answer.body == {"error": f"Content-Type header [{content}] is not supported", "status": 406}


@in_each()
def test_missing_type(every: Api) -> None:
    """errors.md#plain-strings: 406."""
    answer = every("PUT", "/_inference/completion/ep", openai(), {"content-type": ""})
    assert (answer.status, answer.body["status"]) == (406, 406)


@in_each()
@pytest.mark.parametrize("content", ["application/json", "application/json; charset=UTF-8", "APPLICATION/JSON"])
def test_plain_json(version: str, content: str) -> None:
    """errors.md#media-types."""
    answer = typed(version, content, None, openai())
    assert answer.status == 200
    assert (answer.header("Content-Type") or "").startswith("application/json")


@in_each()
@pytest.mark.parametrize("major", [6, 7, 8, 9, 10])
def test_versioned_types(version: str, major: int) -> None:
    """errors.md#media-types: a server of major N takes N and N-1; the answer has the same type."""
    own = int(version[0])
    answer = typed(version, vendor(major), vendor(major), openai())
    if major in {own, own - 1}:
        assert answer.status == 200
        assert (answer.header("Content-Type") or "").replace(" ", "") == vendor(major)
        assert answer.header("X-elastic-product") == "Elasticsearch"
    else:
        assert (answer.status, answer.type) == (400, "media_type_header_exception")
        assert answer.reason == "Invalid media-type value on headers [Accept, Content-Type]"
        words = f"version must be either version {own} or {own - 1}, but found {major}."
        assert words in answer.error["caused_by"]["reason"]


@in_each()
def test_accept_of_another_major(version: str) -> None:
    """malformed.md#headers-and-routes: on a GET."""
    own = int(version[0])
    answer = typed(version, None, vendor(own - 2))
    start = f"Accept version must be either version {own} or {own - 1}, but found {own - 2}. Accept="
    assert (answer.status, answer.type) == (400, "media_type_header_exception")
    assert answer.error["caused_by"]["type"] == "status_exception"
    assert answer.error["caused_by"]["reason"].startswith(start)


@in_each()
@pytest.mark.parametrize("which", ["content", "accept"])
def test_one_versioned_header_only(version: str, which: str) -> None:
    """malformed.md#headers-and-routes, emulating.md#conformance item 27: 400."""
    own = vendor(int(version[0]))
    content = own if which == "content" else "application/json"
    answer = typed(version, content, own if which == "accept" else None, openai())
    start = (
        "A compatible version is required on both Content-Type and Accept headers if either one has requested "
        "a compatible version."
    )
    assert (answer.status, answer.type) == (400, "media_type_header_exception")
    assert answer.reason == "Invalid media-type value on headers [Accept, Content-Type]"
    assert answer.error["caused_by"]["reason"].startswith(start)
    if which == "content":
        assert f"Accept=null, Content-Type={own}" in answer.error["caused_by"]["reason"]


@in_each()
def test_versioned_accept_without_a_body(version: str) -> None:
    """errors.md#media-types: the client's usual GET."""
    own = vendor(int(version[0]))
    answer = typed(version, None, own)
    assert answer.status == 200
    assert (answer.header("Content-Type") or "").replace(" ", "") == own


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html, */*"])
@in_each()
def test_wide_accept_headers(every: Api, accept: str) -> None:
    """errors.md#media-types."""
    assert every("GET", "/_inference", None, {"accept": accept}).status == 200
