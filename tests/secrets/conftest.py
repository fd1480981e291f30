from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Desk]:
    def make(version: str = "9.5", scope: str = "team") -> Desk:
        return Desk(tmp_path, monkeypatch, capsys, version, scope)

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
