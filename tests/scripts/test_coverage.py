"""The table of what the tests reach: counts are added up by room, and nothing is rounded up to all."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import pytest
from tests.running import ROOT


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = spec_from_loader("coverage_script", SourceFileLoader("coverage_script", str(ROOT / "scripts" / "coverage")))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def counts(*numbers: int) -> dict[str, dict[str, int]]:
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    return {"summary": dict(zip(names, numbers, strict=True))}


def test_files_are_added_up_by_room(tool: Any) -> None:
    report = {
        "files": {
            "src/inferctl/planner/decide.py": counts(10, 9, 4, 3),
            "src/inferctl/planner/file/decode.py": counts(20, 20, 2, 1),
            "src/inferctl/errors.py": counts(5, 5, 0, 0),
        }
    }
    rooms = tool.by_room(report)
    assert rooms == {"planner": [30, 29, 6, 4], "inferctl": [5, 5, 0, 0], "all": [35, 34, 6, 4]}
    assert [line.split() for line in tool.table(rooms).splitlines()[1:]] == [
        ["inferctl", "5", "100.0", "0", "100.0"],
        ["planner", "30", "96.6", "6", "66.6"],
        ["all", "35", "97.1", "6", "66.6"],
    ]


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(0, 0, "100.0"), (0, 7, "0.0"), (1999, 2000, "99.9"), (7, 7, "100.0")]
)
def test_only_all_is_a_hundred(tool: Any, part: int, whole: int, shown: str) -> None:
    assert tool.percent(part, whole) == shown
