"""WriteResult is not usable: stats for models in the cluster, an inference call where a probe is given."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated, error, reply
from tests.factories import change, changed, probe

from inferctl.applier.events import Result, StepWaiting
from inferctl.applier.readiness import Readiness, Waiter
from inferctl.emulator.provider import ProviderRule
from inferctl.model.desired_observed import ObservedEndpoint
from inferctl.planner.action import Action

from .worlds import CANARY, Patience, carried_out, local, plan_for, remote

if TYPE_CHECKING:
    from inferctl.model.endpoint import Probe


def deployment(**more: Any) -> dict[str, Any]:
    """One entry of the stats (docs/reference/server/in-cluster.md#stats)."""
    count, target = more.pop("count", 1), more.pop("target", 1)
    state = "starting" if count == 0 < target else "started" if count < target else "fully_allocated"
    status = {"allocation_count": count, "target_allocation_count": target, "state": state}
    stats = {"deployment_id": "a", "model_id": "m", "state": "started", "allocation_status": status, **more}
    return {"model_id": "m", "deployment_stats": stats}


def asked(emulated: Emulated, *answers: Any, timeout_s: float = 60.0) -> tuple[Readiness, Patience]:
    """Wait for `a`; the stats answer one after the other, the last one for ever."""
    left = list(answers)

    def stats(_method: str, target: str) -> Any:
        if "_stats" not in target:
            return None
        found = left.pop(0) if len(left) > 1 else left[0]
        return found if isinstance(found, tuple) else reply(200, {"trained_model_stats": found})

    emulated.override = stats
    patience = Patience(emulated)
    waiter = Waiter(emulated.client, lambda _: None, patience.clock, patience.sleep, patience.is_set)
    step = change(
        task_type="sparse_embedding", service="elasticsearch", action=Action.CREATE, ready_timeout_s=timeout_s
    )
    there = {"inference_id": "a", "task_type": "sparse_embedding", "service": "elasticsearch"}
    after = ObservedEndpoint.from_json({**there, "service_settings": {"model_id": "m"}})
    return waiter.until_ready(step, after), patience


@pytest.mark.parametrize(
    ("answers", "ready", "note"),
    [
        ([[deployment()]], True, ""),
        ([[deployment(count=2, target=2)]], True, ""),
        ([[deployment(count=0, target=0)]], True, "scaled to zero: the first call will wait"),
        ([[], [{"model_id": "m"}], [deployment(count=0)], [deployment()]], True, ""),
        ([[deployment(deployment_id="other"), deployment()]], True, ""),
        ([[deployment(count=1, target=2)]], False, "not ready after 60 s: waiting for 1 of 2 allocations"),
        ([[deployment(state="starting", count=0)]], False, "waiting for 0 of 1 allocations"),
        ([[deployment(state="stopping")]], False, "not ready after 60 s"),
        ([[deployment(deployment_id="other")]], False, "waiting for its deployment to appear"),
        ([error(404)], False, "waiting for its deployment to appear"),
        ([[deployment(state="failed", reason="no room")]], False, "its deployment failed: no room"),
    ],
)
def test_deployments(answers: list[Any], ready: bool, note: str) -> None:
    found, _ = asked(Emulated(), *answers)
    assert found.ready is ready
    assert note in found.note
    assert bool(found.note) is bool(note)


def test_waits_grow_and_end_with_the_time() -> None:
    _, patience = asked(Emulated(), [deployment(count=0)], timeout_s=60.0)
    assert patience.slept[0] < patience.slept[3] <= 5.0
    assert max(patience.slept) == 5.0
    assert patience.now_s == pytest.approx(60.0)


@pytest.mark.parametrize("ready", [True, False])
def test_without_the_privilege_for_stats_the_endpoint_is_asked(ready: bool) -> None:
    """`monitor_ml` is another privilege than `manage_inference` (docs/reference/server/requests.md#privileges)."""
    emulated = Emulated()
    if ready:
        emulated.call("PUT", "/_inference/sparse_embedding/a", {"service": "elasticsearch", "service_settings": {
            "model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}})  # fmt: skip
    found, patience = asked(emulated, error(403, "security_exception"))
    assert found.ready is ready
    assert emulated.sent[-1] == "POST /_inference/sparse_embedding/a"
    assert patience.slept == []
    assert ready or "did not answer" in found.note


def test_a_connection_that_breaks_is_not_ready() -> None:
    emulated = Emulated()
    emulated.fault("cut_before", "GET", "/_ml/.*", count=-1)
    ran = carried_out(emulated, plan_for(emulated, local()))
    assert (ran.code, ran["a"].result) == (6, Result.NOT_READY)
    assert "could not be read" in ran["a"].detail


def test_it_says_what_it_waits_for_every_ten_seconds() -> None:
    emulated = Emulated()
    emulated.cluster.allocation_seconds = 1000.0
    ran = carried_out(emulated, plan_for(emulated, local(ready_timeout_s=100)))
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (6, Result.NOT_READY, True)
    assert ran["a"].elapsed_s == pytest.approx(100.0)
    said = [event for event in ran.events if isinstance(event, StepWaiting)]
    assert 5 <= len(said) <= 10
    gaps = [later.elapsed_s - earlier.elapsed_s for earlier, later in itertools.pairwise(said)]
    assert min(gaps) >= 10
    assert said[0].what == "0 of 1 allocations"


def test_a_sharer_waits_for_the_deployment_of_the_owner() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, local("b1"), local("a1", deployment_id="b1"))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a1"].result) == (0, Result.DONE)
    assert sum("_stats" in line for line in emulated.sent) == 2


def test_an_adaptive_deployment_that_sleeps_is_ready() -> None:
    emulated = Emulated()
    settings = {"model_id": ".elser_model_2", "num_threads": 1, "adaptive_allocations": {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 2}}  # fmt: skip
    wanted = changed(local(), service_settings=settings)
    plan = plan_for(emulated, wanted)
    emulated.override = lambda _, target: emulated.cluster.advance(100_000) if "_stats" in target else None
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (0, Result.DONE)
    assert "scaled to zero" in ran["a"].detail


@pytest.mark.parametrize(
    ("task_type", "more", "probe"),
    [
        ("completion", {}, probe("hello")),
        ("text_embedding", {"dimensions": 12}, probe("hello", dimensions=12)),
        ("text_embedding", {"dimensions": 12}, probe(["hello", "again"], dimensions=12)),
        ("rerank", {"service": "cohere"}, probe(["a", "b"], query="a")),
        ("text_embedding", {"service": "cohere", "embedding_type": "bit", "dimensions": 16}, probe("x", dimensions=16)),
        (
            "text_embedding",
            {"service": "cohere", "embedding_type": "byte", "dimensions": 16},
            probe("x", dimensions=16),
        ),
    ],
)
def test_probes_that_hold(task_type: str, more: dict[str, Any], probe: Probe) -> None:
    emulated = Emulated()
    more = {k: v for k, v in more.items() if (k, more.get("service")) != ("dimensions", "cohere")}
    emulated.cluster.script_provider(ProviderRule(dimensions=16 if more.get("service") == "cohere" else 0))
    ran = carried_out(emulated, plan_for(emulated, remote(task_type=task_type, probe=probe, **more)))
    assert (ran.code, ran["a"].result, ran["a"].detail) == (0, Result.DONE, "")
    assert sum(line.startswith("POST") for line in emulated.sent) == 1


def test_a_probe_with_other_dimensions() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote(task_type="text_embedding", probe=probe("x", dimensions=7)))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result, ran["a"].wrote) == (6, Result.NOT_READY, True)
    assert "dimensions, not 7" in ran["a"].detail


def test_a_probe_without_a_vector() -> None:
    emulated = Emulated()
    ran = carried_out(emulated, plan_for(emulated, remote(probe=probe("x", dimensions=7))))
    assert (ran.code, ran["a"].result) == (6, Result.NOT_READY)
    assert "holds no vector" in ran["a"].detail


def test_a_probe_that_the_provider_refuses() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote(probe=probe("x")))
    # Its words quote the key, which the probe did not carry and the create before it did.
    emulated.cluster.script_provider(ProviderRule("401", message=f"bad key {CANARY}!"), ProviderRule("ok", count=1))
    ran = carried_out(emulated, plan)
    assert (ran.code, ran["a"].result) == (6, Result.NOT_READY)
    assert "the probe failed" in ran["a"].detail
    assert "bad key (secret)!" in ran["a"].detail


def test_a_rotation_is_probed() -> None:
    emulated = Emulated()
    carried_out(emulated, plan_for(emulated, remote()))
    plan = plan_for(emulated, remote(probe=probe("x")), send_secrets=("a",))
    assert carried_out(emulated, plan).code == 0
    assert any(line.startswith("POST") for line in emulated.sent)


def test_what_is_not_written_is_not_probed() -> None:
    emulated = Emulated()
    plan = plan_for(emulated, remote(probe=probe("x")))
    emulated.fault("status", "PUT", status=400)
    assert carried_out(emulated, plan)["a"].result is Result.FAILED
    assert not any(line.startswith("POST") for line in emulated.sent)
