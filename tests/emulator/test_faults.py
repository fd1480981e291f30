"""Scripted faults and the controls under `/_emulator` (emulating.md#state)."""

from __future__ import annotations

from typing import Any

import pytest

from inferctl.emulator.adapter import Reply, as_function, handle
from inferctl.emulator.faults import KINDS, Fault

from .api import JSON, KEY, Api, openai


def raw(api: Api, method: str, target: str) -> Reply:
    return handle(api.cluster, method, target, {}, b"")


def test_status(api: Api) -> None:
    """errors.md#status-codes: an error in the envelope, and nothing is done."""
    api.put("completion", "ep", openai())
    api.cluster.script_faults(
        Fault("status", "DELETE", "/_inference/ep", status=503, reason="no master", error_type="x")
    )
    answer = api("DELETE", "/_inference/ep")
    assert answer.brief() == (503, "x", "no master")
    assert not api.gone("ep")
    assert api("DELETE", "/_inference/ep").status == 200


def test_throttle(api: Api) -> None:
    """errors.md#status-codes: 429 with Retry-After."""
    api.cluster.script_faults(Fault("throttle", seconds=2))
    answer = api("GET", "/_inference")
    assert (answer.status, answer.header("Retry-After")) == (429, "2")
    assert api("GET", "/_inference").status == 200


def test_delay() -> None:
    """emulating.md#state: the operation goes on afterwards."""
    waited: list[float] = []
    api = Api(sleep=waited.append)
    api.cluster.script_faults(Fault("delay", seconds=1.5))
    assert api("GET", "/_inference").status == 200
    assert waited == [1.5]


@pytest.mark.parametrize(("kind", "done"), [("cut_before", False), ("cut_after", True), ("truncate", True)])
def test_lost_answers(api: Api, kind: str, done: bool) -> None:
    """reconciling.md#creating: the connection breaks before or after the operation, or in the middle of the answer."""
    api.put("completion", "ep", openai())
    api.cluster.script_faults(Fault(kind, "DELETE"))
    reply = raw(api, "DELETE", "/_inference/ep")
    assert reply.ending == ("truncated" if kind == "truncate" else "cut")
    assert api.gone("ep") == done


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "truncate"])
def test_lost_answers_in_process(api: Api, kind: str) -> None:
    """reconciling.md#creating: a client in this process sees a reset connection."""
    call = as_function(api.cluster)
    api.cluster.script_faults(Fault(kind, "GET"))
    with pytest.raises(ConnectionResetError):
        call("GET", "/_inference", {}, None)
    status, headers, body = call("GET", "/_inference", {}, None)
    assert (status, body[:13], headers["X-elastic-product"]) == (200, b'{"endpoints":', "Elasticsearch")


def test_count_and_skip(api: Api) -> None:
    """emulating.md#state: some requests pass first, then some fail, then all is well."""
    api.cluster.script_faults(Fault("status", "GET", "/_inference", skip=2, count=3))
    assert [api("GET", "/_inference").status for _ in range(7)] == [200, 200, 503, 503, 503, 200, 200]


def test_for_ever(api: Api) -> None:
    """emulating.md#state: a count of -1."""
    api.cluster.script_faults(Fault("status", count=-1))
    assert {api("GET", "/_inference").status for _ in range(5)} == {503}
    api.good("DELETE", "/_emulator/faults")
    assert api("GET", "/_inference").status == 200


def test_selectors_match_whole_strings(api: Api) -> None:
    """emulating.md#state: method and path, as regular expressions; the query does not count."""
    api.cluster.script_faults(Fault("status", "PUT|DELETE", "/_inference/[^/]+", count=-1))
    assert api("GET", "/_inference/ep").status == 404
    assert api("DELETE", "/_inference/ep").status == 503
    assert api("DELETE", "/_inference/ep?force=true").status == 503
    assert api("DELETE", "/_inference/completion/ep").status == 404


def test_the_oldest_fault_strikes_first(api: Api) -> None:
    """emulating.md#state."""
    api.cluster.script_faults(Fault("status", status=502), Fault("status", status=504))
    assert [api("GET", "/_inference").status for _ in range(3)] == [502, 504, 200]


# --- over HTTP


def test_script_a_fault(api: Api) -> None:
    """emulating.md#state."""
    api.good("POST", "/_emulator/faults", {"kind": "status", "status": 418, "path": "/_inference"})
    assert api("GET", "/_inference").status == 418


@pytest.mark.parametrize("fault", [{}, {"kind": "nope"}, {"kind": "status", "foo": 1}, {"kind": "status", "path": "("}])
def test_bad_fault(api: Api, fault: Any) -> None:
    """emulating.md#state: unknown words are refused."""
    assert api("POST", "/_emulator/faults", fault).status == 400
    assert api.cluster.faults == []


