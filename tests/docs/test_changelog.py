"""CHANGELOG.md has the form that CONTRIBUTING.md asks for (#change-notes)."""

from __future__ import annotations

import re
import tomllib
from datetime import date

import pytest

from .pages import ROOT

VERSION = re.compile(r"## (\d+)\.(\d+)\.(\d+) - (\d{4}-\d\d-\d\d)")
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Known limits"]


def faults(text: str, version: str) -> list[str]:
    """What is wrong with a changelog of a program of this version."""
    head, *parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    found = [] if head.startswith("# Changelog\n") else ["no title"]
    found += [f"line {number} is too long" for number, line in enumerate(text.splitlines(), 1) if len(line) > 120]
    released = []
    for position, part in enumerate(parts):
        heading, _, body = part.partition("\n")
        match = VERSION.fullmatch(heading)
        if match:
            released.append((tuple(map(int, match.groups()[:3])), date.fromisoformat(match[4])))
        elif heading != "## Unreleased" or position:
            found.append(f"{heading}: neither a version with its day nor, at the top, Unreleased")
        found += [f"{heading}: {fault}" for fault in _faults_of_part(body)]
    for numbers_or_days in zip(*released, strict=True):
        if list(numbers_or_days) != sorted(numbers_or_days, reverse=True):
            found.append("versions and days are not in order, the newest first")
    if released and released[0][0] > tuple(map(int, version.split("."))):
        found.append(f"{released[0][0]} is newer than the program")
    return found


def _faults_of_part(body: str) -> list[str]:
    before, *kinds = re.split(r"^### ", body, flags=re.MULTILINE)
    found = [f"{before.strip()!r} has no kind"] if before.strip() else []
    names = [kind.partition("\n")[0] for kind in kinds]
    if names != [name for name in KINDS if name in names]:
        found.append(f"kinds are {names}, not some of {KINDS} in this order")
    for kind in kinds:
        name, _, text = kind.partition("\n")
        entries = re.split(r"^- ", text.strip("\n"), flags=re.MULTILINE)
        if entries[0] or len(entries) == 1:
            found.append(f"{name}: not a list of entries")
        found += [f"{name}: no sentence: {entry}" for entry in entries[1:] if not entry.rstrip().endswith(".")]
        found += [
            f"{name}: further lines are indented: {entry}"
            for entry in entries[1:]
            if re.search(r"\n(?! {2}\S|\n|\Z)", entry.rstrip("\n"))
        ]
    return found


def test_the_changelog_has_the_form() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert faults((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version) == []


GOOD = """\
# Changelog

## Unreleased

### Added

- A thing that
  takes two lines.
- Another.

### Fixed

- A fault.

## 0.2.0 - 2027-02-01

### Security

- A hole.

## 0.1.0 - 2027-01-01
"""


def test_the_form_is_a_form() -> None:
    assert faults(GOOD, "0.2.0") == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("# Changelog", "# News"),
        ("## Unreleased", "## Next"),
        ("## 0.2.0 - 2027-02-01", "## 0.2.0"),
        ("## 0.2.0 - 2027-02-01", "## Unreleased"),
        ("## 0.2.0 - 2027-02-01", "## 0.0.9 - 2027-02-01"),
        ("## 0.2.0 - 2027-02-01", "## 0.2.0 - 2026-02-01"),
        ("## 0.2.0 - 2027-02-01", "## 0.3.0 - 2027-02-01"),
        ("### Added", "### New"),
        ("### Fixed", "### Added"),
        ("### Security\n\n- A hole.", "- A hole."),
        ("- A hole.", "A hole."),
        ("- A hole.", ""),
        ("- Another.", "- another thing"),
        ("  takes two", "takes two"),
        ("- Another.", f"- {'long ' * 30}."),
    ],
)
def test_each_slip_is_found(right: str, wrong: str) -> None:
    assert GOOD.count(right) == 1
    assert len(faults(GOOD.replace(right, wrong), "0.2.0")) >= 1
