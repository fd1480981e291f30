"""For all rooms. Machines that run tests are shared and slow: no example has a deadline, the suite has one.
For the same reason nobody minds how long it takes to draw one.

What decides whether a change lands must not hang on luck: the examples are the same in each run. Another search is
`./test --hypothesis-profile=search --hypothesis-seed=random`; what it finds becomes an `@example`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from inferctl.applier import writer

from .forked import forked_inferctl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SLOW = [HealthCheck.too_slow]
settings.register_profile("same each time", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("search", deadline=None, derandomize=False, max_examples=1000, suppress_health_check=_SLOW)
settings.load_profile("same each time")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories begin first, in whatever order the rest is: at the end they would keep one core busy."""
    items.sort(key=lambda item: "stateful" not in item.path.parts)


@pytest.fixture(autouse=True, scope="session")
def _looks_again_soon() -> Iterator[None]:
    """What is maybe done is looked for as often as ever, and nobody waits for it here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "LOOK_AGAIN_S", tuple(seconds / 100 for seconds in writer.LOOK_AGAIN_S))
        yield


@pytest.fixture(scope="session")
def inferctl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The command as a program, for tests that start many (`tests/forked.py`)."""
    with forked_inferctl(tmp_path_factory.mktemp("forked")) as program:
        yield program
