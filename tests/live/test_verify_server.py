"""scripts/verify-server against a real node: it reads only, or leaves nothing behind; its answers say what was seen."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.running import ROOT, clean_environment

if TYPE_CHECKING:
    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


def answers(node: Node, *flags: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "verify-server"), "--url", node.url, *flags],
        env=clean_environment() | ({"ELASTICSEARCH_API_KEY": node.api_key} if node.api_key else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def ids(node: Node) -> list[str]:
    return sorted(endpoint["inference_id"] for endpoint in node.call("GET", "/_inference/_all")["endpoints"])


def test_reads_only(node: Node) -> None:
    before = ids(node)
    report = answers(node)
    assert report["server"]["number"] == node.call("GET", "/")["version"]["number"]
    assert len(report["answers"]) > 3
    assert ids(node) == before


def test_writes_leave_nothing_behind(node: Node) -> None:
    before = ids(node)
    report = answers(node, "--writes")
    assert any(not step["request"].startswith("GET ") for answer in report["answers"] for step in answer["steps"])
    assert not any("left_behind" in answer for answer in report["answers"])
    assert ids(node) == before
