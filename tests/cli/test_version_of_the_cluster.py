"""A file that the newest server refuses is right where the cluster is older: the real version decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import CANARY, Shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REMOVED = """\
inference_id: a
task_type: rerank
service: contextualai
service_settings: {model_id: m, url: "https://r.example.com", api_key: {env: KEY}}
"""
REQUIRED_LATER = """\
inference_id: a
task_type: completion
service: cohere
service_settings: {api_key: {env: KEY}}
"""


@pytest.mark.parametrize(
    ("text", "version", "said"),
    [(REMOVED, "9.4", "url was removed after 9.4"), (REQUIRED_LATER, "8.17", "model_id is missing")],
)  # fmt: skip
def test_the_real_version_decides(
    shell: Shell, folder: Callable[[dict[str, str]], Path], text: str, version: str, said: str
) -> None:
    shell.environment["KEY"] = CANARY
    files = folder({"a.yaml": text})
    newest = shell("plan", "--emulator", files)
    assert newest.code == 1
    assert said in newest.err
    older = ("--emulator", "--emulator-version", version, "--manage", "a")
    planned = shell("plan", *older, files, "--detailed-exitcode")
    assert planned.code == 2, planned.err
    assert said not in planned.err
    assert shell("apply", *older, files, "--yes").code == 0
    assert shell("plan", *older, "-", "--detailed-exitcode", stdin=text).code == 0


def test_errors_of_every_version_need_no_cluster(shell: Shell, folder: Callable[[dict[str, str]], Path]) -> None:
    shell.environment["ELASTICSEARCH_URL"] = "http://127.0.0.1:1"
    found = shell("plan", folder({"a.yaml": "inference_id: a\n"}))
    assert found.code == 1
    assert "endpoint.missing-field" in found.err
    assert "127.0.0.1" not in found.err
    unreachable = shell("plan", folder({"a.yaml": REMOVED}))
    assert unreachable.code == 1
    assert "url was removed after 9.4" in unreachable.err