def test_kinds_are_all_there() -> None:
    """emulating.md#state."""
    assert set(KINDS) == {"status", "throttle", "delay", "cut_before", "cut_after", "truncate"}


def test_script_the_provider(api: Api) -> None:
    """create.md#validation-call: per service, id or key; the newest matching rule decides; a count limits it."""
    api.good("POST", "/_emulator/provider", {"outcome": "401", "service": "openai"})
    api.good("POST", "/_emulator/provider", {"outcome": "ok", "inference_id": "good"})
    api.good("POST", "/_emulator/provider", {"outcome": "429", "api_key": "poor", "count": 1})
    assert api("PUT", "/_inference/completion/bad", openai()).status == 400
    assert api("PUT", "/_inference/completion/good", openai()).status == 200
    poor = openai(api_key="poor")
    answers = [api("PUT", "/_inference/completion/good2", poor), api("PUT", "/_inference/completion/good2", poor)]
    assert ["[429]" in answers[0].raw.decode(), "[401]" in answers[1].raw.decode()] == [True, True]
    body = api.good("GET", "/_emulator/provider")
    assert body["count"] == 4
    assert body["calls"][0] == {"kind": "put", "inference_id": "bad", "service": "openai"}
    api.good("DELETE", "/_emulator/provider")
    assert api("PUT", "/_inference/completion/bad", openai()).status == 200


@pytest.mark.parametrize("rule", [{"outcome": "nope"}, {"foo": 1}])
def test_bad_provider_rule(api: Api, rule: Any) -> None:
    """create.md#validation-call."""
    assert api("POST", "/_emulator/provider", rule).status == 400


def test_request_log(api: Api) -> None:
    """emulating.md#state: methods, paths, queries and statuses; no bodies; its own calls are not in it."""
    api.put("completion", "ep", openai())
    api("DELETE", "/_inference/ep?dry_run=true")
    answer = api("GET", "/_emulator/requests")
    assert answer.body["requests"] == [
        {"method": "PUT", "path": "/_inference/completion/ep", "query": "", "status": 200},
        {"method": "DELETE", "path": "/_inference/ep", "query": "dry_run=true", "status": 200},
    ]
    assert KEY.encode() not in answer.raw
    api.good("DELETE", "/_emulator/requests")
    assert api.good("GET", "/_emulator/requests")["count"] == 0


def test_clock(api: Api) -> None:
    """in-cluster.md#stats: moved by hand."""
    now = api.cluster.now()
    api.good("POST", "/_emulator/clock", {"advance_seconds": 90})
    assert api.cluster.now() == now + 90
    assert api("POST", "/_emulator/clock", {"advance_seconds": "x"}).status == 400


def test_users(api: Api) -> None:
    """requests.md#privileges: security on and off; the controls themselves need no credentials."""
    api.good("POST", "/_emulator/users", {"users": [{"name": "ci", "api_key": "abc", "privileges": ["monitor"]}]})
    assert api("GET", "/_inference").status == 401
    assert api("GET", "/_inference", None, {"Authorization": "ApiKey abc"}).status == 200
    assert api("DELETE", "/_inference/x", None, {"Authorization": "ApiKey abc"}).status == 403
    assert api("POST", "/_emulator/users", {"users": [{"name": "x", "foo": 1}]}).status == 400
    api.good("POST", "/_emulator/users", {"users": None})
    assert api("GET", "/_inference").status == 200


def test_models(api: Api) -> None:
    """in-cluster.md#create: loaded as eland would."""
    body = {
        "service": "elasticsearch",
        "service_settings": {"model_id": "mine", "num_threads": 1, "num_allocations": 1},
    }
    assert api("PUT", "/_inference/text_embedding/ep", body).status == 400
    api.good("POST", "/_emulator/models", {"mine": "text_embedding"})
    assert api("PUT", "/_inference/text_embedding/ep", body).status == 200


@pytest.mark.parametrize("path", ["/_emulator/nope", "/_emulator"])
def test_unknown_control(api: Api, path: str) -> None:
    """emulating.md#state."""
    assert api("GET", path).status == 400


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "",
        "//",
        "/%",
        "/%00",
        "/_inference/%2e%2e",
        "/_inference/a%2Fb",
        "/_inference?a=%zz",
        "/_inference/\u00e9",
        "*",
    ],
)
def test_nothing_crashes(api: Api, method: str, target: str) -> None:
    """emulating.md#order-of-the-checks: every request gets an answer of the API."""
    for body in (b"", b"{}", b"\x00"):
        reply = handle(api.cluster, method, target, JSON if body else {}, body)
        assert 200 <= reply.status < 500
