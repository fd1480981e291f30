"""A pytest plugin: keeps each good exchange of any test with an emulator in this process, for test_openapi.py.

What hypothesis draws is left out: it differs from run to run, and so would the list of known differences. So is what
an emulator with a changed profile says: no server is like that.
`INFERCTL_SPEC_RECORD` names the folder; each process writes one file there, a line of JSON for each exchange.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inferctl.emulator import adapter
from inferctl.emulator.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from inferctl.emulator.cluster import Cluster

_seen: set[str] = set()
_drawing = False


def pytest_runtest_setup(item: pytest.Item) -> None:
    global _drawing  # noqa: PLW0603  the hook and the recorder meet nowhere else
    _drawing = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


def pytest_configure(config: pytest.Config) -> None:
    answer = adapter._answer

    def recording(cluster: Cluster, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        reply = answer(cluster, method, target, headers, body)
        if (
            not _drawing
            and PROFILES.get(cluster.profile.name) == cluster.profile
            and target.startswith("/_inference")
            and reply.status < 300
            and "json" in reply.headers["Content-Type"]
        ):
            sent = body.decode("utf-8-sig", errors="replace") or None
            line = [cluster.profile.name, method, target, sent, reply.status, reply.body.decode()]
            _seen.add(json.dumps(line))
        return reply

    adapter._answer = recording


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = Path(os.environ["INFERCTL_SPEC_RECORD"])
    (folder / f"{os.getpid()}.jsonl").write_text("\n".join(sorted(_seen)) + "\n", encoding="utf-8")
