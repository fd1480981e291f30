"""A server, or a proxy before it, that is broken or means ill: every answer ends, and none is taken for another."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from inferctl import InferctlError, InferenceClient, RetryPolicy
from inferctl.client.request import Response
from inferctl.errors import RedirectRefused, UnexpectedAnswer

from .recorder import PRODUCT, Recorder

ONCE = RetryPolicy(attempts=1)


def test_a_packed_answer_is_read(server: Recorder) -> None:
    octets = json.dumps({"endpoints": [], "padding": "x" * 200_000}).encode()
    server.answers.append((200, {**PRODUCT, "Content-Encoding": "gzip"}, gzip.compress(octets)))
    with InferenceClient(server.url, retry=ONCE) as client:
        assert client.get()["endpoints"] == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: Recorder, status: int) -> None:
    before = len(server.seen)
    server.answers.append((status, {"Location": f"{server.url}/elsewhere?key=hunter2-hunter2"}, b""))
    with InferenceClient(server.url, retry=ONCE) as client, pytest.raises(RedirectRefused) as caught:
        client.put(inference_id="a", body={"service": "x"})
    assert len(server.seen) == before + 1
    assert "hunter2" not in str(caught.value)


ODD = [
    b'{"endpoints": [{"x": NaN}]}', b'{"x": Infinity}', b'{"x": -Infinity}', b'{"x": 1e400}', b'{"x": ' + b"9" * 500 + b"}",
    b'{"x": ' + b"[" * 200 + b"]" * 200 + b"}", b'{"x": ' + b"[" * 100_000, b'{"x":' * 50_000, b"\xff\xfe{}", b"<html>{}</html>", b"", b"null",
    b"[]", b'"x"', b"1", b'{"x": "\\ud800', b'{"a": 1} {"b": 2}',
]  # fmt: skip


@pytest.mark.parametrize("body", ODD)
def test_what_is_no_json_object_is_an_error_of_ours(server: Recorder, body: bytes) -> None:
    server.answers += [(200, PRODUCT, body), (200, PRODUCT, body)]
    with InferenceClient(server.url, retry=ONCE) as client:
        with pytest.raises(InferctlError):
            client.get()
        with pytest.raises(InferctlError) as caught:
            client.put(inference_id="a", body={"service": "x", "service_settings": {"api_key": "hunter2-hunter2"}})
        assert caught.value.may_have_happened
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "number", ["1.7976931348623157e308", "-0.0", "123456789012345678901234567890", "1e-400", "9" * 309]
)
def test_numbers_that_a_double_could_hold_are_read(number: str) -> None:
    assert Response(200, {}, f'{{"x": {number}}}'.encode()).json() == {"x": json.loads(number)}


LINES: list[dict[str, Any]] = [
    {"create": {"_id": "a"}},
    {"x": 1},
    {"delete": {"_id": "b"}},
    {"index": {}},
    {"create": {"_id": "no action"}},
]
FENCE = {"_seq_no": 1, "_primary_term": 1}
GOOD = [
    {"create": {"_id": "a", "status": 201, **FENCE}},
    {"delete": {"_id": "b", "status": 200, **FENCE}},
    {"index": {"_id": "made", "status": 201, **FENCE}},
]


def test_a_bulk_answer_about_the_lines_that_were_sent(server: Recorder) -> None:
    server.answers.append((200, PRODUCT, json.dumps({"items": GOOD}).encode()))
    with InferenceClient(server.url, retry=ONCE) as client:
        assert [(item.operation, item.id, item.status) for item in client.bulk(LINES)] == [("create", "a", 201), ("delete", "b", 200), ("index", "made", 201)]  # fmt: skip


@pytest.mark.parametrize(
    "items",
    [None, {}, [], GOOD[:2], [*GOOD, GOOD[0]], [GOOD[1], GOOD[0], GOOD[2]], [1, 2, 3], [{}, {}, {}], [{"create": 1}, *GOOD[1:]],
     [{"create": {"_id": "z", "status": 201, **FENCE}}, *GOOD[1:]], [{**GOOD[0], **GOOD[1]}, *GOOD[1:]],
     [{"index": {"_id": "a", "status": 201, **FENCE}}, *GOOD[1:]], [{"create": {"_id": "a", "status": 201}}, *GOOD[1:]]],
)  # fmt: skip
def test_a_bulk_answer_about_other_lines_is_an_error(server: Recorder, items: object) -> None:
    server.answers.append((200, PRODUCT, json.dumps({"items": items}).encode()))
    with InferenceClient(server.url, retry=ONCE) as client, pytest.raises(UnexpectedAnswer) as caught:
        client.bulk(LINES)
    assert caught.value.may_have_happened
