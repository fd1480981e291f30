"""Fixtures of the emulator's contract tests. Pages named in docstrings are those of docs/reference/server."""

from __future__ import annotations

import pytest

from .api import Api


@pytest.fixture
def api() -> Api:
    """A cluster of the newest line."""
    return Api()
