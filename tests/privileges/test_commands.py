"""Each command with exactly its documented privileges, and with any one less."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.docs.test_commands import COMMANDS

from inferctl.client.command_privileges import BEYOND_ROLES, ROLES, USES, Need, Use, role

from .scenes import SCENES, Keyed, Scene, scene_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[[Scene, str], Keyed]

VERSIONS = ("8.17", "9.1", "9.5", "serverless")
CLUSTER_USES = [use for use in USES if use.calls]


def name_of(use: Use) -> str:
    return f"{use.command}: {use.case}"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Make:
    """The desk of a scene, with everything prepared."""

    def made(scene: Scene, version: str) -> Keyed:
        desk = Keyed(tmp_path, monkeypatch, capsys, version=version, scope=scene.scope)
        desk.set(COHERE_API_KEY="k1")
        scene.prepare(desk)
        return desk

    return made


def test_every_command_and_every_row_is_tried() -> None:
    assert {use.command for use in USES} == set(COMMANDS)
    assert {(use.command, use.case) for use in USES} == set(SCENES)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("use", CLUSTER_USES, ids=name_of)
def test_the_documented_privileges_are_enough(make: Make, use: Use, version: str) -> None:
    """No request is refused, so nothing was left out either; and no request is made that the table does not list."""
    scene = scene_of(use)
    desk = make(scene, version)
    desk.hold(need.privilege for need in use.needs(serverless=version == "serverless"))
    done = desk(*scene.argv)
    assert (done.code, desk.refused()) == (scene.code, []), done.said
    assert "not seen" not in done.out
    assert desk.calls() <= {*use.calls, *use.noted}


LESS = [
    pytest.param(use, need, version, id=f"{name_of(use)} without {need.privilege}, {version}")
    for version in VERSIONS
    for use in USES
    for need in use.needs(serverless=version == "serverless")
]


@pytest.mark.parametrize(("use", "less", "version"), LESS)
def test_with_any_one_less(make: Make, use: Use, less: Need, version: str) -> None:
    """A necessary one: nothing is written, and the error names it. An optional one: the run says what it did not see."""
    scene = scene_of(use)
    desk = make(scene, version)
    before = desk.state()
    desk.hold(n.privilege for n in use.needs(serverless=version == "serverless") if n != less)
    done = desk(*scene.argv)
    if less.optional:
        assert done.code == scene.code, done.said
        assert less.privilege.name in done.said
        return
    assert done.code == 1, done.said
    assert f"missing privilege {less.privilege}: needed to " in done.said
    assert desk.state() == before
    assert "Traceback" not in done.said


def test_waiting_and_trying_are_part_of_an_apply(make: Make) -> None:
    """The scenes make the requests that an apply makes for a model in the cluster and for a probe."""
    scene = SCENES["apply", "creates and updates, with a scope"]
    desk = make(scene, "9.5")
    desk.hold_role(role("apply"))
    assert desk(*scene.argv).code == 0
    assert {"infer", "model stats", "create", "update", "privileges", "take the lock", "remove records"} <= desk.calls()


@pytest.mark.parametrize("use", [use for use in USES if not use.calls], ids=name_of)
def test_commands_that_ask_no_cluster(make: Make, use: Use) -> None:
    scene = scene_of(use)
    desk = make(scene, "9.5")
    desk.hold(())
    assert desk(*scene.argv).code == scene.code
    assert desk.emulated.sent == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("job", "use"),
    [
        (job, use)
        for job, commands in ROLES.items()
        for use in CLUSTER_USES
        if use.command in commands and not BEYOND_ROLES & set(use.calls)
    ],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_role_is_enough_for_its_commands(make: Make, job: str, use: Use, version: str) -> None:
    """The plan role sees no dry run; else nothing is refused."""
    scene = scene_of(use)
    desk = make(scene, version)
    desk.hold_role(role(job, serverless=version == "serverless"))
    done = desk(*scene.argv)
    assert done.code == scene.code, done.said
    dry_runs = [line for line in desk.refused() if job == "plan" and line.startswith("DELETE /_inference")]
    assert desk.refused() == dry_runs
    assert bool(dry_runs) is (job == "plan" and "dry run" in use.noted)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plan_role_decides_as_one_with_everything(make: Make, version: str) -> None:
    """Without the privilege to write: the same actions, with a note that only our own scan looked for references."""
    use = next(use for use in USES if (use.command, use.case) == ("plan", "with removals, with a scope"))
    desk = make(scene_of(use), version)
    desk.emulated.call("PUT", "/_ingest/pipeline/user", {"processors": [{"inference": {"model_id": "b"}}]})
    whole = desk("plan", "--allow-delete", "--format", "json")
    desk.hold_role(role("plan"))
    seen = desk("plan", "--allow-delete", "--format", "json")
    assert seen.code == whole.code
    assert actions(seen.out) == actions(whole.out)
    assert "own scan only" in seen.out
    assert "own scan only" not in whole.out


@pytest.mark.parametrize("use", [u for u in CLUSTER_USES if u.command not in ROLES["plan"]], ids=name_of)
def test_a_plan_role_writes_nothing(make: Make, use: Use) -> None:
    """Every command of an apply job is refused before it writes."""
    scene = scene_of(use)
    desk = make(scene, "9.5")
    before = desk.state()
    desk.hold_role(role("plan"))
    done = desk(*scene.argv)
    assert done.code == 1, done.said
    assert "missing privilege " in done.err
    assert desk.state() == before


def test_forget_makes_no_ledger(make: Make) -> None:
    """Taking the lock of a ledger that is not there would make the index, without its mappings."""
    desk = make(SCENES["validate", "asks no cluster"], "9.5")
    assert desk("forget", "a").code == 64
    assert desk.emulated.cluster.indices == {}


def actions(report: str) -> list[tuple[str, str, str]]:
    return [(c["id"], c["action"], c["standing"]) for c in json.loads(report)["changes"]]
