"""A service or a task type newer than this inferctl: refused without `passthrough: true`, and with it planned, applied and marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import CANARY, Shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.running import Emulator

FILE = """\
inference_id: from-the-future
task_type: rerank
service: coherent
service_settings: {model_id: m, passcode: {env: PASSCODE}}
"""
NEWER = {
    "name": "coherent",
    "task_types": ["rerank"],
    "service_settings": {"model_id": {"required": True}, "passcode": {"secret": True, "required": True}},
}


def test_an_unknown_service(shell: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]) -> None:
    emulator.call("POST", "/_emulator/services", NEWER)
    shell.environment |= {"ELASTICSEARCH_URL": emulator.url, "PASSCODE": CANARY}
    refused = shell("plan", folder({"a.yaml": FILE}))
    assert refused.code == 1
    assert "error[endpoint.service]: 'coherent' is not a service" in refused.err
    assert "fix: service: cohere" in refused.err
    assert emulator.writes() == []

    files = folder({"a.yaml": FILE + "passthrough: true\n"})
    marked = "passed through: the service coherent is unknown to this inferctl; the server lists it"
    plan = shell("plan", files, "--detailed-exitcode")
    assert plan.code == 2, plan.err
    assert marked in plan.out
    applied = shell("apply", files, "--yes")
    assert applied.code == 0, applied.err
    assert emulator.writes() == ["PUT /_inference/rerank/from-the-future"]
    again = shell("plan", files, "--detailed-exitcode", "--format", "json")
    assert again.code == 0
    assert marked in again.out
    for finished in (refused, plan, applied, again):
        assert CANARY not in finished.out + finished.err


TASK_TYPES = {
    "a-known-service.yaml": (
        "{inference_id: known-service, task_type: scene_search, service: openai,"
        " service_settings: {model_id: m, api_key: {env: PASSCODE}, zone: x}, task_settings: {user: u}}\n"
    ),
    "a-new-service.yaml": (
        "{inference_id: new-service, task_type: scene_search, service: coherent,"
        " service_settings: {model_id: m, passcode: {env: PASSCODE}}}\n"
    ),
}


def test_an_unknown_task_type(shell: Shell, emulator: Emulator, folder: Callable[[dict[str, str]], Path]) -> None:
    emulator.call("POST", "/_emulator/services", {**NEWER, "task_types": ["rerank", "scene_search"]})
    newer_task = {"name": "openai", "task_types": ["scene_search"], "service_settings": {"zone": {}}}
    emulator.call("POST", "/_emulator/services", newer_task)
    shell.environment |= {"ELASTICSEARCH_URL": emulator.url, "PASSCODE": CANARY}
    refused = shell("plan", folder(TASK_TYPES))
    assert refused.code == 1
    assert refused.err.count("error[endpoint.task-type]: 'scene_search' is not a task type") == 2
    assert emulator.writes() == []

    passed = {name: text.replace("{", "{passthrough: true, ", 1) for name, text in TASK_TYPES.items()}
    files = folder(passed)
    plan = shell("plan", files, "--detailed-exitcode")
    assert plan.code == 2, plan.err
    unknown = "passed through: scene_search is no task type that this inferctl knows"
    assert f"{unknown}; the server lists it for openai" in plan.out
    assert plan.out.count(unknown) == 2
    assert "passed through: the service coherent is unknown to this inferctl; the server lists it\n" in plan.out
    assert "'zone' is not a setting" not in plan.out  # of a task type that is unknown, so are all settings
    applied = shell("apply", files, "--yes")
    assert applied.code == 0, applied.err
    assert sorted(emulator.writes()) == [
        f"PUT /_inference/scene_search/{name}" for name in ("known-service", "new-service")
    ]
    again = shell("plan", files, "--detailed-exitcode", "--format", "json")
    assert again.code == 0, again.out
    assert unknown in again.out

    passed["a-known-service.yaml"] = passed["a-known-service.yaml"].replace("user: u", "user: v")
    changed = shell("apply", folder(passed), "--yes", "--manage", "*")
    assert changed.code == 0, changed.err
    assert emulator.writes()[-1] == "PUT /_inference/scene_search/known-service/_update"
    removed = shell("destroy", "--target", "known-service", "--manage", "known-*", "--max-deletes", "100%", "--yes")
    assert removed.code == 0, removed.err
    assert emulator.writes()[-1] == "DELETE /_inference/scene_search/known-service"
    for finished in (refused, plan, applied, again, changed, removed):
        assert CANARY not in finished.out + finished.err
