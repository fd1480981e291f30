"""What each answer to each kind of request means: done or not, and whether it may be sent again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.tables import rows

from inferctl import errors
from inferctl.client.answers import Again, Answer, Done, answer_of, is_genuine, rule
from inferctl.client.request import Operation, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS = ("read", "create", "update", "delete", "inference call", "document write")
# For each answer: is a write done, and may the request be sent again (Y: at once, L: later, R: after a read, -: no)?
TABLE = {
    "2xx with the expected body": ("done", "- - - - - -"),
    "2xx with another body, or without the product header": ("maybe done", "- R R R - R"),
    "4xx of Elasticsearch, none of the below": ("not done", "- - - - - -"),
    "400 of Elasticsearch with the provider's limit as its cause": ("not done", "- L L - - -"),
    "429": ("maybe done", "Y R Y R Y Y"),
    "408, or an error with `timed_out`": ("maybe done", "Y R R R - R"),
    "503, or a 404 about a shard that is not ready": ("maybe done", "Y R Y R Y R"),
    "502, 504": ("maybe done", "Y R R R - R"),
    "other 5xx": ("maybe done", "- R R R - R"),
    "4xx that is not Elasticsearch's": ("maybe done", "- R R R - R"),
    "3xx": ("maybe done", "- R R R - R"),
    "sent, no complete answer": ("maybe done", "Y R R R - R"),
    "no connection": ("not done", "Y Y Y Y Y Y"),
    "certificate not accepted": ("not done", "- - - - - -"),
}
AGAIN = {"Y": Again.AT_ONCE, "L": Again.LATER, "R": Again.AFTER_READ, "-": Again.NO}
CASES = [
    (operation, answer, done, again)
    for answer, (done, line) in TABLE.items()
    for operation, again in zip(OPERATIONS, line.split(), strict=True)
]


def envelope(kind: str, status: int | None = None) -> str:
    body: Mapping[str, object] = {"error": {"type": kind, "reason": "r"}}
    return json.dumps(body if status is None else {**body, "status": status})


@rows(CASES)
def test_the_table(operation: str, answer: str, done: str, again: str) -> None:
    found = rule(Operation(operation), Answer(answer))
    of_a_write = Done(done)
    leaves_nothing = operation == "read" and of_a_write is Done.MAYBE
    assert found.done is (Done.NO if leaves_nothing else of_a_write)
    assert found.again is AGAIN[again]


def test_the_table_is_complete() -> None:
    assert {(operation, answer) for operation, answer, *_ in CASES} == {
        (operation.value, answer.value) for operation in Operation for answer in Answer
    }


PRODUCT = '{"x-elastic-product": "Elasticsearch"}'
TIMED_OUT = '{"error": {"type": "timeout_exception", "timed_out": true}, "status": 429}'


@rows(
    [
        ("YES", "200", PRODUCT, ""),
        ("YES", "201", PRODUCT, "{}"),
        ("OTHER_YES", "200", "{}", '{"endpoints": []}'),
        ("OTHER_YES", "200", '{"x-elastic-product": "OpenSearch"}', "{}"),
        ("REDIRECT", "302", "{}", ""),
        ("REDIRECT", "304", PRODUCT, ""),
        ("REFUSED", "400", PRODUCT, "{}"),
        ("REFUSED", "404", PRODUCT, "{}"),
        ("REFUSED", "409", PRODUCT, "{}"),
        ("FOREIGN", "400", PRODUCT, ""),
        ("FOREIGN", "404", PRODUCT, "not found"),
        ("FOREIGN", "400", "{}", ""),
        ("FOREIGN", "404", "{}", "<html>404</html>"),
        ("FOREIGN", "404", '{"x-elastic-product": "OpenSearch"}', ""),
        ("THROTTLED", "429", PRODUCT, ""),
        ("THROTTLED", "429", "{}", ""),
        ("TIMED_OUT", "429", PRODUCT, TIMED_OUT),
        ("TIMED_OUT", "503", '{"x-timed-out": "?1"}', ""),
        ("TIMED_OUT", "408", "{}", ""),
        ("TIMED_OUT", "408", PRODUCT, ""),
        ("UNAVAILABLE", "503", PRODUCT, ""),
        ("UNAVAILABLE", "404", PRODUCT, envelope("illegal_index_shard_state_exception", 404)),
        ("UNAVAILABLE", "404", PRODUCT, envelope("shard_not_found_exception", 404)),
        ("FOREIGN", "404", "{}", envelope("shard_not_found_exception", 404)),
        ("GATEWAY", "502", "{}", ""),
        ("GATEWAY", "504", PRODUCT, ""),
        ("FAILED", "500", PRODUCT, ""),
        ("FAILED", "501", "{}", ""),
    ]
)
def test_which_answer_it_is(answer: str, status: str, headers: str, body: str) -> None:
    assert answer_of(Response(int(status), json.loads(headers), body.encode())) is Answer[answer]


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (errors.ConnectionFailed, Answer.UNSENT),
        (errors.TlsFailed, Answer.UNTRUSTED),
        (errors.UnknownOutcome, Answer.LOST),
        (errors.RequestTimeout, Answer.LOST),
        (errors.ConnectionLost, Answer.LOST),
    ],
)
def test_no_answer(error: type[errors.TransportError], answer: Answer) -> None:
    assert answer_of(error("x")) is answer


@rows(
    [
        ("header", "400", envelope("validation_exception", 400)),
        ("header", "400", '{"error":"no handler found for uri [/x] and method [GET]"}'),
        ("header", "406", '{"error":"Content-Type header is missing","status":406}'),
        ("header", "404", envelope("resource_not_found_exception", 404)),
        ("header", "404", '{"_index": "i", "_id": "d", "found": false}'),
        ("header", "409", envelope("version_conflict_engine_exception", 409)),
        ("either", "401", envelope("security_exception", 401)),
        ("either", "403", envelope("security_exception", 403)),
        ("either", "403", envelope("cluster_block_exception", 403)),
        ("either", "401", '{"error": "ElasticsearchSecurityException[missing]", "status": 401}'),
        ("header", "401", '{"error": "invalid_token"}'),
        ("header", "403", envelope("status_exception", 403)),
        ("none", "404", ""),
        ("none", "404", "null"),
        ("none", "404", "[]"),
        ("none", "404", "<html>default backend - 404</html>"),
        ("none", "404", envelope("resource_not_found_exception", 403)),
    ]
)  # fmt: skip
def test_whose_answer_an_error_is(proof: str, status: str, body: str) -> None:
    assert is_genuine(Response(int(status), {}, body.encode())) is (proof == "either")
    assert is_genuine(Response(int(status), json.loads(PRODUCT), body.encode())) is (proof != "none")
