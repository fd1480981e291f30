"""One endpoint that the server cannot read breaks every list: what is ours is still planned, and what is not seen said.

Source: docs/reference/server/read.md#one-bad-endpoint.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Emulator

FOREIGN = {"service": "cohere", "service_settings": {"model_id": "m", "api_key": "x"}}
ELSER = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1}


def remote(name: str) -> str:
    settings = {"model_id": "m", "api_key": {"env": "COHERE_API_KEY"}}
    return json.dumps({"inference_id": name, "task_type": "rerank", "service": "cohere", "service_settings": settings})


def local(name: str, **settings: Any) -> str:
    kind = {"task_type": "sparse_embedding", "service": "elasticsearch"}
    return json.dumps({"inference_id": name, **kind, "service_settings": {**ELSER, **settings}})


def repository(tmp_path: Path, emulator: Emulator, first_line: str, **files: str) -> Shell:
    (tmp_path / "endpoints").mkdir(exist_ok=True)
    (tmp_path / "inferctl.yaml").write_text(f"{first_line}\nendpoints: [endpoints/*.yaml]\n", encoding="utf-8")
    for name, text in files.items():
        (tmp_path / "endpoints" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, "COHERE_API_KEY": "k"})


def break_one_of_theirs(emulator: Emulator) -> None:
    emulator.call("PUT", "/_inference/rerank/theirs", FOREIGN)
    emulator.call("POST", "/_emulator/endpoints/theirs", {"broken": True})


def without(shell: Shell, name: str) -> None:
    (shell.folder / "endpoints" / f"{name}.yaml").unlink()


@pytest.fixture
def shell(tmp_path: Path, emulator: Emulator) -> Shell:
    made = repository(tmp_path, emulator, "scope: shop", a=remote("a"), b=remote("b"), model=local("model"))
    assert made("apply", "--yes").code == 0
    break_one_of_theirs(emulator)
    return made


def test_what_the_ledger_holds_is_still_removed(shell: Shell, emulator: Emulator) -> None:
    without(shell, "b")
    planned = shell("plan", "--detailed-exitcode", "--format", "json")
    assert planned.code == 2, planned.out
    assert [(c["id"], c["action"], c["standing"]) for c in planned.json()["changes"] if c["action"] != "no-op"] == [
        ("b", "delete", "held")
    ]
    emulator.writes()
    applied = shell("apply", "--yes", "--allow-delete")
    assert applied.code == 0, applied.out + applied.err
    assert emulator.writes() == ["DELETE /_inference/rerank/b"]


def test_whose_deployment_others_may_share_is_not_removed(shell: Shell, emulator: Emulator) -> None:
    without(shell, "model")
    planned = shell("plan", "--format", "json")
    (change,) = [c for c in planned.json()["changes"] if c["id"] == "model"]
    assert (change["action"], change["standing"]) == ("delete", "unknown")
    assert [block["kind"] for block in change["blocks"]] == ["shared-deployment"]
    emulator.writes()
    assert shell("apply", "--yes", "--allow-delete").code == 3
    assert emulator.writes() == []


def test_ours_that_cannot_be_read_and_should_go_is_a_step(shell: Shell, emulator: Emulator) -> None:
    emulator.call("POST", "/_emulator/endpoints/b", {"broken": True})
    without(shell, "b")
    planned = shell("plan", "--format", "json")
    assert planned.code == 3, planned.out
    (change,) = [c for c in planned.json()["changes"] if c["id"] == "b"]
    assert (change["action"], change["standing"]) == ("delete", "unknown")
    assert [block["kind"] for block in change["blocks"]] == ["unreadable"]


def test_a_ledger_that_names_all_of_ours_leaves_nothing_unseen(shell: Shell) -> None:
    planned = shell("plan", "--detailed-exitcode", "--format", "json")
    assert (planned.code, planned.json()["complete"]) == (0, True)


def test_without_a_ledger_nobody_says_that_nothing_changes(tmp_path: Path, emulator: Emulator) -> None:
    shell = repository(tmp_path, emulator, "manage: [a*, b*]", a=remote("a"), b=remote("b"))
    assert shell("apply", "--yes").code == 0
    without(shell, "b")
    break_one_of_theirs(emulator)
    planned = shell("plan", "--detailed-exitcode", "--out", "saved.json")
    assert planned.code == 2, planned.out
    assert "No changes" not in planned.out
    shown = shell("show", "saved.json", "--detailed-exitcode", "--format", "json")
    assert (shown.code, shown.json()["complete"]) == (2, False)
    assert "No changes" not in shell("plan", "--format", "markdown").out
    applied = shell("apply", "--yes", "--allow-delete", "--format", "json")
    assert (applied.code, len(applied.json()["warnings"])) == (1, 1)  # what was not seen was not removed either
    assert "more of ours" in applied.json()["warnings"][0]
    assert shell("plan", "--target", "a", "--detailed-exitcode").code == 0  # then nothing is removed anyway
