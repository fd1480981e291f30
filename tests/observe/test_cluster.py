"""What planning asks a cluster, how often, and what it makes of bad answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated, error, reply
from tests.factories import desired

from inferctl.errors import ServerError, UnexpectedAnswer, UnsupportedServer, WriteRefused
from inferctl.model.versions import SERVERLESS, Version
from inferctl.observe.cluster import (
    observe,
    plan_cluster,
    read_capabilities,
)
from inferctl.observe.references import ask_server
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.plan import DesiredSet, Permissions, Plan
from inferctl.planner.references import Reference, References, UserKind

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint

MAY = Permissions(manage=("a*",), allow_delete=True, allow_replace=True, max_deletes="100%")


def endpoint(inference_id: str, model: str = "m") -> DesiredEndpoint:
    return desired(inference_id, settings={"model_id": model, "api_key": {"env": "K"}})


def filled(version: str = "9.5", *ids: str) -> Emulated:
    emulated = Emulated(version)
    for inference_id in ids:
        body = {"service": "openai", "service_settings": {"model_id": "m", "api_key": "canary-1"}}
        emulated.client.put(task_type="completion", inference_id=inference_id, inference_config=body)
    emulated.sent.clear()
    return emulated


def planned(emulated: Emulated, *endpoints: DesiredEndpoint, may: Permissions = MAY) -> Plan:
    return plan_cluster(emulated.client.read_only(), DesiredSet(endpoints), may)


def test_unchanged_endpoints_cost_two_requests_however_many() -> None:
    ids = [f"a{n}" for n in range(60)]
    emulated = filled("9.5", *ids)
    assert planned(emulated, *map(endpoint, ids)).is_empty
    assert emulated.sent == ["GET /", "GET /_inference/_all"]


def test_planning_only_reads() -> None:
    emulated = filled("9.5", "a1", "a2")
    plan = planned(emulated, endpoint("a1", "other"), endpoint("a3"))
    assert [c.action for c in plan.changes] == [Action.REPLACE, Action.DELETE, Action.CREATE]
    asked = [line for line in emulated.sent if not line.startswith("GET")]
    assert sorted(asked) == [f"DELETE /_inference/completion/{i}?dry_run=true" for i in ("a1", "a2")]
    with pytest.raises(WriteRefused):
        emulated.client.read_only().delete(inference_id="a1", task_type="completion")


def test_a_referenced_endpoint_is_blocked_with_names() -> None:
    emulated = filled("9.5", "a1", "a2")
    emulated.cluster.pipelines["p1"] = {"processors": [{"inference": {"model_id": "a2"}}]}
    (change,) = planned(emulated, endpoint("a1")).steps
    assert change.standing is Standing.BLOCKED
    assert change.references == References(("p1",), (), (Reference(UserKind.PIPELINE, "p1"),))
    assert change.blocks[0].kind is BlockKind.REFERENCED
    forced = Permissions(manage=("a*",), allow_delete=True, force_delete=frozenset({"a2"}))
    (change,) = planned(emulated, endpoint("a1"), may=forced).steps
    assert change.standing is Standing.READY
    assert "p1" in change.warnings[0]


def test_without_the_privilege_references_are_unknown_and_said() -> None:
    emulated = filled("9.5", "a1", "a2")
    emulated.override = lambda method, _: error(403, "security_exception") if method == "DELETE" else None
    (change,) = planned(emulated, endpoint("a1")).steps
    assert (change.references, change.standing) == (References(scan=(), asked=False), Standing.READY)
    assert "own scan only" in change.warnings[0]


def test_an_endpoint_that_is_gone_is_used_by_nobody() -> None:
    assert ask_server(Emulated().client.read_only(), "a", "completion") == References()


@pytest.mark.parametrize("body", [{}, {"acknowledged": False}, {"pipelines": []}, {"pipelines": [], "indexes": "x"}])
def test_half_an_answer_is_not_taken_for_unreferenced(body: Any) -> None:
    emulated = Emulated()
    emulated.override = lambda method, _: reply(200, body) if method == "DELETE" else None
    with pytest.raises(UnexpectedAnswer):
        ask_server(emulated.client.read_only(), "a", "completion")


def broken(emulated: Emulated, *also: str) -> None:
    """One stored endpoint that cannot be parsed breaks every list (docs/reference/server/read.md#one-bad-endpoint)."""
    targets = ("/_inference/_all", *(f"/_inference/{inference_id}" for inference_id in also))
    emulated.override = lambda method, target: error(500) if method == "GET" and target in targets else None


def test_where_the_list_fails_declared_ids_are_read_one_by_one() -> None:
    emulated = filled("9.5", "a1", "a2", "a3")
    broken(emulated, "a3")
    plan = planned(emulated, endpoint("a1"), endpoint("a3"), endpoint("a4"))
    found = {c.inference_id: (c.action, c.standing) for c in plan.changes}
    assert found == {
        "a1": (Action.NOOP, Standing.READY),
        "a3": (Action.REPLACE, Standing.UNKNOWN),
        "a4": (Action.CREATE, Standing.READY),
    }  # a2 was not seen, so it is not deleted, and the plan says so
    assert any("list of endpoints failed" in warning for warning in plan.warnings)


def test_a_list_that_fails_for_everybody_is_no_empty_cluster() -> None:
    emulated = filled("9.5", "a1")
    emulated.override = lambda method, target: error(500) if target != "/" else None
    plan = planned(emulated, endpoint("a1"), endpoint("a2"))
    assert {c.standing for c in plan.changes} == {Standing.UNKNOWN}


def test_8_17_lists_too_little() -> None:
    emulated = filled("8.17", "a1", "a2")
    full = emulated.client.get(inference_id="_all")
    short = {"endpoints": [e for e in full["endpoints"] if e["inference_id"] != "a1"]}
    emulated.sent.clear()
    emulated.override = lambda _, target: reply(200, short) if target == "/_inference/_all" else None
    seen = observe(emulated.client.read_only(), ["a1", "a2", "a3"], version=Version(8, 17))
    assert {"a1", "a2"} <= set(seen.endpoints)
    assert emulated.sent[0] == "GET /_inference/_all"
    assert sorted(emulated.sent[1:]) == ["GET /_inference/a1", "GET /_inference/a3"]


@pytest.mark.parametrize("version", ["8.17", "9.5"])
def test_a_full_page_is_an_incomplete_list(version: str) -> None:
    emulated = Emulated(version)
    one = {"task_type": "completion", "service": "openai", "service_settings": {}}
    page = {"endpoints": [{"inference_id": f"x{n}", **one} for n in range(10_000)]}
    emulated.override = lambda _, target: reply(200, page) if target == "/_inference/_all" else None
    assert observe(emulated.client.read_only(), [], version=Version.parse(version)).complete is False


@pytest.mark.parametrize("body", [{}, {"endpoints": {}}, {"endpoints": [{"inference_id": "a"}]}, {"endpoints": [1]}])
def test_an_unknown_shape_is_an_error_not_an_empty_cluster(body: Any) -> None:
    emulated = Emulated()
    emulated.override = lambda _, target: reply(200, body) if target == "/_inference/_all" else None
    with pytest.raises(UnexpectedAnswer):
        observe(emulated.client.read_only(), ["a"], version=Version(9, 5))


@pytest.mark.parametrize(
    ("number", "flavor", "version"),
    [
        ("8.17.4", "default", Version(8, 17, patch=4)),
        ("9.1.0", "default", Version(9, 1, patch=0)),
        ("9.7.0-SNAPSHOT", "default", Version(9, 7, patch=0)),
        ("8.11.0", "serverless", SERVERLESS),
    ],
)
def test_capabilities(number: str, flavor: str, version: Version) -> None:
    found = read_capabilities(Emulated(number=number, flavor=flavor).client.read_only())
    assert (found.version, found.number, found.cluster_uuid) == (version, number, "u")


@pytest.mark.parametrize("number", ["8.16.9", "7.17.0"])
def test_an_old_server_is_refused(number: str) -> None:
    with pytest.raises(UnsupportedServer, match=r"8\.17"):
        read_capabilities(Emulated(number=number).client.read_only())


def test_a_version_that_is_none_is_an_unexpected_answer() -> None:
    with pytest.raises(UnexpectedAnswer):
        read_capabilities(Emulated(number="latest").client.read_only())


def test_a_dry_run_that_fails_stops_the_plan() -> None:
    emulated = filled("9.5", "a1", "a2")
    emulated.override = lambda method, _: error(500) if method == "DELETE" else None
    with pytest.raises(ServerError):
        planned(emulated, endpoint("a1"))


def test_no_plan_holds_a_secret() -> None:
    emulated = filled("9.5", "a1", "a2")
    assert "canary-1" not in repr(planned(emulated, endpoint("a1", "other")))
