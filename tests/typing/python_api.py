"""What the types of plan and apply promise; read by mypy, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from inferctl import (
    Change,
    Cluster,
    Endpoint,
    Exit,
    Loaded,
    Outcome,
    Permissions,
    Plan,
    StepFinished,
    apply,
    load,
    plan,
    read_plan,
    render,
    write_plan,
)
from inferctl.services import OpenAISettings, SecretRef

if TYPE_CHECKING:
    from pathlib import Path

    from inferctl import Event


def one_endpoint() -> Endpoint:
    settings = OpenAISettings(model_id="m", api_key=SecretRef("env", "K"))
    return Endpoint(inference_id="a", task_type="completion", service="openai", service_settings=settings)


def plan_and_apply(heard: list[Event]) -> None:
    with Cluster("https://h", api_key=("id", "key"), scope="team") as cluster:
        made = plan(cluster, [one_endpoint()], permissions=Permissions(allow_delete=True))
        assert_type(made, Plan)
        assert_type(made.steps, tuple[Change, ...])
        outcome = apply(cluster, made, on_event=heard.append, parallelism=2)
        assert_type(outcome, Outcome)
        assert_type(outcome.exit_code, Exit)
        assert_type(outcome.results, tuple[StepFinished, ...])
        assert_type(render(outcome, "markdown"), str)
    apply(Cluster.emulator("9.1"), [one_endpoint()])
    plan(Cluster.from_environment(), one_endpoint())  # type: ignore[arg-type]
    plan(Cluster.from_environment(), ["a.yaml"])  # type: ignore[list-item]
    Cluster("https://h", "key")  # type: ignore[call-arg]  # keyword-only


def files(folder: Path) -> None:
    loaded = load(folder, "more/*.yaml", config="inferctl.yaml")
    assert_type(loaded, Loaded)
    cluster = Cluster.from_environment(settings=loaded.settings)
    write_plan(folder / "plan.json", plan(cluster, loaded.adding([one_endpoint()])))
    plan(cluster, loaded.desired.endpoints)  # type: ignore[arg-type]
    assert_type(read_plan("plan.json"), Plan)
    apply(cluster, loaded)
