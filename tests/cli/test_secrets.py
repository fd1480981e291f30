"""No secret in anything that a person or a log could see: the third promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import CANARY, EXAMPLES, Shell, example_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Emulator


@pytest.mark.parametrize("output_format", ["text", "json", "markdown"])
def test_the_canary_of_every_example_appears_nowhere(tmp_path: Path, emulator: Emulator, output_format: str) -> None:
    shell = Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, **example_environment()})
    run = shell.process if output_format == "text" else shell  # a process shows what other libraries log, too
    reports = [f"--report={name}={name}.out" for name in ("text", "json", "markdown")]
    common = (EXAMPLES, "-vv", "--format", output_format, *reports)
    said = []
    # A provider that refuses every key, and quotes it as some do.
    emulator.call("POST", "/_emulator/provider", {"outcome": "401", "message": f"Incorrect API key: {CANARY}"})
    failing = run("apply", *common, "--yes")
    assert failing.code in (1, 4), failing.out + failing.err
    said.append(failing)
    emulator.call("POST", "/_emulator/provider", {"outcome": "ok"})
    said.append(run("plan", *common))
    said.append(run("apply", *common, "--yes"))
    assert said[-1].code == 0, said[-1].out + said[-1].err
    said.append(run("apply", *common, "--yes", "--manage", "*-example", "--send-secrets", "*"))
    for finished in said:
        assert CANARY not in finished.out
        assert CANARY not in finished.err
    for report in tmp_path.glob("*.out"):
        assert CANARY not in report.read_text(encoding="utf-8")


def test_a_literal_secret_is_refused_and_not_repeated(shell: Shell) -> None:
    (shell.folder / "e.yaml").write_text(
        f"inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings:\n  model_id: m\n  api_key: {CANARY}\n",
        encoding="utf-8",
    )
    finished = shell("validate", "e.yaml")
    assert finished.code == 1
    assert "e.yaml:6:" in finished.err
    assert "{env: " in finished.err
    assert CANARY not in finished.out + finished.err


def test_the_cluster_credentials_are_not_shown(shell: Shell) -> None:
    (shell.folder / "e.yaml").write_text(
        "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n",
        encoding="utf-8",
    )
    shell.environment |= {"ELASTICSEARCH_API_KEY": CANARY, "ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    refused = shell("plan", "e.yaml", "-vv")
    assert refused.code == 1
    assert CANARY not in refused.out + refused.err
    inside_url = shell("plan", "e.yaml", "--url", f"http://user:{CANARY}@127.0.0.1:9")
    assert inside_url.code in (1, 64)
    assert CANARY not in inside_url.out + inside_url.err
