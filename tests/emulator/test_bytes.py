"""Bytes that are not what the API expects: bodies, numbers, media types.

Source: malformed.md, errors.md#media-types.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from inferctl.emulator.adapter import handle

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
    ("bare word", b'{"a": word}', "Unrecognized token 'word': was expecting (JSON String, Number, Array, "),
    (
        "no colon",
        b'{"a" 1}',
        "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
    ),
    (
        "minus alone",
        b'{"a": -}',
        "Unexpected character ('}' (code 125)) in numeric value: expected digit (0-9) to follow minus sign",
    ),
    ("control character", b'{"a": "x\ny"}', "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped"),
]

# Where the parser of 9.1.0 says that it is, and what it misses.
PLACES = [
    (b'{"a": NaN}', "[1:10] Non-standard token 'NaN'"),
    (b'{"a": -Infinity}', "[1:16] Non-standard token '-Infinity'"),
    (b'{"a": 01}', "[1:8] Invalid numeric value: Leading zeroes"),
    (b'{"a": -01}', "[1:9] Invalid numeric value: Leading zeroes"),
    (b'{"a": 1.}', "[1:9] Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed"),
    (b'{"a": 1e}', "[1:9] Unexpected character ('}' (code 125)) in numeric value: Exponent indicator not followed"),
    (b'{"a": +1}', "[1:8] Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow"),
    (b'{"a": 1.5.2}', "[1:10] Unexpected character ('.' (code 46)): was expecting comma to separate Object entries"),
    (b'{"a": 12a}', "[1:9] Unexpected character ('a' (code 97)): was expecting comma to separate Object entries"),
    (b'{"a": truex}', "[1:13] Unrecognized token 'truex'"),
    (b'{"a": 1 "b": 2}', "[1:9] Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"),
    (b'{"a": [1 2]}', "[1:10] Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
    (b'{"a": [1,]}', "[1:10] Unexpected character (']' (code 93)): expected a value"),
    (
        b'{"a": [1}',
        "[1:9] Unexpected close marker '}': expected ']' (for Array starting at [Source: (byte[])\"{\"a\": [1}\"; line: 1, column: 7])",
    ),
    (b"{1: 1}", "[1:2] Unexpected character ('1' (code 49)): was expecting double-quote to start field name"),
    (b'{"x":{"a":1,\n"a":2}}', "[2:4] Duplicate field 'a'"),
    (b'{"a":"\\x"}', "[1:8] Unrecognized character escape 'x' (code 120)"),
    (
        b'{"a":"\\u12"}',
        "[1:11] Unexpected character ('\"' (code 34)): expected a hex-digit for character escape sequence",
    ),
    (b'{"service":"\xff"}', "[1:14] Invalid UTF-8 start byte 0xff"),
    (b'{"service":"\xc3("}', "[1:15] Invalid UTF-8 middle byte 0x28"),
    (b'{"service":"\xe2\x82"}', "[1:16] Invalid UTF-8 middle byte 0x22"),
]


@in_each(["8.17", "9.1", "9.5"])
def test_places_of_faults(version: str) -> None:
    """malformed.md#bodies: line and column, as 9.1.0 gives them."""
    wrong = {}
    for text, start in PLACES:
        answer = send(version, "put", text)
        if answer.type != "x_content_parse_exception" or not answer.reason.startswith(start):
            wrong[text] = answer.reason
    assert wrong == {}


@in_each()
@pytest.mark.parametrize("text", [b'{"service": %s}' % (b"9" * 1500), b'{"service": 1.%s}' % (b"9" * 5000)])
def test_numbers_beyond_the_limit(version: str, text: bytes) -> None:
    """malformed.md#bodies: the parser reads 1000 digits."""
    answer = send(version, "put", text)
    assert (answer.status, answer.type) == (500, "stream_constraints_exception")
    assert answer.reason.startswith(f"Number value length ({text.count(b'9') + text.count(b'1.')}) exceeds")


@in_each()
def test_half_of_a_surrogate_pair(every: Api) -> None:
    """malformed.md#bodies: taken, and written as an escape."""
    text = json.dumps(openai({"user": "X"})).encode().replace(b"X", b"\\ud800")
    answer = every("PUT", "/_inference/completion/ep", text)
    assert answer.status == 200
    assert b'"user":"\\uD800"' in answer.raw
    assert b'"user":"\\uD800"' in every("GET", "/_inference/ep").raw
    assert every("POST", "/_inference/completion/ep", b'{"input": "\\udfff"}').status == 200


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
    """malformed.md#bodies: the parser goes 1000 deep. A create fails, an update explains itself."""
    bomb = b'{"a":' * 20_000
    answer = every("PUT", "/_inference/completion/ep", bomb)
    assert (answer.status, answer.type) == (500, "stream_constraints_exception")
    answer = every("PUT", "/_inference/completion/ep/_update", bomb)
    assert answer.brief() == (400, "parse_exception", "Failed to parse content to type")


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
    path = "/_inference/completion/ep"
    return api("PUT" if body is not None else "GET", path if body is not None else "/_inference", body, sent)


@in_each()
@pytest.mark.parametrize(
    "content",
    ["text/plain", "*/*", "application/json, text/plain", "application/xml", "application/x-www-form-urlencoded"],
)
def test_unsupported_type(version: str, content: str) -> None:
    """malformed.md#headers-and-routes, emulating.md#conformance item 27: 406 with a string error."""
    answer = typed(version, content, None, openai())
    assert answer.status == 406
    assert answer.body == {"error": f"Content-Type header [{content}] is not supported", "status": 406}


@in_each()
def test_missing_type(every: Api) -> None:
    """errors.md#plain-strings: 406."""
    reply = handle(every.cluster, "PUT", "/_inference/completion/ep", {}, json.dumps(openai()).encode())
    assert reply.status == 406
    assert json.loads(reply.body) == {"error": "Content-Type header [] is not supported", "status": 406}


NO_TYPES = [
    ("content-type", "", "Header [Content-Type] cannot be empty."),
    ("content-type", "garbage", "invalid media-type [garbage]"),
    ("content-type", ";", "invalid media-type [;]"),
    ("content-type", "application/json; charset", "invalid parameters for header [application/json; charset]"),
    ("accept", "", "Header [Accept] cannot be empty."),
]


@in_each(["8.17", "9.1", "9.5"])
@pytest.mark.parametrize(("name", "value", "reason"), NO_TYPES)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/_inference"), ("PUT", "/_inference/completion/ep"), ("GET", "/x/y/z/w")]
)
def test_no_media_type_at_all(every: Api, name: str, value: str, reason: str, method: str, path: str) -> None:
    """malformed.md#headers-and-routes: before the route is looked for."""
    answer = every(method, path, openai() if method == "PUT" else None, {name: value})
    header = {"accept": "Accept", "content-type": "Content-Type"}[name]
    text = f"Invalid media-type value on headers [{header}]"
    assert answer.brief() == (400, "media_type_header_exception", text)
    assert answer.error["caused_by"] == {"type": "illegal_argument_exception", "reason": reason}


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
