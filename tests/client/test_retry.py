"""Which request may be sent again, after what, and after how long."""

from __future__ import annotations

import pytest

from inferctl import errors
from inferctl.client import inference_requests
from inferctl.client.answers import Again, rule_for
from inferctl.client.payload import payload_of
from inferctl.client.request import Operation, Request, Response
from inferctl.client.retry import RetryPolicy, retry_after_s
from inferctl.client.sync import InferenceClient

BODY = payload_of({})
REQUESTS = {
    "get": inference_requests.get(inference_id="a", query={}),
    "dry_run": inference_requests.delete(inference_id="a", task_type=None, query={"dry_run": True}),
    "put": inference_requests.put(inference_id="a", payload=BODY, task_type=None, query={}),
    "update": inference_requests.update(inference_id="a", payload=BODY, task_type=None, query={}),
    "delete": inference_requests.delete(inference_id="a", task_type=None, query={"dry_run": False, "force": True}),
    "inference": inference_requests.inference(inference_id="a", payload=BODY, task_type=None, query={}),
}


def test_waits_grow_and_end() -> None:
    policy = RetryPolicy(attempts=6, initial_s=1, longest_s=5, jitter_s=2, total_s=100)
    gone = errors.ConnectionFailed("x")
    waits = [policy.wait_s(REQUESTS["get"], gone, attempt=n, elapsed_s=0, jitter=0.5) for n in range(1, 7)]
    assert waits == [2, 3, 5, 6, 6, None]
    assert policy.wait_s(REQUESTS["get"], gone, attempt=1, elapsed_s=98, jitter=0.5) == 2
    assert policy.wait_s(REQUESTS["get"], gone, attempt=1, elapsed_s=98.5, jitter=0.5) is None


def test_the_server_may_ask_for_more_time_but_not_for_ever() -> None:
    policy = RetryPolicy(initial_s=1, jitter_s=0, retry_after_s=20)
    for asked, wait in (("7", 7.0), ("0", 1.0), ("9999", 20.0), ("-3", 1.0), ("soon", 1.0)):
        answer = Response(429, {"retry-after": asked}, b"")
        assert policy.wait_s(REQUESTS["get"], answer, attempt=1, elapsed_s=0, jitter=0) == wait


def test_a_date_is_measured_from_the_answers_own() -> None:
    date = {"date": "Tue, 24 Nov 2026 12:00:00 GMT", "retry-after": "Tue, 24 Nov 2026 12:00:09 GMT"}
    assert retry_after_s(date) == 9.0
    assert retry_after_s({"retry-after": date["retry-after"]}) is None
    assert retry_after_s({}) is None
    assert retry_after_s({**date, "date": "Tue, 24 Nov 2026 12:00:10 GMT"}) == 0.0
    # A date that names no time zone cannot be compared with one that does.
    assert retry_after_s({**date, "date": "Tue, 24 Nov 2026 12:00:00 -0000"}) is None
    assert retry_after_s({"retry-after": " 7 "}) == 7.0
    assert retry_after_s({"retry-after": "\u0667"}) is None


FAST = RetryPolicy(attempts=4, initial_s=0, jitter_s=0)


def counted(*outcomes: int | OSError) -> tuple[InferenceClient, list[str]]:
    seen: list[str] = []
    left = list(outcomes)

    def handler(method: str, target: str, headers: object, body: object) -> tuple[int, dict[str, str], bytes]:
        seen.append(method)
        outcome = left.pop(0) if left else 200
        if isinstance(outcome, OSError):
            raise outcome
        return outcome, {"x-elastic-product": "Elasticsearch"}, b"{}"

    return InferenceClient("http://x", transport=handler, retry=FAST), seen


def test_a_read_is_repeated_until_it_works() -> None:
    client, seen = counted(503, TimeoutError(), ConnectionRefusedError())
    assert client.get() == {}
    assert seen == ["GET"] * 4
    client, seen = counted(503, 503, 503, 503)
    with pytest.raises(errors.Unavailable):
        client.get()
    assert seen == ["GET"] * 4


def test_a_create_is_repeated_only_if_nothing_was_sent() -> None:
    client, seen = counted(ConnectionRefusedError())
    assert client.put(inference_id="a", body={}) == {}
    assert seen == ["PUT"] * 2
    for lost in (TimeoutError(), ConnectionResetError(), OSError()):
        client, seen = counted(lost)
        with pytest.raises(errors.UnknownOutcome, match="may have happened"):
            client.put(inference_id="a", body={})
        assert seen == ["PUT"]
    client, seen = counted(503)
    with pytest.raises(errors.Unavailable):
        client.put(inference_id="a", body={})
    assert seen == ["PUT"]


@pytest.mark.parametrize("last", [401, 400, ConnectionRefusedError()], ids=str)
def test_an_earlier_attempt_may_have_done_it(last: int | OSError) -> None:
    """The last "no" is about the last attempt alone."""
    client, seen = counted(503, *[last] * 4)
    with pytest.raises(errors.InferctlError) as caught:
        client.update(inference_id="a", body={})
    assert len(seen) > 1
    assert caught.value.may_have_happened
    client, _ = counted(*[ConnectionRefusedError()] * 4)
    with pytest.raises(errors.ConnectionFailed) as never:
        client.update(inference_id="a", body={})
    assert not never.value.may_have_happened


def test_truncated_answers() -> None:
    def handler(method: str, target: str, headers: object, body: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {"X-elastic-product": "Elasticsearch"}, b'{"inference_id": "a", "servi'

    client = InferenceClient("http://x", transport=handler)
    with pytest.raises(errors.UnknownOutcome):
        client.put(inference_id="a", body={})
    with pytest.raises(errors.ConnectionLost):
        client.get()


def test_html_is_no_answer() -> None:
    client = InferenceClient("http://x", transport=lambda *_: (200, {}, b"<html><title>Sign in</title></html>"))
    with pytest.raises(errors.UnexpectedAnswer, match="Sign in") as caught:
        client.get()
    assert not caught.value.may_have_happened
    error = caught.value
    assert (error.method, error.path, error.status) == ("GET", "/_inference", 200)
    with pytest.raises(errors.UnexpectedAnswer) as write:
        client.put(inference_id="a", body={})
    assert write.value.may_have_happened
    assert "Sign in" not in str(write.value)  # what answers a write may quote it


@pytest.mark.parametrize(
    ("timeout", "limit"),
    [(None, None), ("30s", 45), ("2m", 135), (-1, float("inf")), ("-1", float("inf")), ("1h", 3615), ("bad", None), (0, None), ("500ms", 15.5)],
)  # fmt: skip
def test_the_client_waits_longer_than_the_server(timeout: object, limit: float | None) -> None:
    assert inference_requests.answer_limit_s(timeout) == limit


def test_requests_name_their_operation() -> None:
    assert Request("PUT", "/x").operation is Operation.CREATE
    assert {name: request.operation.value for name, request in REQUESTS.items()} == {
        "get": "read",
        "dry_run": "read",
        "put": "create",
        "update": "update",
        "delete": "delete",
        "inference": "inference call",
    }
    assert {name for name, request in REQUESTS.items() if request.is_read} == {"get", "dry_run"}


def test_only_what_may_be_sent_again_at_once_is_waited_for() -> None:
    policy = RetryPolicy(jitter_s=0)
    for request in REQUESTS.values():
        for outcome in (Response(503, {}, b""), Response(502, {}, b""), errors.UnknownOutcome("x")):
            waits = policy.wait_s(request, outcome, attempt=1, elapsed_s=0, jitter=0) is not None
            assert waits is (rule_for(request, outcome).again is Again.AT_ONCE)
