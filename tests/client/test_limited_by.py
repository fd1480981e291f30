"""Whose limit an error is about, as the server words it (docs/reference/server/create.md#validation-call)."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from inferctl.client.api_errors import api_error
from inferctl.client.request import Request, Response
from inferctl.errors import LimitedBy

PUT = Request("PUT", "/_inference/x", echoes=True)
VALIDATION = "Could not complete inference endpoint creation as validation call to service threw an exception."
OF = "for request from inference entity id [x]"


def answer(status: int, reason: str, *causes: str, **more: Any) -> Response:
    """An error of the server; the last cause is the innermost."""
    error: dict[str, Any] = {}
    for text in reversed(causes):
        error = {"caused_by": {"type": "status_exception", "reason": text, **error}}
    error = {"type": "status_exception", "reason": reason, **error, **more}
    body = json.dumps({"error": {"root_cause": [], **error}, "status": status}).encode()
    return Response(status, {"x-elastic-product": "Elasticsearch"}, body)


@pytest.mark.parametrize(
    ("response", "limit"),
    [
        (answer(400, VALIDATION, f"Received a rate limit status code {OF} status [429]"), LimitedBy.PROVIDER),
        (
            answer(400, VALIDATION, f"Received a rate limit status code. Token limit [1], remaining tokens [0] {OF}"),
            LimitedBy.PROVIDER,
        ),
        (answer(400, VALIDATION, "wrapped", f"Received an unsuccessful status code {OF} status [429]"), LimitedBy.PROVIDER),
        (answer(400, VALIDATION, f"Received an authentication error status code {OF} status [401]"), None),
        # what the provider says in its own message is no statement of the server
        (
            answer(400, VALIDATION, f"Received a bad request status code {OF} status [400]. Error message: [status [429]]"),
            None,
        ),
        (answer(400, "Validation Failed: 1: rate limit settings are not permitted;"), None),
        (answer(400, "no", f"Received a rate limit status code {OF} status [429]"), None),
        (answer(429, "queue full"), LimitedBy.CLUSTER),
        (answer(429, "timed out", timed_out=True), None),
        (answer(503, "no master"), None),
    ],
)  # fmt: skip
def test_whose_limit(response: Response, limit: LimitedBy | None) -> None:
    error = api_error(PUT, response)
    assert error.limited_by is limit
    assert pickle.loads(pickle.dumps(error)).limited_by is limit
