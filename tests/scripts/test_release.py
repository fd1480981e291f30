"""The release script: which version it would release. tests/packaging carries it out."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

import pytest
from tests.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PYPROJECT = '[project]\nname = "inferctl"\nversion = "1.2.0"\n'


@pytest.fixture(scope="module")
def version_to_release() -> Callable[[str, str], str]:
    function: Callable[[str, str], str] = runpy.run_path(str(ROOT / "scripts" / "release"))["version_to_release"]
    return function


def test_the_version_heads_the_changelog(version_to_release: Callable[[str, str], str]) -> None:
    changelog = "# Changelog\n\n## 1.2.0 - 2027-01-31\n\n### Added\n\n- A.\n\n## 1.1.0 - 2026-12-24\n"
    assert version_to_release(PYPROJECT, changelog) == "1.2.0"


@pytest.mark.parametrize(
    "changelog",
    [
        "# Changelog\n",
        "# Changelog\n\n## Unreleased\n\n### Added\n\n- A.\n\n## 1.2.0 - 2027-01-31\n",
        "# Changelog\n\n## 1.1.0 - 2026-12-24\n",
        "# Changelog\n\n## 1.2.0\n",
    ],
    ids=["none", "unreleased", "another", "no day"],
)
def test_no_other_heading_will_do(changelog: str, version_to_release: Callable[[str, str], str]) -> None:
    with pytest.raises(SystemExit, match=r"CHANGELOG.md begins with .* pyproject.toml has 1\.2\.0"):
        version_to_release(PYPROJECT, changelog)
