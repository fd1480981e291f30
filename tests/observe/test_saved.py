"""What the look before a saved plan asks of a cluster, and how often."""

from __future__ import annotations

import pytest
from tests.emulated import Emulated, error
from tests.factories import changed

from inferctl.errors import Unavailable
from inferctl.observe.cluster import plan_cluster, plan_saved, read_capabilities
from inferctl.planner.action import Standing
from inferctl.planner.file.decode import loads
from inferctl.planner.file.encode import dumps
from inferctl.planner.plan import DesiredSet, Guard, Plan

from .test_cluster import MAY, endpoint, filled


def saved(emulated: Emulated, *wanted: str) -> Plan:
    desired = DesiredSet(tuple(endpoint(name) for name in wanted))
    plan = plan_cluster(emulated.client.read_only(), desired, MAY)
    emulated.sent.clear()
    return loads(dumps(plan).encode(), "plan.json")


def look(emulated: Emulated, plan: Plan) -> Plan:
    known = read_capabilities(emulated.client)
    emulated.sent.clear()
    return plan_saved(emulated.client.read_only(), plan, MAY, known, None, skip_stale=False)


def test_one_list_whatever_the_number_of_steps() -> None:
    emulated = filled("9.5", "a-here")
    plan = saved(emulated, "a-here", *(f"a{number}" for number in range(50)))
    assert len(look(emulated, plan).runnable) == 50
    assert emulated.sent == ["GET /_inference/_all"]


def test_the_users_of_what_goes_are_asked_for_again_and_of_nothing_else() -> None:
    emulated = filled("9.5", "a-gone", "a-kept")
    plan = saved(emulated, "a-kept")
    found = look(emulated, plan)
    assert [change.inference_id for change in found.runnable] == ["a-gone"]
    assert [line for line in emulated.sent if line.startswith("DELETE")] == [
        "DELETE /_inference/completion/a-gone?dry_run=true"
    ]
    assert emulated.writes == []
    processor = {"inference": {"model_id": "a-gone", "input_output": [{"input_field": "a", "output_field": "b"}]}}
    emulated.call("PUT", "/_ingest/pipeline/p", {"processors": [processor]})
    found = look(emulated, plan)
    assert [stop.guard for stop in found.stops] == [Guard.STALE]
    assert "a-gone (used by pipelines p)" in found.stops[0].text


def test_what_was_blocked_is_not_asked_about() -> None:
    emulated = filled("9.5", "a-gone", "a-kept")
    plan = saved(emulated, "a-kept")
    held = changed(plan, changes=tuple(
        changed(c, standing=Standing.HELD) if c.inference_id == "a-gone" else c for c in plan.changes
    ))  # fmt: skip
    look(emulated, held)
    assert emulated.sent == ["GET /_inference/_all"]


def test_a_list_that_fails_makes_no_step_stale_that_can_be_read_alone() -> None:
    """One endpoint that cannot be read breaks every list (docs/reference/server/read.md#one-bad-endpoint)."""
    emulated = filled("9.5", "a-here")
    plan = saved(emulated, "a-here", "a-new")
    emulated.override = lambda method, target: error(500) if (method, target) == ("GET", "/_inference/_all") else None
    found = look(emulated, plan)
    assert [change.inference_id for change in found.runnable] == ["a-new"]
    assert not any(change.is_stale for change in found.changes)


def test_a_cluster_that_does_not_answer_is_an_error_and_no_staleness() -> None:
    emulated = filled("9.5", "a-here")
    plan = saved(emulated, "a-here", "a-new")
    known = read_capabilities(emulated.client)
    emulated.override = lambda _method, _target: error(503)
    with pytest.raises(Unavailable):
        plan_saved(emulated.client.read_only(), plan, MAY, known, None, skip_stale=True)
