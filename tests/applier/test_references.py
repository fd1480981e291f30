"""Before each removal everybody is asked again; after a forced one we look for what it left behind."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulated import Emulated, Reply, error

from inferctl.applier.events import Result
from inferctl.planner.action import BlockKind, Standing

from .worlds import SCAN, applied, carried_out, local, only, plan_for, remote, without_scan

# What only our own scan sees.
UNSEEN_BY_THE_SERVER: dict[str, tuple[str, Any, str]] = {
    "on_failure of a pipeline": (
        "/_ingest/pipeline/p1",
        {"processors": [], "on_failure": [{"inference": {"model_id": "a"}}]},
        "pipelines p1",
    ),
    "an index template": (
        "/_index_template/t1",
        {
            "index_patterns": ["t1-*"],
            "template": {"mappings": {"properties": {"t": {"type": "semantic_text", "inference_id": "a"}}}},
        },
        "index templates t1",
    ),
}
kinds = pytest.mark.parametrize("kind", UNSEEN_BY_THE_SERVER)


def scanned(sent: list[str]) -> int:
    return sum(line.startswith(SCAN[0]) for line in sent)


@kinds
def test_what_only_our_scan_sees_blocks_until_it_is_gone(kind: str) -> None:
    path, body, said = UNSEEN_BY_THE_SERVER[kind]
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    emulated.call("PUT", path, body)
    change = only(plan_for(emulated, remote("b")))
    assert change.standing is Standing.BLOCKED
    assert [(block.kind, block.text) for block in change.blocks] == [
        (BlockKind.REFERENCED, f"used by {said} (seen by our scan only)")
    ]
    emulated.call("DELETE", path)
    assert only(plan_for(emulated, remote("b"))).standing is Standing.READY


@kinds
def test_it_is_lifted_for_the_named_id_and_says_what_breaks(kind: str) -> None:
    path, body, said = UNSEEN_BY_THE_SERVER[kind]
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    emulated.call("PUT", path, body)
    plan = plan_for(emulated, remote("b"), force_delete=frozenset({"a"}))
    assert f"--force-delete: used by {said} (seen by our scan only); these will break" in only(plan).warnings
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert (ran.code, ran["a"].result) == (0, Result.DONE)


@kinds
def test_what_appears_between_plan_and_apply(kind: str) -> None:
    path, body, said = UNSEEN_BY_THE_SERVER[kind]
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.call("PUT", path, body)
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (3, Result.BLOCKED, False)
    assert ran["a"].detail == f"used by {said} (seen by our scan only) since the plan"
    assert emulated.writes == []


def test_one_scan_for_all_removals_of_a_run_and_none_without() -> None:
    emulated = Emulated()
    ids = [f"a{n}" for n in range(8)]
    applied(emulated, *map(remote, ids), remote("b"))
    plan = plan_for(emulated, *(remote(i, model="n") for i in ids[:4]), remote("b"))
    assert carried_out(emulated, plan).code == 0
    assert scanned(emulated.sent) == 1
    assert len(emulated.sent) - len(without_scan(emulated.sent)) == len(SCAN)
    assert sum("dry_run=true" in line for line in emulated.sent) == len(ids)
    emulated.sent.clear()
    assert carried_out(emulated, plan_for(emulated, *(remote(i, model="n") for i in ids[:4]), remote("b"))).code == 0
    assert emulated.sent == []


def test_a_scan_that_fails_removes_nothing() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    plan = plan_for(emulated, remote("b"))
    emulated.override = lambda _, target: error(500) if target.startswith("/_index_template") else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (1, Result.FAILED)
    assert emulated.writes == []


def test_a_plan_that_could_not_see_everything_says_so() -> None:
    emulated = Emulated()
    applied(emulated, remote("a"), remote("b"))
    emulated.override = lambda _, target: error(403) if target.startswith("/_index_template") else None
    plan = plan_for(emulated, remote("b"))
    assert plan.warnings == (
        "users of endpoints that could not be looked for: index templates: no privilege (monitor)",
    )
    assert only(plan).standing is Standing.READY


def forced_removal(version: str = "9.5", *, stays: bool = True) -> tuple[Emulated, Any]:
    """`a` owns a deployment and goes by force; with `stays` its model cannot be stopped."""
    emulated = Emulated(version)
    assert applied(emulated, local("a"), remote("b")).code == 0
    plan = plan_for(emulated, remote("b"), force_delete=frozenset({"a"}))
    running = emulated.cluster.deployments["a"]

    def keep(method: str, target: str, answer: Reply) -> Reply:
        if stays and method == "DELETE" and "dry_run" not in target:
            emulated.cluster.deployments["a"] = running
        return answer

    emulated.after = keep
    return emulated, plan


@pytest.mark.parametrize("version", ["8.19", "9.1", "9.2", "9.5"])
def test_a_deployment_left_behind_is_reported_with_the_call_that_stops_it(version: str) -> None:
    emulated, plan = forced_removal(version)
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert "left behind and still runs (started)" in ran["a"].detail
    assert "POST /_ml/trained_models/a/deployment/_stop?force=true" in ran["a"].detail
    emulated.call("POST", "/_ml/trained_models/a/deployment/_stop?force=true", {})
    assert "a" not in emulated.cluster.deployments


def test_nothing_left_nothing_said() -> None:
    emulated, plan = forced_removal(stays=False)
    assert carried_out(emulated, plan, force=frozenset({"a"}))["a"].detail == ""


def test_a_lost_answer_and_a_deployment_left_behind() -> None:
    emulated, plan = forced_removal()
    emulated.fault("cut_after", "DELETE", skip=1)
    keep = emulated.after

    def keep_on_reading(method: str, target: str, answer: Reply) -> Reply:
        return keep("DELETE", "/_inference/a", answer) if target == "/_inference/a" else answer

    emulated.after = keep_on_reading
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert ran["a"].result is Result.DONE
    assert ran["a"].detail.startswith("the answer was lost; it is gone\nits deployment was left behind")


@pytest.mark.parametrize(
    ("status", "says"), [(403, "no privilege (monitor_ml)"), (500, "could not be seen: GET /_ml/trained_models/")]
)
def test_where_it_cannot_be_seen_that_is_said(status: int, says: str) -> None:
    emulated, plan = forced_removal()
    emulated.override = lambda _, target: error(status) if target.startswith("/_ml/") else None
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert ran["a"].result is Result.DONE
    assert says in ran["a"].detail


@pytest.mark.parametrize(("version", "force"), [("8.17", {"a"}), ("8.18", {"a"}), ("9.0", {"a"}), ("9.5", set())])
def test_nobody_looks_where_nothing_can_be_left(version: str, force: set[str]) -> None:
    emulated, plan = forced_removal(version, stays=False)
    assert carried_out(emulated, plan, force=frozenset(force)).code == 0
    assert not [line for line in emulated.sent if "/_ml/" in line]


def test_a_replacement_says_what_the_old_one_left() -> None:
    emulated = Emulated()
    assert applied(emulated, local("a")).code == 0
    other = remote("a", task_type="completion")
    plan = plan_for(emulated, other, force_delete=frozenset({"a"}))
    running = emulated.cluster.deployments["a"]

    def keep(method: str, target: str, answer: Reply) -> Reply:
        if target.startswith("/_ml/trained_models"):
            emulated.cluster.deployments.pop("a", None)  # so that the new one may have its id
        return answer

    def stay(method: str, target: str) -> None:
        if target.startswith("/_ml/trained_models"):
            emulated.cluster.deployments["a"] = running

    emulated.override, emulated.after = stay, keep
    ran = carried_out(emulated, plan, force=frozenset({"a"}))
    assert ran["a"].result is Result.DONE
    assert "left behind" in ran["a"].detail
