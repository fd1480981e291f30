"""What may be installed beside inferctl: locked with hashes, and no version with a known advisory."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
DECLARED = [
    Requirement(line)
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
]
# Package, advisory, first version without it. A floor is raised here and in pyproject.toml.
ADVISORIES = (
    ("anyio", "CVE-2026-63374", "4.14.2"),
    ("anyio", "CVE-2026-64847", "4.14.2"),
    ("certifi", "CVE-2024-39689", "2024.7.4"),
    ("click", "CVE-2026-7246", "8.3.3"),
    ("deepdiff", "CVE-2025-58367", "8.6.1"),
    ("deepdiff", "GHSA-54jj-px8x-5w5q", "8.6.2"),
    ("h11", "CVE-2025-43859", "0.16.0"),
    ("httpx", "CVE-2021-41945", "0.23.0"),
    ("idna", "CVE-2026-45409", "3.15"),
    ("pydantic", "CVE-2024-3772", "2.4.0"),
    ("pygments", "CVE-2026-4539", "2.20.0"),
    ("pyyaml", "CVE-2020-14343", "5.4"),
)


def pins(text: str) -> dict[str, tuple[str, str]]:
    """Version and whole entry of each name in a lock. A line that is none of an entry ends the test."""
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)
    assert not re.sub(r"^\s*#.*$", "", entries[0], flags=re.MULTILINE).strip(), "what is not a pinned name"
    found: dict[str, tuple[str, str]] = {}
    for entry in entries[1:]:
        name = re.match(r"([\w.-]+)==([^\s;\\]+)", entry)
        assert name, f"not pinned: {entry}"
        found[canonicalize_name(name[1])] = (name[2], entry)
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_each_name_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pinned = pins(text)
    assert pinned
    assert not [name for name, (_, entry) in pinned.items() if "--hash=sha256:" not in entry]
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE), "an option of pip"


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_a_lock_keeps_what_the_package_asks_for(name: str) -> None:
    pinned = pins((ROOT / "requirements" / name).read_text(encoding="utf-8"))
    assert not [str(r) for r in DECLARED if not r.specifier.contains(pinned[canonicalize_name(r.name)][0])]


def test_no_version_with_a_known_advisory_may_be_installed() -> None:
    floors = {
        canonicalize_name(r.name): Version(bound.version)
        for r in DECLARED
        for bound in r.specifier
        if bound.operator == ">="
    }
    nothing = Version("0")
    assert [row for row in ADVISORIES if floors.get(canonicalize_name(row[0]), nothing) < Version(row[2])] == []
