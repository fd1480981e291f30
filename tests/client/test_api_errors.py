"""Every error envelope of the API, and what it is called."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from inferctl import errors
from inferctl.client.api_errors import api_error
from inferctl.client.request import Operation, Request, Response

if TYPE_CHECKING:
    from inferctl.errors import ApiError

PRODUCT = {"x-elastic-product": "Elasticsearch"}
GET = Request("GET", "/_inference/x", operation=Operation.READ)
PUT = Request("PUT", "/_inference/x", echoes=True)
DELETE = Request("DELETE", "/_inference/x")


def envelope(type_: str, reason: str, **extra: Any) -> bytes:
    error = {"root_cause": [{"type": type_, "reason": reason}], "type": type_, "reason": reason, **extra}
    return json.dumps({"error": error}).encode()


REFERENCED = (
    "Inference endpoint X is referenced by pipelines: [p2, p1]. Ensure that no pipelines are using this inference "
    "endpoint, or use force to ignore this warning and delete the inference endpoint.  Inference endpoint X is being "
    "used in the mapping for indexes: [i1, i2]. Ensure that no index mappings are using this inference endpoint, or "
    "use force to ignore this warning and delete the inference endpoint."
)
VALIDATION = "Could not complete inference endpoint creation as validation call to service threw an exception."
LICENCE = "current license is non-compliant for [inference]"

TABLE: list[tuple[Request, int, bytes, type[ApiError], str]] = [
    (GET, 404, envelope("resource_not_found_exception", "Inference endpoint not found [x]"), errors.NotFound, "not found [x]"),
    (PUT, 400, envelope("resource_already_exists_exception", "Inference endpoint [x] already exists"), errors.AlreadyExists, "already exists"),
    (PUT, 400, envelope("validation_exception", "Validation Failed: 1: bad;"), errors.InvalidRequest, "validation_exception: Validation"),
    (PUT, 400, envelope("status_exception", VALIDATION, caused_by={"type": "status_exception", "reason": "401 from provider"}), errors.ProviderRefused, "401 from provider"),
    (PUT, 400, b"{}", errors.InvalidRequest, "400 Bad Request"),
    (DELETE, 409, envelope("status_exception", REFERENCED), errors.Referenced, "referenced by pipelines"),
    (DELETE, 409, envelope("status_exception", "Inference endpoint X is referenced by pipelines and cannot be deleted."), errors.Referenced, "409"),
    (DELETE, 409, envelope("status_exception", "The inference endpoint(s) [x] are currently being updated"), errors.Conflict, "currently"),
    (GET, 409, envelope("version_conflict_engine_exception", "[1]: version conflict"), errors.Conflict, "version conflict"),
    (GET, 401, envelope("security_exception", "missing authentication credentials"), errors.Unauthorised, "missing"),
    (GET, 403, envelope("security_exception", "action [x] is unauthorized for user [u]"), errors.Forbidden, "unauthorized"),
    (PUT, 403, envelope("security_exception", LICENCE, **{"license.expired.feature": "inference"}), errors.LicenceRefused, "license"),
    (GET, 405, b'{"error":"Incorrect HTTP method for uri [/x] and method [POST], allowed: [PUT]","status":405}', errors.InvalidRequest, "allowed: [PUT]"),
    (GET, 400, b'{"error":"no handler found for uri [/x] and method [GET]"}', errors.InvalidRequest, "no handler"),
    (GET, 406, b'{"error":"Content-Type header is missing","status":406}', errors.InvalidRequest, "missing"),
    (PUT, 408, envelope("status_exception", "Timed out after [30s] waiting for model deployment"), errors.DeploymentTimeout, "Timed out"),
    (GET, 429, envelope("es_rejected_execution_exception", "queue full"), errors.Throttled, "queue full"),
    (PUT, 429, envelope("timeout_exception", "timed out", timed_out=True), errors.Throttled, "timed out"),
    (GET, 403, envelope("cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8]"), errors.Unavailable, "blocked"),
    (GET, 404, envelope("illegal_index_shard_state_exception", "CurrentState[RECOVERING]"), errors.Unavailable, "RECOVERING"),
    (GET, 503, envelope("master_not_discovered_exception", ""), errors.Unavailable, "503"),
    (GET, 502, b"<html><head><style>x{}</style></head><body>Bad <b>Gateway</b></body></html>", errors.Unavailable, "Bad Gateway"),
    (GET, 504, b"upstream " + b"x" * 5000, errors.Unavailable, "upstream xx"),
    (GET, 500, envelope("status_exception", "Failed to load inference endpoint [x]"), errors.ServerError, "Failed to load"),
    (GET, 500, b'{"error":{"type":"x","rea', errors.ServerError, '"error"'),
    (GET, 500, b"[" * 100_000, errors.ServerError, "500"),
    (GET, 400, b'{"error":{"code":"bad_request","message":"no messages","type":"t"}}', errors.InvalidRequest, "no messages"),
    (GET, 400, b'{"error":null}', errors.InvalidRequest, "400"),
    (GET, 400, b'{"error":{"type":3,"reason":["x"],"caused_by":"y","root_cause":[7]}}', errors.InvalidRequest, "400"),
    (GET, 404, b"<html>no such page</html>", errors.UnexpectedAnswer, "it says nothing about the cluster"),
    (DELETE, 404, envelope("status_exception", "No service found for this inference endpoint x"), errors.UnexpectedAnswer, "No service"),
    (GET, 418, b'"\xff\xfe"', errors.UnexpectedAnswer, "418"),
    (GET, 599, b"null", errors.ServerError, "599"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "status", "body", "kind", "told"), TABLE)
def test_table(request_: Request, status: int, body: bytes, kind: type[ApiError], told: str) -> None:
    error = api_error(request_, Response(status, {} if status in (401, 403) else PRODUCT, body))
    assert type(error) is kind
    assert told in str(error)
    assert (error.method, error.path, error.status, error.exit_code) == (
        request_.method,
        request_.path,
        status,
        1,
    )
    lines = str(error).splitlines()
    assert lines[0].startswith(f"{request_.method} {request_.path}: {status}")
    assert len(lines) <= 3
    assert all(line.isprintable() for line in lines)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.__dict__) == (kind, str(error), error.__dict__)


def test_names_of_a_reference() -> None:
    error = api_error(DELETE, Response(409, PRODUCT, envelope("status_exception", REFERENCED)))
    assert isinstance(error, errors.Referenced)
    assert (error.pipelines, error.indexes) == (("p1", "p2"), ("i1", "i2"))


def test_causes_and_root_cause() -> None:
    inner = {"type": "a_exception", "reason": "one", "caused_by": {"type": "b_exception", "reason": "two"}}
    body = json.dumps(
        {
            "error": {
                "type": "t",
                "reason": "top",
                "root_cause": [{"type": "b", "reason": "two"}],
                "caused_by": inner,
            }
        }
    )
    error = api_error(PUT, Response(400, {**PRODUCT, "retry-after": "7", "x-request-id": "r-1"}, body.encode()))
    assert (error.type, error.reason, error.root_cause) == ("t", "top", "two")
    assert error.causes == ("a_exception: one", "b_exception: two")
    assert (error.retry_after_s, error.request_id) == (7.0, "r-1")
    assert str(error).splitlines()[1:] == ["t: top", "caused by: b_exception: two"]


def test_unknown_bodies_are_cut() -> None:
    error = api_error(GET, Response(504, {}, b"y" * 5000))
    assert len(error.reason) == 256
    assert error.root_cause == ""


@pytest.mark.parametrize(
    "hidden", ["<style>p {x: y}</style>", "<SCRIPT src='z'>\nx()\n</script >", "<!-- x -->", "<x\ny>"]
)
def test_of_a_page_only_the_words_are_told(hidden: str) -> None:
    page = f"<html>{hidden}<p>Bad <b>gateway</b>{hidden}</html>".encode()
    assert api_error(GET, Response(502, {}, page)).reason.split() == ["Bad", "gateway"]


def test_redirects_are_named_without_secrets() -> None:
    error = api_error(GET, Response(302, {"location": "https://u:p@other:1/login?token=t"}, b""))
    assert type(error) is errors.RedirectRefused
    assert "https://other:1/login" in str(error)
    assert not any(part in str(error) for part in ("u:p", "token"))
    for location, told in (
        ("https://other/login", "a redirect to https://other/login,"),
        ("https://u:p@other:port/x", "a redirect to an unreadable address,"),
    ):
        assert told in str(api_error(GET, Response(302, {"location": location}, b"")))


@pytest.mark.parametrize(
    ("request_", "status", "body", "maybe"),
    [
        (PUT, 500, b"", True),
        (PUT, 504, b"", True),
        (PUT, 502, b"", True),
        (PUT, 503, b"", True),
        (PUT, 503, envelope("cluster_block_exception", "x"), True),
        (PUT, 408, b"", True),
        (PUT, 429, b"", True),
        (PUT, 302, b"", True),
        (PUT, 401, b"", True),
        (PUT, 401, envelope("security_exception", "x"), False),
        (DELETE, 404, b"<html>no such page</html>", True),
        (DELETE, 404, envelope("resource_not_found_exception", "x"), False),
        (GET, 404, b"<html>no such page</html>", False),
        (PUT, 429, envelope("timeout_exception", "x", timed_out=True), True),
        (PUT, 400, b"", True),
        (PUT, 400, envelope("validation_exception", "x"), False),
        (GET, 500, b"", False),
    ],
)
def test_what_may_have_happened(request_: Request, status: int, body: bytes, maybe: bool) -> None:
    headers = PRODUCT if body.startswith(b"{") and status not in (401, 403) else {}
    assert api_error(request_, Response(status, headers, body)).may_have_happened is maybe


def test_every_error_has_its_own_code() -> None:
    def below(kind: type[errors.InferctlError]) -> list[type[errors.InferctlError]]:
        return [kind, *(leaf for child in kind.__subclasses__() for leaf in below(child))]

    own = [kind for kind in below(errors.InferctlError) if kind.__module__ == "inferctl.errors"]
    assert len({kind.code for kind in own}) == len(own)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in own)
    assert {kind.exit_code for kind in own} == {1, 3, 5, 7, 64}
