"""What a version refuses, what could not be seen, and whose deployment it is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import desired, observed

from inferctl.model.versions import SERVERLESS, Version
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.make_plan import candidates_for_removal, make_plan
from inferctl.planner.plan import Capabilities, DesiredSet, Observation, Permissions
from inferctl.planner.references import References

from .worlds import plan_of

SIZED: dict[str, Any] = {"model_id": ".rerank-v1", "num_threads": 1, "num_allocations": 1}
KIND: dict[str, Any] = {"service": "elasticsearch", "task_type": "rerank"}
MAY: dict[str, Any] = {"manage": ("a*",), "allow_replace": True}


def one(*args: Any, **kwargs: Any) -> Any:
    (change,) = plan_of(*args, **{**MAY, **kwargs}).changes
    return change


@pytest.mark.parametrize(("version", "standing"), [("9.1", Standing.BLOCKED), ("9.5", Standing.READY)])
def test_a_service_that_is_too_new_is_not_sent(version: str, standing: Standing) -> None:
    settings = {"model_id": "m", "url": "https://x", "api_key": {"env": "K"}}
    change = one([desired(service="nvidia", task_type="completion", settings=settings)], [], version)
    assert change.standing is standing
    if standing is Standing.BLOCKED:
        assert change.blocks[0].kind is BlockKind.IMPOSSIBLE
        assert "9.3" in change.blocks[0].text


def test_nothing_is_deleted_for_a_replacement_that_the_server_would_refuse() -> None:
    chunking = {"strategy": "sentence", "max_chunk_size": 900}
    wanted = desired(task_type="text_embedding", chunking=chunking)
    there = observed(task_type="text_embedding", chunking={**chunking, "max_chunk_size": 250})
    change = one([wanted], [there], "9.1")
    assert (change.action, change.standing) == (Action.REPLACE, Standing.BLOCKED)
    assert [block.kind for block in change.blocks] == [BlockKind.IMPOSSIBLE]


def test_passed_through_settings_are_the_servers_business() -> None:
    wanted = desired(service="brand_new", settings={"x": {}, "api_key": {"env": "K"}, "y": 1})
    object.__setattr__(wanted, "passthrough", True)
    assert one([wanted], [], "8.17").standing is Standing.READY
    there = observed(service="brand_new", settings={"y": 1})
    assert one([wanted], [there]).action is Action.NOOP  # an empty mapping is an absent one
    object.__setattr__(wanted, "task_settings", {"t": 1})
    assert one([wanted], [there]).action is Action.UPDATE
    assert one([wanted], [observed(service="brand_new", settings={"y": 2}, task={"t": 1})]).action is Action.REPLACE


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.4", "9.5"])
def test_the_size_of_an_attached_deployment_is_not_compared(version: str) -> None:
    wanted = desired(**KIND, settings={"deployment_id": "d", "num_allocations": 4})
    there = observed(**KIND, settings={"deployment_id": "d", "model_id": "m", "num_allocations": 1, "num_threads": 1})
    assert one([wanted], [there], version).action is Action.NOOP


@pytest.mark.parametrize("version", ["8.17", "9.1", "9.4", "9.5"])
def test_somebody_elses_deployment_is_never_resized(version: str) -> None:
    there = observed(**KIND, settings={**SIZED, "deployment_id": "d"})
    change = one([desired(**KIND, settings={**SIZED, "num_allocations": 3})], [there], version)
    assert change.action is Action.REPLACE
    assert ("service_settings", "deployment_id") in [field.path for field in change.fields]


def test_an_attached_endpoint_is_never_updated() -> None:
    kind: dict[str, Any] = {"service": "elasticsearch", "task_type": "sparse_embedding"}
    wanted = desired(**kind, settings={"deployment_id": "d"}, chunking={"strategy": "none"})
    change = one([wanted], [observed(**kind, settings={"deployment_id": "d", "model_id": "m"})])
    assert change.action is Action.REPLACE
    assert "attached to deployment d" in change.reasons[0]


def test_a_protected_endpoint_that_is_equal_is_no_step_and_no_block() -> None:
    change = one([desired(protect=("delete", "replace"))], [observed()])
    assert (change.action, change.standing, change.blocks) == (Action.NOOP, Standing.READY, ())


@pytest.mark.parametrize("there", [None, observed(".a")])
def test_the_servers_own_ids_are_never_planned(there: Any) -> None:
    wanted = desired(".a", task={"user": "u"})
    (change,) = plan_of([wanted], [there] if there else [], manage=("*",)).changes
    assert [block.kind for block in change.blocks] == [BlockKind.RESERVED]


def unlisted(*endpoints: Any, **unreadable: str) -> Observation:
    return Observation({e.inference_id: e for e in endpoints}, unreadable=unreadable, listed=False)


def test_without_a_list_nobody_knows_who_shares_a_deployment() -> None:
    wanted = DesiredSet((desired("a", **KIND, settings={**SIZED, "num_threads": 2}), desired("a2"), desired("a3")))
    seen = unlisted(observed("a", **KIND, settings=SIZED), observed("a2", settings={"model_id": "x"}), a3="500")
    plan = make_plan(wanted, seen, Capabilities(version=Version(9, 5)), Permissions(**MAY))
    standings = {c.inference_id: (c.action, c.standing) for c in plan.changes}
    assert standings == {
        "a": (Action.REPLACE, Standing.UNKNOWN),
        "a2": (Action.REPLACE, Standing.READY),
        "a3": (Action.REPLACE, Standing.UNKNOWN),
    }
    assert any("list of endpoints failed" in warning for warning in plan.warnings)
    assert set(candidates_for_removal(plan)) == {"a", "a2"}


def test_what_serverless_sizes_is_no_drift() -> None:
    wanted = DesiredSet((desired("a", **KIND, settings={**SIZED, "num_allocations": 3}),))
    seen = Observation({"a": observed("a", **KIND, settings=SIZED)})
    serverless = Capabilities(version=SERVERLESS)
    (change,) = make_plan(wanted, seen, serverless, Permissions(**MAY)).changes
    assert change.action is Action.NOOP
    assert "left alone" in change.warnings[0]


def test_nobody_is_asked_about_what_is_not_ours() -> None:
    plan = plan_of([desired("z", settings={"model_id": "n"})], [observed("z")])
    assert plan.changes[0].action is Action.REPLACE
    assert candidates_for_removal(plan) == {}


def test_references_that_could_not_be_asked_for_are_said() -> None:
    change = one(
        [desired(settings={"model_id": "n"})], [observed()], references={"a": References(scan=(), asked=False)}
    )
    assert change.standing is Standing.READY
    assert "own scan only" in change.warnings[0]


def test_skipped_ids_are_named() -> None:
    plan = plan_of([desired("a1"), desired("a2")], [], target=("a1",))
    assert any("a2" in note for note in plan.notes)


def test_a_newer_server_is_noted() -> None:
    assert any("newer" in note for note in plan_of([desired()], [], "9.7").notes)


def test_nothing_lost_where_there_is_no_chunking_to_lose() -> None:
    wanted = desired(task_type="text_embedding", task={"user": "u"})
    assert one([wanted], [observed(task_type="text_embedding")], "9.1").action is Action.UPDATE
