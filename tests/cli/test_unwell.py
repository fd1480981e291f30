"""What is not well is not called well, however often the command is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .conftest import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Emulator

ELSER = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}


def repository(tmp_path: Path, emulator: Emulator, first_line: str) -> Shell:
    endpoint = {"inference_id": "a", "task_type": "sparse_embedding", "service": "elasticsearch"}
    (tmp_path / "a.yaml").write_text(json.dumps({**endpoint, "service_settings": ELSER}), encoding="utf-8")
    (tmp_path / "inferctl.yaml").write_text(f"{first_line}\nendpoints: [a.yaml]\n", encoding="utf-8")
    return Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url})


@pytest.mark.parametrize("put_waits", [True, False])
@pytest.mark.parametrize("first_line", ["scope: shop", "manage: [a]"])
def test_a_model_that_fails_to_start(tmp_path: Path, emulator: Emulator, first_line: str, put_waits: bool) -> None:
    shell = repository(tmp_path, emulator, first_line)
    emulator.call("POST", "/_emulator/cluster", {"start_fails": "no room", "put_waits": put_waits})
    applied = shell("apply", "--yes")
    assert applied.code == 6, applied.out + applied.err
    planned = shell("plan", "--detailed-exitcode")
    assert planned.code == 2
    assert "its deployment is missing" in planned.out or "its deployment failed: no room" in planned.out
    assert "1 to repair" in planned.out
    assert "No changes" not in planned.out
    assert "1 to repair" in shell("plan", "--format", "markdown").out
    (change,) = shell("plan", "--format", "json").json()["changes"]
    assert (change["action"], change["symbol"], change["standing"]) == ("repair", "^", "ready")
    assert shell("apply", "--yes").code == 6  # it is not well because it was run again
    emulator.call("POST", "/_emulator/cluster", {"start_fails": ""})
    repaired = shell("apply", "--yes")
    assert repaired.code == 0, repaired.out + repaired.err
    clean = shell("plan", "--detailed-exitcode")
    assert (clean.code, "No changes" in clean.out) == (0, True)


def test_a_saved_repair_is_done_once(tmp_path: Path, emulator: Emulator) -> None:
    shell = repository(tmp_path, emulator, "scope: shop")
    assert shell("apply", "--yes").code == 0
    emulator.call("POST", "/_ml/trained_models/a/deployment/_stop?force=true")
    assert shell("plan", "--out", "saved.json", "--detailed-exitcode").code == 2
    assert shell("show", "saved.json", "--detailed-exitcode").code == 2
    for _ in range(2):
        applied = shell("apply", "saved.json", "--yes")
        assert applied.code == 0, applied.out + applied.err
    assert shell("plan", "--detailed-exitcode").code == 0
