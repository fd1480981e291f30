"""A run in an environment: its plan is for that one alone, and the ledger tells where it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulated import Emulated

from inferctl import Cluster, Endpoint, StalePlan, apply, plan, read_plan, render, write_plan
from inferctl.api.session import reading
from inferctl.ledger.records import INDEX
from inferctl.services import ElserSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPARSE = Endpoint(
    inference_id="sparse",
    task_type="sparse_embedding",
    service="elser",
    service_settings=ElserSettings(num_allocations=1, num_threads=1),
)


def on(emulated: Emulated, environment: str = "") -> Cluster:
    return Cluster(emulated.client, scope="team", environ={}, environment=environment, cluster_uuid="u")


def runs(emulated: Emulated) -> list[dict[str, Any]]:
    emulated.call("POST", f"/{INDEX}/_refresh")
    found = emulated.call("POST", f"/{INDEX}/_search", {"query": {"term": {"kind": "run"}}})
    return [hit["_source"] for hit in found["hits"]["hits"]]


def test_the_ledger_tells_where_a_run_was() -> None:
    told = []
    for environment in ("", "prod"):
        emulated = Emulated()
        apply(on(emulated, environment), [SPARSE])
        (run,) = runs(emulated)
        told.append(run)
    without, within = told
    assert {name: within[name] for name in within.keys() - without.keys()} == {
        "environment": "prod",
        "address": "http://emulator.invalid",
        "cluster_name": "c",
        "cluster_uuid": "u",
    }
    assert without.keys() <= within.keys()


@pytest.mark.parametrize("run", [reading, apply])
@pytest.mark.parametrize(("made_in", "used_in"), [("prod", "staging"), ("prod", ""), ("", "prod")])
def test_a_saved_plan_is_for_its_environment_alone(
    tmp_path: Path, run: Callable[..., Any], made_in: str, used_in: str
) -> None:
    emulated = Emulated()
    write_plan(tmp_path / "plan.json", plan(on(emulated, made_in), [SPARSE]))
    saved = read_plan(tmp_path / "plan.json")
    assert saved.environment == made_in
    emulated.sent.clear()
    with pytest.raises(StalePlan, match="environment"):
        run(on(emulated, used_in), saved)
    assert emulated.sent == []
    assert apply(on(emulated, made_in), saved).exit_code == 0


def test_a_report_says_whether_the_cluster_is_pinned() -> None:
    made = plan(on(Emulated(), "prod"), [SPARSE])
    assert render(made).startswith("Environment prod\n")
    assert " label=prod -->" in render(made, "markdown").partition("\n")[0]
    told = [json.loads(render(made, "json", pinned=pinned))["cluster"].get("pinned") for pinned in (True, False, None)]
    assert told == [True, False, None]
