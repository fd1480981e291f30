"""Somebody before the cluster, or in its place, wants one answer to be believed: that nothing is there, or used.

Then a record is dropped while its endpoint lives, a used endpoint is deleted, everything is "adopted" once more. Who
holds the cluster's certificate can say what he likes; proxies, portals and other products cannot.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.applier.worlds import applied, carried_out, plan_for, remote
from tests.emulated import HEADERS, Emulated, Reply, error, reply
from tests.factories import owned
from tests.tables import rows

from inferctl import Cluster, apply, load
from inferctl.applier.events import Result
from inferctl.client.request import Operation, Request
from inferctl.errors import InferctlError, LedgerError, UnexpectedAnswer
from inferctl.ledger.contents import read_contents
from inferctl.ledger.examine import examine
from inferctl.ledger.index import IndexLedger
from inferctl.ledger.lock import holder_after
from inferctl.ledger.mappings import read_problems
from inferctl.ledger.records import INDEX
from inferctl.ledger.repair import find_repair
from inferctl.model.versions import Version
from inferctl.observe.cluster import list_everything, observe, read_capabilities
from inferctl.observe.references import ask_server, scan_documents
from inferctl.planner.action import Standing
from inferctl.planner.plan import Permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from inferctl import InferenceClient

PLAIN = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def envelope(kind: str, status: int = 404, **more: Any) -> bytes:
    return body({"error": {"root_cause": [], "type": kind, "reason": "no such index", **more}, "status": status})


HITS = {
    "took": 1,
    "timed_out": False,
    "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
    "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []},
}
EVERYTHING_EMPTY = HITS | {
    "endpoints": [], "trained_model_stats": [], "count": 0, "pipelines": [], "indexes": [], "acknowledged": False,
    "fields": {}, "indices": [], "has_all_requested": True, "username": "u", "cluster": {}, "index": {},
    "_id": "lock:team", "found": False, "result": "not_found",
}  # fmt: skip
# Who answers in the place of the cluster, and what.
FOREIGN: dict[str, Reply] = {
    "a proxy's page, 404": (404, HTML, b"<html>default backend - 404</html>"),
    "a proxy's page, 404, with the header of what it stands for": (404, HEADERS, b"<html>404</html>"),
    "a captive portal, 200": (200, HTML, b"<html><title>Sign in</title></html>"),
    "a gateway's JSON, 404": (404, PLAIN, body({"message": "no Route matched with those values"})),
    "a Spring application, 404": (404, PLAIN, body({"status": 404, "error": "Not Found", "path": "/"})),
    "another product, 404 in the same form": (404, PLAIN, envelope("index_not_found_exception", index=INDEX)),
    "another product, an unknown endpoint": (404, PLAIN, envelope("resource_not_found_exception")),
    "another product says its name": (404, PLAIN | {"X-elastic-product": "OpenSearch"}, body({"found": False})),
    "no header, 200, an empty object": (200, PLAIN, b"{}"),
    "no header, 200, all that we look for, empty": (200, PLAIN, body(EVERYTHING_EMPTY)),
    "no header, 200, hits alone": (200, PLAIN, body({"hits": {"hits": []}})),
    "no header, 400, no such route": (400, PLAIN, body({"error": "no handler found for uri [/x] and method [GET]"})),
    "the header, 404 of a type that does not fit": (404, HEADERS, envelope("security_exception")),
    "the header, 404 about another status": (404, HEADERS, envelope("resource_not_found_exception", 403)),
    "the header, 404 about another index": (404, HEADERS, envelope("index_not_found_exception", index="other")),
    "the header, 206, all that we look for, empty": (206, HEADERS, body(EVERYTHING_EMPTY)),
    "the header, 203, all that we look for, empty": (203, HEADERS, body(EVERYTHING_EMPTY)),
    "a login page by redirect": (302, HTML | {"location": "https://login.example.com"}, b""),
    "half an answer": (200, HEADERS, b'{"endpoints": ['),
}


def ledger(client: InferenceClient) -> IndexLedger:
    return IndexLedger(client, "team", sleep=lambda _seconds: None)


# Who would take the answer for "nothing is there": each must raise.
READERS: dict[str, Callable[[InferenceClient], object]] = {
    "the list of endpoints": lambda c: observe(c, ("a",), version=Version(9, 5)),
    "the list of endpoints of an export": lambda c: list_everything(c, Version(9, 5), ()),
    "one endpoint": lambda c: c.get(inference_id="a"),
    "an update": lambda c: c.update(inference_id="a", body={}),
    "a delete": lambda c: c.delete(inference_id="a"),
    "a dry run: who uses it": lambda c: ask_server(c, "a", "completion"),
    "the version": read_capabilities,
    "models in the cluster": lambda c: c.trained_model_stats(),
    "pipelines": lambda c: c.pipelines(filter_path="**.model_id"),
    "mappings": lambda c: c.mappings(),
    "settings of indexes": lambda c: c.index_settings(),
    "index templates": lambda c: c.index_templates(),
    "component templates": lambda c: c.component_templates(),
    "all users": scan_documents,
    "privileges": lambda c: c.has_privileges(cluster=["all"]),
    "services": lambda c: c.services(),
    "records of the ledger": read_contents,
    "the ledger of a plan": lambda c: ledger(c).view(),
    "the ledger's check": lambda c: examine(c, "team", None),
    "the history": lambda c: ledger(c).history(),
    "the ledger's mappings": read_problems,
    "a record to repair": lambda c: find_repair(c, "a"),
    "the salt": lambda c: c.get_document(INDEX, "salt:fingerprints"),
    "a lock": lambda c: holder_after(
        c, "team", timeout_s=0, clock=lambda: 0.0, sleep=lambda _s: None
    ),
    "the removal of a document": lambda c: c.delete_document(INDEX, "lock:team", if_seq_no=1, if_primary_term=1),
    "the stop of a model": lambda c: c.stop_deployment("m"),
    "any request": lambda c: c.raw(Request("GET", "/x", operation=Operation.READ)),
}  # fmt: skip


@rows([(reader, answer) for reader in READERS for answer in FOREIGN])
def test_no_answer_of_somebody_else_means_absence(reader: str, answer: str) -> None:
    emulated = Emulated()
    emulated.override = lambda _method, _target: FOREIGN[answer]
    if reader == "any request" and answer == "half an answer":
        return  # whoever asks for the answer as it is reads it himself
    with pytest.raises(InferctlError):
        READERS[reader](emulated.client)


def test_the_cluster_itself_is_believed() -> None:
    """The readers are not simply always afraid: all of them work on an empty cluster, and find nothing."""
    client = Emulated().client
    assert read_contents(client).records == {}
    assert read_problems(client) is None
    assert find_repair(client, "a") is None
    assert client.get_document(INDEX, "a") is None
    assert client.delete_document(INDEX, "a") is None
    assert scan_documents(client).uses == {}
    assert "a" not in observe(client, ("a",), version=Version(9, 5)).endpoints


def partial(**more: Any) -> Reply:
    return reply(200, HITS | more)


SHARDS = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
HIT = {"_id": "a", "_seq_no": 1, "_primary_term": 1, "_source": {}, "sort": [1]}


@rows(
    [
        ("it ran out of time", json.dumps({"timed_out": True})),
        ("it ran out of time, in other words", json.dumps({"timed_out": "true"})),
        ("a shard failed", json.dumps({"_shards": {**SHARDS, "failed": 1}})),
        ("a shard said nothing", json.dumps({"_shards": {**SHARDS, "total": 2}})),
        ("no shard was asked", json.dumps({"_shards": {**SHARDS, "total": 0, "successful": 0}})),
        ("nothing of shards", json.dumps({"_shards": None})),
        ("it was cut short", json.dumps({"terminated_early": True})),
        ("other clusters were skipped", json.dumps({"_clusters": {"total": 2, "successful": 1, "skipped": 1}})),
        ("fewer than it counts", json.dumps({"hits": {"total": {"value": 3, "relation": "eq"}, "hits": [HIT]}})),
        ("none of those it counts", json.dumps({"hits": {"total": {"value": 3, "relation": "eq"}, "hits": []}})),
        ("more than it counts", json.dumps({"hits": {"total": {"value": 0, "relation": "eq"}, "hits": [HIT]}})),
        ("it stopped counting", json.dumps({"hits": {"total": {"value": 0, "relation": "gte"}, "hits": []}})),
        ("it counts nothing", json.dumps({"hits": {"hits": []}})),
    ]
)
def test_a_part_of_the_hits_is_no_ledger(why: str, more: str) -> None:
    emulated = Emulated()
    emulated.override = lambda _method, _target: partial(**json.loads(more))
    with pytest.raises(UnexpectedAnswer, match="hits"):
        read_contents(emulated.client)


def test_a_later_page_that_is_empty_too_early_is_no_end_of_the_ledger() -> None:
    emulated = Emulated()
    ledger(emulated.client).prepare()
    ledger(emulated.client).note({f"e{n}": owned("team") for n in range(1_001)})
    assert len(read_contents(emulated.client).records) == 1_001

    def forget_the_rest(_method: str, target: str, answer: Reply) -> Reply:
        if "_search" in target and b"search_after" in emulated.last_body:
            told = json.loads(answer[2])
            return reply(200, told | {"hits": told["hits"] | {"hits": []}})
        return answer

    emulated.after = forget_the_rest
    with pytest.raises(UnexpectedAnswer, match="1000 of 1001"):
        read_contents(emulated.client)


def leaving() -> tuple[Emulated, Any]:
    """A cluster with `a` and `b`, and a plan that removes `a`."""
    emulated = Emulated()
    assert applied(emulated, remote("a"), remote("b")).code == 0
    return emulated, plan_for(emulated, remote("b"))


@rows([(answer,) for answer in FOREIGN])
def test_a_delete_that_somebody_else_answers_is_not_gone_already(answer: str) -> None:
    emulated, plan = leaving()
    emulated.override = lambda method, target: (
        FOREIGN[answer] if method == "DELETE" and "dry_run" not in target else None
    )
    ran = carried_out(emulated, plan)
    assert ran["a"].result in (Result.UNKNOWN, Result.FAILED)
    assert emulated.shown("a") is not None


@rows([(answer,) for answer in FOREIGN])
def test_a_read_that_somebody_else_answers_drops_no_record(answer: str) -> None:
    emulated, plan = leaving()
    emulated.override = lambda method, _target: FOREIGN[answer] if method == "GET" else None
    ran = carried_out(emulated, plan)
    assert ran["a"].result is not Result.DONE
    assert emulated.shown("a") is not None


@pytest.mark.parametrize(
    "answer",
    [
        (400, HTML, b"<html>a GET has no body</html>"),
        (400, PLAIN, body({"error": "no handler found for uri [/x] and method [GET]"})),
        error(400, "illegal_argument_exception"),
        error(404, "resource_not_found_exception"),
    ],
)
def test_a_refused_question_about_privileges_does_not_say_that_all_indexes_are_seen(answer: Reply) -> None:
    emulated = Emulated()
    emulated.override = lambda _method, target: answer if "_has_privileges" in target else None
    assert scan_documents(emulated.client).unseen


def test_without_security_all_indexes_are_seen() -> None:
    emulated = Emulated()
    no_route = reply(400, {"error": "no handler found for uri [/_security/user/_has_privileges] and method [GET]"})
    emulated.override = lambda _method, target: no_route if "_has_privileges" in target else None
    assert scan_documents(emulated.client).unseen == ()


def test_a_ledger_of_somebody_else_is_named_as_what_cannot_be_read() -> None:
    emulated = Emulated()
    emulated.override = lambda _method, target: FOREIGN["no header, 200, hits alone"] if "_search" in target else None
    with pytest.raises(LedgerError, match="cannot be read"):
        ledger(emulated.client).view()


@pytest.mark.parametrize("task_type", ["", "*", "a,b", "../completion"])
def test_an_endpoint_whose_task_type_leads_elsewhere_is_there_still(task_type: str) -> None:
    """Such a list does not say that the endpoint is to be made anew, nor that its record is of nothing."""
    emulated = Emulated()
    assert applied(emulated, remote("a"), remote("b")).code == 0

    def odd(_method: str, target: str, answer: Reply) -> Reply:
        listed = json.loads(answer[2])
        if not target.startswith("/_inference/_all"):
            return answer
        endpoints = [e | {"task_type": task_type} if e["inference_id"] == "a" else e for e in listed["endpoints"]]
        return reply(200, {"endpoints": endpoints})

    emulated.after = odd
    assert set(observe(emulated.client, ("a",), version=Version(9, 5)).unreadable) == {"a"}
    (declared,) = (c for c in plan_for(emulated, remote("a"), remote("b")).changes if c.inference_id == "a")
    assert declared.standing is Standing.UNKNOWN


ENDPOINT = """
inference_id: {name}
task_type: rerank
service: cohere
service_settings: {{model_id: m, api_key: {{env: KEY}}}}
"""


@pytest.mark.parametrize("is_there", [True, False])
def test_a_list_that_lacks_an_endpoint_does_not_drop_its_record(is_there: bool, tmp_path: Path) -> None:
    """An old list of a cache, with all headers. The record goes where a read of the endpoint says that it is gone."""
    emulated = Emulated()

    def applied_files(*names: str, **more: Any) -> Mapping[str, Result]:
        for file in tmp_path.glob("*.yaml"):
            file.unlink()
        for name in names:
            (tmp_path / f"{name}.yaml").write_text(ENDPOINT.format(name=name))
        cluster = Cluster(emulated.client, scope="team", environ={"KEY": "hunter2-hunter2"})
        return {step.inference_id: step.result for step in apply(cluster, load(tmp_path), **more).results}

    assert applied_files("a", "b") == {"a": Result.DONE, "b": Result.DONE}
    if is_there:
        emulated.override = lambda method, target: (
            reply(200, {"endpoints": []}) if method == "GET" and target.startswith("/_inference/_all") else None
        )
    else:
        emulated.call("DELETE", "/_inference/a")
    ended = applied_files("b")
    emulated.calm()
    assert ended["a"] is (Result.BLOCKED if is_there else Result.DONE)
    assert ("a" in read_contents(emulated.client).records) is is_there
    if is_there:
        forgotten = applied_files("b", permissions=Permissions(forget=frozenset({"a"})))
        assert forgotten["a"] is Result.DONE
        assert "a" not in read_contents(emulated.client).records
