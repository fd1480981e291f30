"""The programs that the action runs, and a forge to tell."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from tests.forked import serving, write_program
from tests.running import ROOT

from .github import Api, serving_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with `python` and `inferctl`, as the environment that the action installs has them."""
    folder = tmp_path_factory.mktemp("bin")
    address = folder / "socket"
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with serving(
        [sys.executable, "-W", "error", "-m", "tests.ci_kit.programs", str(address)], {**os.environ, "PYTHONPATH": path}
    ):
        for name in ("python", "inferctl"):
            write_program(folder / name, address)
        yield folder


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    with serving_api(made):
        yield made
