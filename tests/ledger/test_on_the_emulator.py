"""The ledger's cases on the emulator; tests/live runs them on a real node."""

from __future__ import annotations

import pytest
from tests.emulated import Emulated

from .cases import *  # noqa: F403  the cases are the tests
from .cases import Site


@pytest.fixture
def site() -> Site:
    emulated = Emulated()
    return Site(emulated.client, emulated.call)
