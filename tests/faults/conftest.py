"""The sweep in numbers, at the end of what pytest prints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from .commands import quick_commands
from .scenarios import SCENARIOS, World, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .commands import Commands


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    with quick_commands() as started:
        yield started


@pytest.fixture(scope="session")
def world(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """The world of a scenario by its name, made once."""
    worlds: dict[str, World] = {}

    def of(name: str) -> World:
        if name not in worlds:
            scenario = next(scenario for scenario in SCENARIOS if scenario.name == name)
            worlds[name] = made(scenario, commands, tmp_path_factory.mktemp("world"))
        return worlds[name]

    return of


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                counts.update({name: value for name, value in report.user_properties if name.startswith("sweep ")})
    if counts:
        terminalreporter.write_line(
            f"sweep: {counts['sweep pairs']} pairs, {counts['sweep violations']} violations, "
            f"{counts['sweep known']} known, {counts['sweep seconds']:.0f} s"
        )
