"""Settings whose values are commands of CI runners, and what each command prints of them, in every format."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from .conftest import Repository, Shell

VALUES = (
    "##vso[task.setvariable variable=a]b",
    "##[add-path]c",
    "::add-mask::d",
    "  ::error::e",
    "f\n::stop-commands::g",
)
# What a runner looks for: `::` begins a line, brackets stand anywhere. In JSON and YAML also what begins a line of a
# text in them: others print it (`jq -r`).
COMMAND = re.compile(r"##\w*\[|^\s*::", re.MULTILINE)
QUOTED = re.compile(rf"{COMMAND.pattern}|[\"']\s*::|\\n\s*::", re.MULTILINE)


def body(model: str, number: int) -> dict[str, Any]:
    settings = {"model_id": model, "api_key": {"env": "COHERE_API_KEY"}}
    return {
        "inference_id": f"shop-{number}", "task_type": "rerank", "service": "cohere", "service_settings": settings
    }  # fmt: skip


@pytest.fixture
def shell(repository: Repository) -> Shell:
    """With endpoints that are there, all of whose models the files change."""
    made = repository("shop", {f"e{n}": json.dumps(body(value, n)) for n, value in enumerate(VALUES)})
    assert made("apply", "--yes").code == 0
    for n in range(len(VALUES)):
        value = VALUES[n - 1]
        (made.folder / "endpoints" / f"e{n}.yaml").write_text(json.dumps(body(value, n)), encoding="utf-8")
    return made


READS = (
    *(("plan", "--detail", "full", "--format", name) for name in ("text", "json", "markdown")),
    *(("history", "--format", name) for name in ("text", "json")),
    *(("refs", "shop-1", "--format", name) for name in ("text", "json")),
    *(("verify", "--format", name) for name in ("text", "json")),
    ("render", "--format", "json"),
    ("render", "--origin"),
    ("export",),
)
REPORTS = ("report.text", "report.json", "report.markdown")


def test_no_output_steers_a_runner(shell: Shell) -> None:
    for line in READS:
        done = shell(*line)
        assert done.code == 0, done.err
        assert not (QUOTED if {"json", "export", "render"} & set(line) else COMMAND).search(done.out), line
        assert not COMMAND.search(done.err), line
        assert "task.setvariable" in done.out or line[0] in ("refs", "verify")
    models = {document["service_settings"]["model_id"] for document in yaml.safe_load_all(done.out)}
    assert models == set(VALUES)
    wanted = [word for name in REPORTS for word in ("--report", f"{name.partition('.')[2]}={name}")]
    done = shell("apply", "--yes", "--allow-replace", *wanted)
    assert done.code == 0, done.err
    texts = [done.out, done.err, *((shell.folder / name).read_text(encoding="utf-8") for name in REPORTS)]
    assert not any(map(COMMAND.search, texts))


def test_no_finding_steers_a_runner(shell: Shell) -> None:
    for n, value in enumerate(VALUES):
        hostile = {**body("m", n), "task_settings": {value: value}, value: value}
        (shell.folder / "endpoints" / f"e{n}.yaml").write_text(json.dumps(hostile), encoding="utf-8")
    for name in ("text", "json"):
        done = shell("validate", "--format", name)
        assert done.code == 1
        assert not (QUOTED if name == "json" else COMMAND).search(done.out)
        assert not COMMAND.search(done.err)


def test_no_saved_plan_steers_a_runner(shell: Shell) -> None:
    assert shell("plan", "--out", "saved.json", "--allow-replace").code == 0
    assert not QUOTED.search((shell.folder / "saved.json").read_text(encoding="utf-8"))
    for name in ("text", "json", "markdown"):
        assert not COMMAND.search(shell("show", "saved.json", "--format", name).out)
