"""Two processes against one real node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.ledger.runners import *  # noqa: F403  the cases are the tests
from tests.ledger.runners import Race

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Node

pytestmark = [pytest.mark.live, pytest.mark.timeout(1800)]


@pytest.fixture
def race(node: Node, tmp_path: Path) -> Iterator[Race]:
    made = Race(node.url, node.call, tmp_path)
    made.clear()
    yield made
    made.clear()
