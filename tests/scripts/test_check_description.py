"""What the job on the published description makes of its counts."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import pytest
from tests.running import ROOT

from inferctl.emulator.adapter import broken
from inferctl.emulator.cluster import Cluster


@pytest.fixture(scope="module")
def job() -> Any:
    loader = SourceFileLoader("check_description", str(ROOT / "scripts/check-description"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look there
    loader.exec_module(module)
    return module


GOOD = {"statuses": {"400": 3, "200": 2}, "known": {"page": 2}}
ENDINGS = [
    (GOOD, "", True),
    ({**GOOD, "lost": 1}, "", False),
    (GOOD, "the emulator failed on GET /_inference: KeyError\n", False),
    ({}, "", False),  # nothing was asked
]


@pytest.mark.parametrize(("counts", "log", "well"), ENDINGS)
def test_what_ends_well(job: Any, counts: dict[str, Any], log: str, well: bool) -> None:
    """A lost answer or a failure of the emulator never does."""
    assert job.summary(job.Counts(**counts), log)[1] == well


def test_what_is_said(job: Any) -> None:
    lines, _ = job.summary(job.Counts(**GOOD, lost=1), "")
    assert lines == [
        "cases: 6 (200: 2, 400: 3)",
        "known to differ: 2 x page",
        "dropped connections: 1",
        "failures of the emulator: 0",
    ]


def test_the_words_that_it_looks_for_are_those_of_the_emulator(job: Any, caplog: pytest.LogCaptureFixture) -> None:
    broken(Cluster.of(), "GET /x", KeyError("a"))
    assert job.summary(job.Counts(**GOOD), caplog.text) == (
        [
            "cases: 5 (200: 2, 400: 3)",
            "known to differ: 2 x page",
            "dropped connections: 0",
            "failures of the emulator: 1",
        ],
        False,
    )
