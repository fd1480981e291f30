"""A service newer than this inferctl: refused without `passthrough: true`, and with it planned, applied and marked."""

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
