"""What a command loads before it works, and how it ends when it is called wrongly."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.running import clean_environment

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Shell

HEAVY = ("httpx", "pydantic", "yaml", "deepdiff", "rich")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys; from inferctl.cli.app import run; code = run(sys.argv[1:]);"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stderr.split()
    assert "inferctl" in loaded
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize(
    "arguments",
    [["plam"], ["plan", "--nope"], ["plan", "--report", "pdf=x"], ["plan", "--color", "red"], []],
)
def test_a_wrong_command_line_is_64(shell: Shell, arguments: list[str]) -> None:
    finished = shell(*arguments)
    assert finished.code == 64
    assert "Traceback" not in finished.err


def test_a_near_miss_is_suggested(shell: Shell) -> None:
    assert "plan" in shell("plam").err


def test_no_cluster_is_a_sentence_not_a_stack(shell: Shell) -> None:
    (shell.folder / "e.yaml").write_text(
        "inference_id: a\ntask_type: rerank\nservice: cohere\nservice_settings: {model_id: m, api_key: {env: K}}\n",
        encoding="utf-8",
    )
    missing = shell("plan", "e.yaml")
    assert missing.code == 1
    assert "ELASTICSEARCH_URL" in missing.err
    refused = shell("plan", "e.yaml", "--url", "http://127.0.0.1:9")
    assert refused.code == 1
    assert "127.0.0.1:9" in refused.err
    assert "Traceback" not in missing.err + refused.err


def test_colour_in_a_pipe_only_when_asked(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    assert "\x1b[" not in shell("validate", "bad.yaml").err
    coloured = shell("validate", "bad.yaml", "--color", "always").err
    assert "\x1b[" in coloured
    shell.environment["FORCE_COLOR"] = "1"
    assert shell("validate", "bad.yaml").err == coloured
    assert "\x1b[" not in shell("validate", "bad.yaml", "--color", "never").err
