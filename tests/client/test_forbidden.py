"""A 403 names the privilege that is missing, and what for (docs/reference/server/errors.md#security)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.emulated import HEADERS

from inferctl.client.api_errors import missing_privilege, missing_privilege_of_bulk_line
from inferctl.client.sync import InferenceClient
from inferctl.errors import Forbidden, LicenceRefused

WHO = "is unauthorized for user [ci] with effective roles [r]"
PUT = "action [cluster:admin/xpack/inference/put]"


def cluster(names: str) -> str:
    return f"{PUT} {WHO}, this action is granted by the cluster privileges [{names}]"


CASES: list[tuple[str, str, str, str]] = [
    (
        "DELETE",
        "/_inference/rerank/a",
        cluster("manage_inference,manage,all"),
        "missing privilege manage_inference: needed to delete endpoints",
    ),
    ("PUT", "/_inference/a", f"{PUT} {WHO}", "missing privilege manage_inference: needed to create endpoints"),
    (
        "GET",
        "/_inference",
        cluster("monitor_inference,manage_inference,monitor,manage,all"),
        "missing privilege monitor_inference: needed to read endpoints",
    ),
    # A later version that grants it by another privilege: the server knows better.
    (
        "GET",
        "/",
        cluster("see_info,all"),
        "missing privilege see_info: needed to see which cluster and version this is",
    ),
    # A request of a library user.
    (
        "GET",
        "/other/_search",
        f"action [x] {WHO} on indices [other], this action is granted by the index privileges [read,all]",
        "missing privilege read on other",
    ),
    ("GET", "/other/_search", f"action [x] {WHO}", "None"),
    ("GET", "/_inference", "no", "None"),
]


@pytest.mark.parametrize(("method", "path", "reason", "said"), CASES)
def test_words(method: str, path: str, reason: str, said: str) -> None:
    assert str(missing_privilege(method, path, (), reason)) == said


def test_a_dry_run_is_not_taken_for_a_delete() -> None:
    lack = missing_privilege(
        "DELETE", "/_inference/rerank/a", (("dry_run", "true"),), cluster("manage_inference,manage,all")
    )
    assert str(lack) == "missing privilege manage_inference: needed to ask the server who uses an endpoint"


@pytest.mark.parametrize(("operation", "privilege"), [("create", "create"), ("index", "create"), ("delete", "delete")])
def test_lines_of_a_bulk(operation: str, privilege: str) -> None:
    reason = f"action [indices:data/write/{operation}] {WHO} on indices [inferctl-ledger], this action is granted by "
    lack = missing_privilege_of_bulk_line(
        operation, "inferctl-ledger", f"{reason}the index privileges [{privilege},write,all]"
    )
    assert lack is not None
    assert str(lack).startswith(f"missing privilege {privilege} on inferctl-ledger: needed to ")


def answering(error: dict[str, Any]) -> InferenceClient:
    body = json.dumps({"error": {"root_cause": [error], **error}, "status": 403}).encode()
    return InferenceClient("http://emulator.invalid", transport=lambda *_: (403, HEADERS, body))


def test_the_error_of_the_client() -> None:
    error = {"type": "security_exception", "reason": cluster("manage_inference,manage,all")}
    with answering(error) as client, pytest.raises(Forbidden) as caught:
        client.delete(inference_id="a", task_type="rerank")
    assert caught.value.privilege == "manage_inference"
    assert str(caught.value).splitlines() == [
        "DELETE /_inference/rerank/a: 403 Forbidden",
        "missing privilege manage_inference: needed to delete endpoints",
        f"security_exception: {error['reason']}",
    ]


def test_other_403s_name_no_privilege() -> None:
    """A licence, and a proxy that refuses: nothing about privileges is known."""
    licence = {"type": "security_exception", "reason": "current license is non-compliant for [inference]"}
    for error, kind in ((licence, LicenceRefused), ({"type": "blocked", "reason": "by a proxy"}, Forbidden)):
        with answering(error) as client, pytest.raises(kind) as caught:
            client.delete(inference_id="a", task_type="rerank")
        assert caught.value.privilege == ""
        assert "missing privilege" not in str(caught.value)
