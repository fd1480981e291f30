"""The page about the tests names each of their folders, and each file that they share, once."""

from __future__ import annotations

import re

from tests.running import ROOT

TESTS = ROOT / "tests"


def test_each_folder_and_shared_file_is_named_once() -> None:
    page = (TESTS / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z_]+(?:\.py)?)` \|", page, re.MULTILINE)
    folders = sorted({file.relative_to(TESTS).parts[0] for file in TESTS.glob("[!_]*/[!_]*.*")})
    shared = sorted(file.name for file in TESTS.glob("*.py") if file.name != "conftest.py")
    assert sorted(name for name in named if "." not in name) == folders
    assert sorted(name for name in named if "." in name) == shared
